"""GPUs that are out for maintenance: how many of a pool at each moment, and what can then be promised at most.

Only windows that take capacity away count here. Several on one pool add up, and no more are out than are installed: two
announcements are two works until somebody changes one of them. The database counts in the same way
(``resources/migrations/_windows_ahead.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from resources.models import CapacityPool, Cluster, MaintenanceWindow
from resources.quantities import HOUR, Promise
from resources.queries.supposing import Against, against
from resources.queries.timeline import Level, Timeline


@dataclass(frozen=True, slots=True)
class Outage:
    """One window as sums need it. ``pool``: id, None for every pool of the cluster; ``gpus``: None for all."""

    cluster: int
    pool: int | None
    gpus: int | None
    starts_at: datetime
    ends_at: datetime

    def of(self, pool: CapacityPool) -> Promise | None:
        """What of the pool is out, from when until when."""
        if self.cluster != pool.cluster_id or self.pool not in {None, pool.pk}:
            return None
        out = pool.installed if self.gpus is None else min(self.gpus, pool.installed)
        return Promise(out, self.starts_at, self.ends_at)


def outages(
    pools: Iterable[CapacityPool], since: datetime, until: datetime | None = None, but: int | None = None
) -> list[Outage]:
    """The windows that take capacity from any of the pools after ``since`` (and before ``until``); one query.

    One that is over takes nothing any more, wherever ``since`` lies. ``but``: id of a window that is left out.
    """
    since = max(since, timezone.now())
    rows = MaintenanceWindow.objects.counting().filter(
        cluster__in={pool.cluster_id for pool in pools}, ends_at__gt=since
    )
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    if but is not None:
        rows = rows.exclude(pk=but)
    return [Outage(*row) for row in rows.values_list("cluster", "pool", "gpus", "starts_at", "ends_at")]


def limit_of(pool: CapacityPool, windows: Iterable[Outage], since: datetime, until: datetime) -> Timeline:
    """What can be promised of the pool at each moment of the period."""
    out = [found for window in windows if (found := window.of(pool))]
    levels = Timeline((Level(since, until, 0),)).plus(out).levels
    return Timeline(tuple(Level(level.since, level.until, pool.promisable_without(level.promised)) for level in levels))


def limits(pools: Sequence[CapacityPool], since: datetime, until: datetime) -> dict[int, Timeline]:
    """Pool id → what can be promised of it at each moment of the period; one query for any number of pools."""
    windows = outages(pools, since, until)
    return {pool.pk: limit_of(pool, windows, since, until) for pool in pools}


def promisable_at(pools: Sequence[CapacityPool], moment: datetime) -> dict[int, int]:
    """Pool id → what can be promised of it at this moment; one query."""
    windows = outages(pools, moment)
    running = [window for window in windows if window.starts_at <= moment]
    found = {}
    for pool in pools:
        out = sum(promise.amount for window in running if (promise := window.of(pool)))
        found[pool.pk] = pool.promisable_without(out)
    return found


def tightest(promised: Timeline, limit: Timeline) -> Against:
    """The first of the moments at which least is left; both span the same period."""
    return max(against(promised, limit), key=lambda each: each.over)


def tightest_below(promised: Timeline, limit: Timeline, percent: int) -> int:
    """GPUs that are left up to the policy line at the moment when they are fewest; negative when past it."""
    return min(each.most * percent // 100 - each.promised for each in against(promised, limit))


def out_now(cluster: Cluster, now: datetime) -> dict[str, int]:
    """Short name of a kind → GPUs of the cluster's pool that are out at this moment, by windows of either kind.

    One query where nothing is out, two else.
    """
    running = list(MaintenanceWindow.objects.standing().filter(cluster=cluster, starts_at__lte=now, ends_at__gt=now))
    if not running:
        return {}
    pools = CapacityPool.objects.filter(cluster=cluster).select_related("kind")
    sums = {pool.kind.slug: sum(window.out_of(pool) for window in running) for pool in pools}
    return {slug: out for slug, out in sums.items() if out}


def out_at_hours(pool: CapacityPool, since: datetime, until: datetime) -> Callable[[datetime], int]:
    """Hour → the most GPUs of the pool that were out within it, by windows of either kind; one query."""
    rows = MaintenanceWindow.objects.standing().on_pool(pool).filter(starts_at__lt=until, ends_at__gt=since)
    found = [(window.starts_at, window.ends_at, window.out_of(pool)) for window in rows]
    return lambda at: min(pool.installed, sum(out for begins, ends, out in found if begins < at + HOUR and ends > at))
