"""GPUs that are out for maintenance: how many of a pool at each moment, and what can then be promised at most.

Only windows that take capacity away count here. Several on one pool add up, and no more are out than are installed: two
announcements are two works until somebody changes one of them. The database counts in the same way
(``resources/migrations/_windows.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from resources.models import CapacityPool, MaintenanceWindow
from resources.quantities import Promise
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


def outages(pools: Iterable[CapacityPool], since: datetime, until: datetime | None = None) -> list[Outage]:
    """The windows that take capacity from any of the pools after ``since`` (and before ``until``); one query."""
    rows = MaintenanceWindow.objects.counting().filter(
        cluster__in={pool.cluster_id for pool in pools}, ends_at__gt=since
    )
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    return [Outage(*row) for row in rows.values_list("cluster", "pool", "gpus", "starts_at", "ends_at")]


def limit_of(pool: CapacityPool, windows: Iterable[Outage], since: datetime, until: datetime) -> Timeline:
    """What can be promised of the pool at each moment of the period."""
    out = [found for window in windows if (found := window.of(pool))]
    levels = Timeline((Level(since, until, 0),)).plus(out).levels
    return Timeline(tuple(replace(level, promised=pool.promisable_without(level.promised)) for level in levels))


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
