"""GPU-hours are used up: people are told at three quarters, nine tenths and at the end, and then what policy says happens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from portal.core import audit
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.states import advance
from resources.models import Grant, GrantNotice
from resources.models.grant_notice import GrantNoticeQuerySet
from resources.queries.budgets import STEPS, Budget, budget_of
from resources.services.grant_notices import grant_topics, notify_of_grant
from resources.services.grants import tell
from resources.services.quotas import set_wanted
from tenants.models import PolicyRule
from tenants.queries.policies import policies_of

State = Grant.State
RUNNING = (State.ACTIVE, State.EXPIRING, State.GRACE)
Key = PolicyRule.Key
ALL = 100


def watch(now: datetime | None = None) -> int:
    """Look at every budget that is being used; how many were told of or ended. Late or twice, each step is told once."""
    moment = now or timezone.now()
    ids = (
        Grant.objects.filter(state__in=RUNNING, budget_hours__isnull=False).order_by("pk").values_list("pk", flat=True)
    )
    return sum(_watch(pk, moment) for pk in list(ids))


@transaction.atomic
def _watch(grant_id: int, now: datetime) -> bool:
    grant = (
        Grant.objects.select_related("pool__cluster", "pool__kind", "share", "tenant", "authority", "environment")
        .get(pk=grant_id)
    )  # fmt: skip
    hold("pool", grant.pool_id)
    grant.refresh_from_db(fields=["state"])
    if grant.state not in RUNNING:
        return False
    budget = budget_of(grant, now)
    return _say(grant, budget) or _end(grant, budget, now)


def _say(grant: Grant, budget: Budget) -> bool:
    """Tell of the highest step that was reached and not told of."""
    told = set(_notices(grant).values_list("step", flat=True))
    fresh = [step for step in STEPS if budget.reached(step) and step not in told]
    if not fresh:
        return False
    GrantNotice.objects.bulk_create(
        GrantNotice(
            tenant_id=grant.tenant_id, authority_id=grant.authority_id, grant=grant, about=GrantNotice.About.BUDGET,
            step=step, told=step == fresh[-1],
        )
        for step in fresh
    )  # fmt: skip
    act = f"grant.budget_{fresh[-1]}"
    audit.record(
        act, acting_user=None, target=grant, tenant=grant.tenant, authority=grant.authority,
        after={"step": fresh[-1], "used_hours": round(budget.used_hours, 2), "budget_hours": budget.hours},
    )  # fmt: skip
    announce("grant.changed", topics=grant_topics(grant), grant=str(grant.public_id))
    notify_of_grant(act, grant)
    return True


def _end(grant: Grant, budget: Budget, now: datetime) -> bool:
    """Lower it to zero where policy says so, and the notice that all is used is old enough."""
    if not budget.reached(ALL):
        return False
    office = grant.share.authority_id
    said = policies_of([office], (Key.BUDGET_LOWERS, Key.BUDGET_DAYS))
    notice = _notices(grant).filter(step=ALL).first()
    if not said[office, Key.BUDGET_LOWERS] or notice is None:
        return False
    if notice.created_at + timedelta(days=said[office, Key.BUDGET_DAYS]) > now:
        return False
    before = grant.state
    advance(grant, State.EXHAUSTED, ended_at=now)
    set_wanted(grant.environment, grant.pool)
    tell("grant.exhausted", grant, before, used_hours=round(budget.used_hours, 2), budget_hours=budget.hours)
    notify_of_grant("grant.exhausted", grant)
    return True


def _notices(grant: Grant) -> GrantNoticeQuerySet:
    return GrantNotice.objects.filter(grant=grant, about=GrantNotice.About.BUDGET)
