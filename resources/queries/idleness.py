"""Which GPUs stand idle, from what was measured: never from silence.

A grant is idle when it was in force for the whole time that its authority's policy names and when, in 95 of 100 measured
hours of it, at most so many percent of what the tenant holds of the pool were busy. Of a time that was not measured nearly
throughout, or whose newest hours are missing, nothing is said. An hour of announced maintenance does not count where the
GPUs that were out could be those that stood idle, and no GPU counts as idle that was perhaps out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from resources.models import CapacityPool, Cluster, Grant, IdleFinding
from resources.queries.measured import Use, use_of_pool
from resources.queries.outages import out_at_hours
from tenants.models import PolicyRule, Tenant
from tenants.queries.policies import policies_of

Key = PolicyRule.Key
KEYS = (
    Key.IDLE_DAYS, Key.IDLE_PERCENT, Key.IDLE_NOTICES, Key.IDLE_NOTICE_DAYS, Key.IDLE_TELLS_ALL, Key.IDLE_SECOND_GPUS,
)  # fmt: skip
LOOKED_AT = (Grant.State.ACTIVE, Grant.State.EXPIRING)
MEASURED = 0.9
"""So much of the time has to be measured."""
FRESH = timedelta(hours=2)
"""The newest measured hour may have ended so long before the last whole hour."""
AGAIN_DAYS = 2
"""So many days of use end a finding."""


@dataclass(frozen=True, slots=True)
class IdleRules:
    """An authority's policy about idle GPUs."""

    days: int
    percent: int
    notices: int
    notice_days: int
    tells_all: bool
    second_gpus: int


@dataclass(frozen=True, slots=True)
class Idle:
    """GPUs of a grant that stand idle. ``promised``: what the tenant held of the pool all the time."""

    grant: Grant
    gpus: int
    busy: int
    promised: int
    use: Use


def rules_about_idle(authorities: Iterable[int]) -> dict[int, IdleRules]:
    """By the authority's id; one query."""
    wanted = {*authorities}
    said = policies_of(wanted, KEYS)
    return {
        pk: IdleRules(
            said[pk, Key.IDLE_DAYS], said[pk, Key.IDLE_PERCENT], said[pk, Key.IDLE_NOTICES], said[pk, Key.IDLE_NOTICE_DAYS],
            bool(said[pk, Key.IDLE_TELLS_ALL]), said[pk, Key.IDLE_SECOND_GPUS],
        )
        for pk in wanted
    }  # fmt: skip


def rules_for(grant: Grant) -> IdleRules:
    """Those of the authority whose share pays."""
    return rules_about_idle([grant.share.authority_id])[grant.share.authority_id]


def candidates(now: datetime) -> list[Grant]:
    """Grants that may be idle: in force for long enough, on a cluster in service, with nobody asking about them yet."""
    rows = Grant.objects.filter(
        state__in=LOOKED_AT, budget_hours__isnull=True, pool__cluster__state=Cluster.State.ACTIVE,
        tenant__state=Tenant.State.ACTIVE, starts_at__lt=now,
    ).exclude(idle_findings__state__in=IdleFinding.OPEN).exclude(idle_findings__quiet_until__gt=now)  # fmt: skip
    found = list(rows.select_related("share", "pool__cluster", "pool__kind", "tenant", "environment").order_by("-pk"))
    said = rules_about_idle(grant.share.authority_id for grant in found)
    return [
        grant
        for grant in found
        if (days := said[grant.share.authority_id].days) and grant.starts_at <= now - timedelta(days=days)
    ]


def idle_of(tenant_id: int, pool: CapacityPool, grants: list[Grant], now: datetime) -> list[Idle]:
    """What of these grants of one tenant and pool stands idle; the newest gives first. Nothing where too little is known."""
    said = rules_about_idle(grant.share.authority_id for grant in grants)
    longest = max(rules.days for rules in said.values())
    whole = use_of_pool(tenant_id, pool, now - timedelta(days=longest), now)
    held = Grant.objects.filter(tenant=tenant_id, pool=pool, state__in=LOOKED_AT, budget_hours__isnull=True)
    out = out_at_hours(pool, whole.since, whole.until)
    found, taken = [], 0
    for grant in grants:
        rules = said[grant.share.authority_id]
        use, missing = without_maintenance(whole.last(rules.days), out)
        if not is_known(use, rules.days):
            continue
        promised = sum(held.filter(starts_at__lte=use.since).values_list("amount", flat=True))
        busy = use.usual_busy
        gpus = min(grant.amount, promised - busy - missing - taken)
        if promised and 100 * busy <= rules.percent * promised and gpus > 0:
            taken += gpus
            found.append(Idle(grant, gpus, busy, promised, use))
    return found


def without_maintenance(use: Use, out: Callable[[datetime], int]) -> tuple[Use, int]:
    """Without the hours in which all that stood idle may have been out; and the most that was out in the others."""
    kept = tuple(each for each in use.hours if not (gone := out(each.at)) or gone < each.promised - each.busy)
    return replace(use, hours=kept), max((out(each.at) for each in kept), default=0)


def is_known(use: Use, days: int) -> bool:
    """Whether that was measured nearly throughout, and lately."""
    long_enough = use.whole_hours >= 24 * days - 1  # the hour in which the time begins is not whole
    return bool(
        long_enough
        and use.coverage >= MEASURED
        and use.measured_until is not None
        and use.until - use.measured_until <= FRESH
    )


def use_now(grant: Grant, now: datetime) -> Use | None:
    """The last days of a grant's pool, if they are known."""
    use = use_of_pool(grant.tenant_id, grant.pool, now - timedelta(days=AGAIN_DAYS), now)
    use, _missing = without_maintenance(use, out_at_hours(grant.pool, use.since, use.until))
    return use if is_known(use, AGAIN_DAYS) else None


def is_used_again(finding: IdleFinding, use: Use, rules: IdleRules) -> bool:
    """Whether the last days show more use than makes a finding."""
    return 100 * use.usual_busy > rules.percent * finding.promised
