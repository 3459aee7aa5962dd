"""Idle GPUs: found by measurement, told to the tenant more than once, and handed to the approvers when nobody answers.

The sweep may run late, twice, beside itself or never: each finding is looked at under a lock of its own, and says when it
was last told of. While a cluster is silent nothing is found, nobody is told and nothing goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.core import audit
from portal.core.access import live_now
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.notices import notify
from portal.core.states import advance
from portal.models import User
from resources.models import Grant, IdleFinding, IdleStep
from resources.queries.deciders import reaches
from resources.queries.idleness import Idle, IdleRules, candidates, idle_of, is_used_again, rules_for, use_now
from resources.services.grant_notices import grant_topics
from tenants.models import Membership
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids

State = IdleFinding.State
Act = IdleStep.Act
IN_FORCE = (Grant.State.ACTIVE, Grant.State.EXPIRING, Grant.State.GRACE, Grant.State.SUSPENDED)
TO_OFFICE = frozenset({"idle.justified", "idle.escalated", "idle.proposed", "idle.sent_back", "idle.released"})
TO_TENANT = frozenset(
    {
        "idle.told",
        "idle.told_again",
        "idle.told_last",
        "idle.accepted",
        "idle.refused",
        "idle.escalated",
        "idle.reclaimed",
    }
)


def sweep(now: datetime | None = None) -> int:
    """Look at everything: new findings, notices that are due, answers that ran out. How many findings moved."""
    moment = now or timezone.now()
    return find(moment) + go_on(moment)


def find(now: datetime) -> int:
    """New findings."""
    rows = sorted(candidates(now), key=lambda grant: (grant.tenant_id, grant.pool_id, -grant.pk))
    made = 0
    for (tenant_id, _pool), group in groupby(rows, key=lambda grant: (grant.tenant_id, grant.pool_id)):
        grants = list(group)
        for idle in idle_of(tenant_id, grants[0].pool, grants, now):
            made += _found(idle, now)
    return made


@transaction.atomic
def _found(idle: Idle, now: datetime) -> bool:
    grant = idle.grant
    hold("idle", grant.pk)
    if grant.idle_findings.filter(Q(state__in=IdleFinding.OPEN) | Q(quiet_until__gt=now)).exists():
        return False
    finding = IdleFinding.objects.create(
        tenant_id=grant.tenant_id, authority_id=grant.authority_id, grant=grant, gpus=idle.gpus, busy=idle.busy,
        promised=idle.promised, since=idle.use.since, until=idle.use.measured_until or now, hours=len(idle.use.hours),
    )  # fmt: skip
    tell("idle.found", Act.FOUND, finding, gpus=idle.gpus)
    return True


def go_on(now: datetime) -> int:
    """What is due about the open findings."""
    ids = IdleFinding.objects.open().exclude(state=State.AWAITING_SECOND).order_by("pk").values_list("pk", flat=True)
    return sum(_go_on(pk, now) for pk in list(ids))


@transaction.atomic
def _go_on(finding_id: int, now: datetime) -> bool:
    finding = held(finding_id)
    grant, rules = finding.grant, rules_for(finding.grant)
    if finding.state not in IdleFinding.OPEN or finding.state == State.AWAITING_SECOND:
        return False
    if grant.state not in IN_FORCE:
        advance(finding, State.DISMISSED, closed_at=now)
        tell("idle.dismissed", Act.ENDED, finding)
        return True
    use = use_now(grant, now)
    if use is None:
        return False  # silent, or not heard long enough again: what was measured is too old to go on with
    if is_used_again(finding, use, rules):
        advance(finding, State.DISMISSED, closed_at=now)
        tell("idle.dismissed", Act.USED, finding)
        return True
    return _next_step(finding, rules, now)


def _next_step(finding: IdleFinding, rules: IdleRules, now: datetime) -> bool:
    waited = finding.noticed_at is None or finding.noticed_at + timedelta(days=rules.notice_days) <= now
    if finding.state == State.JUSTIFIED:
        if finding.needed_until and finding.needed_until <= now:
            advance(finding, State.ESCALATED)
            tell("idle.escalated", Act.ESCALATED, finding)
            return True
        return False
    if not waited:
        return False
    if finding.notices < rules.notices:
        _notice(finding, rules, now)
        return True
    if finding.state == State.NOTIFIED:
        advance(finding, State.ESCALATED)
        tell("idle.escalated", Act.ESCALATED, finding)
        return True
    return False


def _notice(finding: IdleFinding, rules: IdleRules, now: datetime) -> None:
    number = finding.notices + 1
    if finding.state == State.OPEN:
        advance(finding, State.NOTIFIED, notices=number, noticed_at=now)
    else:
        IdleFinding.objects.filter(pk=finding.pk).update(notices=number, noticed_at=now)
        finding.notices, finding.noticed_at = number, now
    tell(notice_act(number, rules.notices), Act.TOLD, finding)


def notice_act(number: int, of: int) -> str:
    """What the notice is called: the first, the last, or one between them."""
    if number == 1:
        return "idle.told"
    return "idle.told_last" if number >= of else "idle.told_again"


def held(finding_id: int) -> IdleFinding:
    """The finding as it is now, held until the transaction ends."""
    row = IdleFinding.objects.select_related(
        "grant__share", "grant__pool__cluster", "grant__pool__kind", "grant__environment", "grant__tenant",
        "grant__authority", "tenant", "authority",
    )  # fmt: skip
    hold("idle", row.values_list("grant_id", flat=True).get(pk=finding_id))
    return row.get(pk=finding_id)


@transaction.atomic
def tell(
    act: str, step: Act, finding: IdleFinding, by: User | None = None, absent: User | None = None, text: str = "",
    gpus: int | None = None,
) -> None:  # fmt: skip
    """Write the step, record it, announce it, and tell whom it concerns."""
    grant = finding.grant
    IdleStep.objects.create(
        tenant_id=finding.tenant_id, authority_id=finding.authority_id, finding=finding, act=step, by=by,
        on_behalf_of=absent, text=text, gpus=gpus,
    )  # fmt: skip
    audit.record(
        act, acting_user=by, target=finding, tenant=finding.tenant, authority=finding.authority, reason=text,
        after={
            "state": finding.state, "idle": finding.gpus, "notices": finding.notices,
            **({"given_back": finding.given_back} if finding.given_back else {}),
            **({"on_behalf_of": absent.pk} if absent else {}),
        },
    )  # fmt: skip
    announce("idle.changed", topics=grant_topics(grant), finding=str(finding.public_id))
    notify(act, to=concerned(act, finding), target=finding, acting_user=by)


def concerned(act: str, finding: IdleFinding) -> list[int]:
    """Ids of the people who are told of an act: of the tenant, of the authority that pays, or of both."""
    people: list[int] = []
    with as_worker():
        if act in TO_TENANT:
            rows = Membership.objects.filter(live_now(), tenant_id=finding.tenant_id)
            if not rules_for(finding.grant).tells_all:
                rows = rows.filter(role__in=(TenantRole.OWNER, TenantRole.PROJECT_MANAGER))
            people += rows.values_list("user_id", flat=True)
        if act in TO_OFFICE:
            cluster = finding.grant.pool.cluster.public_id
            people += staff_ids([finding.grant.share.authority_id], AuthorityRole.QUOTA_APPROVER, reaches([cluster]))
    return people
