"""What was really done with what is promised: a tenant's GPUs of one pool, hour by hour, as its source measured them.

Collectors know tenants, not grants. Where a tenant holds several grants of a pool, its use is that of all of them
together, and says so. An hour in which the cluster was not read is left out: it is unknown, neither use nor idleness.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from resources.models import CapacityPool, Grant, PoolHour, SampleHour

HOUR = timedelta(hours=1)
HOUR_S = 3600
MINUTE_S = 60
LAST_DAYS = 30
USUAL = 0.95
"""Of the hours: what a tenant needs in so many of them is what it needs."""
FEWEST_HOURS = 24
"""Fewer measured hours say nothing about what somebody needs."""
BEGAN = (*Grant.COUNTING, "expired", "revoked", "superseded", "exhausted")


@dataclass(frozen=True, slots=True)
class UseHour:
    """One measured hour. ``covered_s``: seconds of it that were measured; the others are GPU-seconds in them."""

    at: datetime
    covered_s: int
    promised: int
    allocated_s: int
    busy_s: int

    @property
    def allocated(self) -> float:
        """GPUs, in the mean over what was measured."""
        return self.allocated_s / self.covered_s

    @property
    def busy(self) -> float:
        return self.busy_s / self.covered_s


@dataclass(frozen=True, slots=True)
class Use:
    """A tenant's use of a pool from ``since`` until just before ``until``, in whole hours, oldest first.

    ``others``: whether several of its grants are in it.
    """

    since: datetime
    until: datetime
    hours: tuple[UseHour, ...]
    others: bool = False

    @property
    def whole_hours(self) -> int:
        """How many hours there were to measure."""
        return max(0, int((self.until - self.since) / HOUR))

    @property
    def coverage(self) -> float:
        """The share of the time that was measured, 0..1."""
        return sum(each.covered_s for each in self.hours) / (HOUR_S * self.whole_hours) if self.whole_hours else 0.0

    @property
    def promised_hours(self) -> float:
        """GPU-hours promised in the time that was measured."""
        return sum(each.promised * each.covered_s for each in self.hours) / HOUR_S

    @property
    def allocated_hours(self) -> float:
        return sum(each.allocated_s for each in self.hours) / HOUR_S

    @property
    def busy_hours(self) -> float:
        return sum(each.busy_s for each in self.hours) / HOUR_S

    @property
    def allocated_ratio(self) -> float | None:
        """Allocated of promised, 0..1 and more where somebody is over quota; None: nothing was measured."""
        return self.allocated_hours / self.promised_hours if self.promised_hours else None

    @property
    def busy_ratio(self) -> float | None:
        return self.busy_hours / self.promised_hours if self.promised_hours else None

    @property
    def measured_until(self) -> datetime | None:
        """The end of the last hour that was measured."""
        return self.hours[-1].at + HOUR if self.hours else None

    @property
    def says_enough(self) -> bool:
        return len(self.hours) >= FEWEST_HOURS

    @property
    def usual_busy(self) -> int:
        """GPUs that were enough in 95 of 100 measured hours for all that was busy."""
        return usual(each.busy for each in self.hours)

    @property
    def usual_allocated(self) -> int:
        return usual(each.allocated for each in self.hours)

    def last(self, days: int) -> Use:
        """The same, only its last days."""
        since = max(self.since, self.until - timedelta(days=days))
        return Use(since, self.until, tuple(each for each in self.hours if each.at >= since), self.others)


def usual(values: Iterable[float]) -> int:
    """The smallest whole number that 95 of 100 of the values do not exceed; 0 of none (nearest-rank percentile)."""
    ranked = sorted(values)
    if not ranked:
        return 0
    return math.ceil(round(ranked[math.ceil(USUAL * len(ranked)) - 1], 6))


def use_of_pool(tenant_id: int, pool: CapacityPool, since: datetime, until: datetime) -> Use:
    """Measured hours of a tenant on a pool within whole hours of the period. Three queries, however long it is."""
    begin, end = _next_hour(since), until.replace(minute=0, second=0, microsecond=0)
    grants = list(
        Grant.objects.filter(
            tenant=tenant_id, pool=pool, state__in=BEGAN, starts_at__lt=max(begin, end)
        ).only("amount", "starts_at", "ends_at", "grace_until", "ended_at", "state")
    )  # fmt: skip
    grants = [grant for grant in grants if grant.over_at > begin]
    read = PoolHour.objects.filter(pool=pool, hour__gte=begin, hour__lt=end).order_by("hour")
    held = SampleHour.objects.filter(
        series__tenant=tenant_id, series__cluster=pool.cluster_id, series__kind=pool.kind_id, tenant=tenant_id,
        hour__gte=begin, hour__lt=end,
    )  # fmt: skip
    sums = {hour: (allocated, busy) for hour, allocated, busy in held.values_list("hour", "allocated_s", "busy_s")}
    hours = tuple(
        UseHour(at, minutes * MINUTE_S, promised_at(grants, at), *sums.get(at, (0, 0)))
        for at, minutes in read.values_list("hour", "minutes")
        if minutes
    )
    return Use(begin, max(begin, end), hours, others=len(grants) > 1)


def use_of_grant(grant: Grant, now: datetime | None = None) -> Use:
    """The use of a grant's pool by its tenant over the grant's life so far."""
    moment = now or timezone.now()
    return use_of_pool(grant.tenant_id, grant.pool, grant.starts_at, max(grant.starts_at, min(moment, grant.over_at)))


def use_with_former(grant: Grant, now: datetime | None = None) -> Use:
    """The same from the first of the grants on in whose place this one came, one after another; ``others``: those beside
    them.
    """
    line = [grant]
    while line[-1].supersedes_id:
        line.append(Grant.objects.get(pk=line[-1].supersedes_id))
    if len(line) == 1:
        return use_of_grant(grant, now)
    moment = max(grant.starts_at, min(now or timezone.now(), grant.over_at))
    use = use_of_pool(grant.tenant_id, grant.pool, line[-1].starts_at, moment)
    beside = Grant.objects.filter(tenant=grant.tenant_id, pool=grant.pool_id, state__in=BEGAN, starts_at__lt=use.until)
    rows = beside.exclude(pk__in=[each.pk for each in line])
    return replace(use, others=any(each.over_at > use.since for each in rows))


def promised_at(grants: Sequence[Grant], at: datetime) -> int:
    """GPUs of those grants that were in force at the moment."""
    return sum(grant.amount for grant in grants if grant.starts_at <= at < grant.over_at)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How many GPUs the measured use speaks for, and what it says. ``elsewhere``: GPUs that the tenant's other grants of
    the pool give it anyway.
    """

    gpus: int
    use: Use
    elsewhere: int
    asked: int

    @property
    def is_less(self) -> bool:
        return self.gpus < self.asked


def suggestion(grant: Grant, asked: int, use: Use, at: datetime | None = None) -> Suggestion | None:
    """What to give instead of ``asked`` when the grant is continued, from its last thirty days; None: too little known.

    ``at``: when that begins; grants that are over by then give nothing any more.
    """
    recent = use.last(LAST_DAYS)
    if not recent.says_enough:
        return None
    moment = at or grant.ends_at
    rows = Grant.objects.counting().filter(tenant=grant.tenant_id, pool=grant.pool_id).exclude(pk=grant.pk)
    elsewhere = sum(
        other.amount
        for other in rows.exclude(supersedes=grant.pk)
        if other.starts_at <= moment < other.held_until
    )  # fmt: skip
    return Suggestion(min(asked, max(1, recent.usual_busy - elsewhere)), recent, elsewhere, asked)


def _next_hour(moment: datetime) -> datetime:
    floor = moment.replace(minute=0, second=0, microsecond=0)
    return floor if floor == moment else floor + HOUR
