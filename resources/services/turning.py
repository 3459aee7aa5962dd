"""Grants turn with the calendar: they begin, come near their end, stay for their grace, and are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.core.errors import MovedMeanwhile
from portal.core.locks import hold
from portal.core.states import advance
from resources.models import Grant
from resources.models.grant import GrantQuerySet
from resources.queries.continuations import followed
from resources.queries.terms import Terms, longest_notice, terms_of
from resources.services.grant_notices import notify_of_grant, say_end
from resources.services.grants import tell
from resources.services.quotas import set_wanted

State = Grant.State
FINAL = (State.EXPIRED, State.SUPERSEDED)


def turn_grants(now: datetime | None = None) -> int:
    """Begin and end grants as their dates say; the number that moved. Run late, it catches up; run twice, it rests.

    All of one environment on one pool turn in one transaction: where one grant follows another, the quota goes from one
    amount to the other in a single step.
    """
    moment = now or timezone.now()
    places = due_grants(moment).order_by("environment", "pool").values_list("environment_id", "pool_id").distinct()
    return sum(_turn(environment, pool, moment) for environment, pool in list(places))


def due_grants(now: datetime) -> GrantQuerySet:
    """Grants that may have to move; those near their end are looked at one by one."""
    over = Q(grace_until__isnull=True, ends_at__lte=now) | Q(grace_until__lte=now)
    return Grant.objects.filter(
        Q(state=State.SCHEDULED, starts_at__lte=now)
        | Q(state=State.ACTIVE, ends_at__lte=now + timedelta(days=longest_notice()))
        | Q(state=State.EXPIRING, ends_at__lte=now)
        | Q(over, state__in=(State.GRACE, State.SUSPENDED))
    )


@transaction.atomic
def _turn(environment_id: int, pool_id: int, now: datetime) -> int:
    hold("pool", pool_id)
    due = due_grants(now).filter(environment=environment_id, pool=pool_id)
    rows = list(
        due.select_related("environment", "pool__cluster", "pool__kind", "share", "tenant", "authority").order_by("pk")
    )
    said, replaced = terms_of(grant.share.authority_id for grant in rows), followed(rows)
    moved = []
    for grant in rows:
        before = grant.state
        try:
            while to := next_state(grant, now, said[grant.share.authority_id], followed=grant.pk in replaced):
                advance(grant, to, **({"ended_at": now} if to in FINAL else {}))
        except MovedMeanwhile:
            continue  # somebody who held no pool was faster; the next sweep looks again
        if grant.state != before:
            moved.append((grant, before))
    for grant, before in moved:
        set_wanted(grant.environment, grant.pool)
        tell(f"grant.{grant.state}", grant, before)
        if grant.state == State.EXPIRING:
            say_end(grant, said[grant.share.authority_id], now)
        elif grant.state in {State.GRACE, State.EXPIRED}:
            notify_of_grant(f"grant.{grant.state}", grant)
    return len(moved)


def next_state(grant: Grant, now: datetime, terms: Terms, *, followed: bool = False) -> str | None:
    """Where the calendar takes it next; None: it stays. ``followed``: another grant comes in its place at its end."""
    over = grant.ends_at <= now
    match grant.state:
        case State.SCHEDULED:
            return State.ACTIVE if grant.starts_at <= now else None
        case State.ACTIVE if followed:
            return State.SUPERSEDED if over else None
        case State.ACTIVE:
            return State.EXPIRING if terms.moments(grant)[0][1] <= now else None
        case State.EXPIRING if over:
            return State.SUPERSEDED if followed else State.GRACE
        case State.GRACE | State.SUSPENDED if grant.held_until <= now:
            return State.SUPERSEDED if followed else State.EXPIRED
    return None
