"""What a tenant may hope for while it writes a request: room over a whole period, when a wish would fit, and where else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from portal.models import User
from resources.drivers.base import Enforcement
from resources.models import CapacityPool, Grant, SampleHour, Series, Share
from resources.quantities import Promise, peak
from resources.queries.capacity import Preview
from resources.queries.engines import capability
from resources.queries.outages import limit_of, outages, tightest, tightest_below
from resources.queries.supposing import against, first_fit
from resources.queries.timeline import Level, Timeline, timelines_of_shares
from tenants.models import Project

LOOKS_AHEAD = timedelta(days=2 * 366)
MEASURED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Room:
    """One pool for one wish. ``fits_at``: the first moment from which it fits for as long as asked; None: not in sight."""

    effect: Preview
    enforcement: Enforcement
    fits_at: datetime | None

    @property
    def pool(self) -> CapacityPool:
        return self.effect.pool

    @property
    def most(self) -> int:
        return self.effect.most

    @property
    def fits(self) -> bool:
        return self.effect.give <= self.most


@dataclass(frozen=True, slots=True)
class Held:
    """What a project and its tenant have of a kind over a period, and what the tenant really used of late.

    ``held_hours`` and ``busy_hours``: GPU-hours of the last thirty days; None where nothing was measured.
    """

    project: int
    tenant: int
    held_hours: float | None
    busy_hours: float | None

    @property
    def busy_percent(self) -> int | None:
        return (
            round(100 * self.busy_hours / self.held_hours) if self.held_hours and self.busy_hours is not None else None
        )


def rooms(
    pools: Sequence[CapacityPool], gpus: int, starts_at: datetime, ends_at: datetime,
    also: Iterable[tuple[int, Promise]] = (),
) -> list[Room]:  # fmt: skip
    """Each pool for a wish, the one with most room first; ``also``: (pool id, promise) of other lines of the request.

    Three queries for any number of pools. A pool can give as much as the share in it that has most left.
    """
    ids = [pool.pk for pool in pools]
    until = max(ends_at, timezone.now() + LOOKS_AHEAD)
    shares: dict[int, list[Share]] = {}
    for share in Share.objects.filter(pool__in=ids).order_by("pk"):
        shares.setdefault(share.pool_id, []).append(share)
    whole, paid = timelines_of_shares(ids, starts_at, until)
    windows = outages(pools, starts_at, until)
    empty = Timeline((Level(starts_at, until, 0),))
    also = list(also)
    found = []
    for pool in pools:
        more = [promise for pool_id, promise in also if pool_id == pool.pk]
        mine = {share: paid.get(share.pk, empty).plus(more) for share in shares.get(pool.pk, [])}
        limit = limit_of(pool, windows, starts_at, until)
        found.append(_room(pool, gpus, (starts_at, ends_at), whole[pool.pk].plus(more), mine, limit))
    return sorted(found, key=lambda room: (not room.fits, -room.most, str(room.pool)))


def _room(
    pool: CapacityPool, gpus: int, period: tuple[datetime, datetime], whole: Timeline, paid: dict[Share, Timeline],
    limit: Timeline,
) -> Room:  # fmt: skip
    starts_at, ends_at = period
    wanted, possible = whole.within(*period), limit.within(*period)
    top, below = tightest(wanted, possible), tightest_below(wanted, possible, pool.policy_line_percent)
    seen = [
        Preview(
            None, pool, share, gpus, gpus, top.promised, line.peak(*period).promised, top.since, top.most, below
        )
        for share, line in paid.items()
    ] or [
        Preview(None, pool, Share(pool=pool, gpus=0), gpus, gpus, top.promised, 0, top.since, top.most, below)
    ]  # fmt: skip
    lasting = ends_at - starts_at
    at_pool = first_fit(against(whole, limit), gpus, lasting)
    paying = [
        moment
        for share, line in paid.items()
        if (moment := line.first_fit(gpus, lasting, share.gpus, starts_at)) is not None
    ]
    fits_at = max(at_pool, min(paying)) if at_pool and paying else None
    return Room(max(seen, key=lambda each: each.most), capability(pool), fits_at)


def held_by(project: Project, user: User, kind_id: int, starts_at: datetime, ends_at: datetime) -> Held:
    """Grants of a kind over the period, of the project and of all its tenant; measured use of the last thirty days."""
    rows = Grant.objects.visible_to(user).counting().filter(
        tenant=project.tenant_id, pool__kind=kind_id, starts_at__lt=ends_at, ends_at__gt=starts_at
    )  # fmt: skip
    grants = [
        (Promise(amount, begin, end), of)
        for amount, begin, end, of in rows.values_list("amount", "starts_at", "ends_at", "environment__project_id")
    ]
    mine = [promise for promise, of in grants if of == project.pk]
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=MEASURED_DAYS)
    series = Series.objects.visible_to(user).filter(tenant=project.tenant_id, kind=kind_id)
    used = SampleHour.objects.filter(series__in=series, tenant=project.tenant_id, hour__gte=since)
    sums = list(used.values_list("allocated_s", "busy_s"))
    return Held(
        peak(mine, starts_at, ends_at)[0],
        peak([promise for promise, _of in grants], starts_at, ends_at)[0],
        sum(held for held, _busy in sums) / 3600 if sums else None,
        sum(busy for _held, busy in sums) / 3600 if sums else None,
    )
