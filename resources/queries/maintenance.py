"""What maintenance does to those who hold GPUs, said before it is announced and shown afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from resources.models import CapacityPool, Grant, MaintenanceWindow
from resources.models.grant import GrantQuerySet
from resources.models.maintenance import MaintenanceQuerySet
from resources.queries.outages import Outage, limit_of, outages
from resources.queries.supposing import Against, against, too_much
from resources.queries.timeline import timelines
from tenants.models import Tenant

SHOWN = 50
FEW = 8
SOON = timedelta(days=90)
Span = tuple[CapacityPool, datetime, datetime]
"""A pool, and from when until when GPUs of it would be held."""
WITH_NAMES = ("cluster__provider", "pool__kind", "pool__cluster", "announced_by")


@dataclass(frozen=True, slots=True)
class OverPromised:
    """A time within a window in which more is promised of a pool than is left. ``before``: already so without it."""

    pool: CapacityPool
    time: Against
    before: bool


@dataclass(frozen=True, slots=True)
class Consequences:
    """Who holds GPUs while the window lasts, as far as the person may see; sums are of everybody."""

    pools: tuple[CapacityPool, ...]
    out: int
    grants: tuple[Grant, ...]
    held: int
    tenants: int
    over: tuple[OverPromised, ...]
    beside: tuple[MaintenanceWindow, ...]
    """Other windows on the same GPUs in the same time: what is out adds up."""

    @property
    def more(self) -> int:
        """Grants beyond those that are listed, or that the person may not see."""
        return self.held - len(self.grants)


def pools_of(window: MaintenanceWindow) -> list[CapacityPool]:
    """The pools whose GPUs are out; one query."""
    rows = CapacityPool.objects.filter(cluster=window.cluster_id).select_related("cluster", "kind")
    return [*(rows.filter(pk=window.pool_id) if window.pool_id else rows.order_by("kind__name"))]


def touched(pools: Iterable[CapacityPool], since: datetime, until: datetime) -> GrantQuerySet:
    """The grants that hold GPUs of the pools at some moment of the period, their grace included."""
    rows = Grant.objects.counting().annotate(until=Coalesce("grace_until", "ends_at"))
    return rows.filter(pool__in=[pool.pk for pool in pools], starts_at__lt=until, until__gt=since)


def consequences(window: MaintenanceWindow, user: User) -> Consequences:
    """Of a window as it is or, not saved yet, as it would be."""
    pools = pools_of(window)
    every = touched(pools, window.starts_at, window.ends_at)
    seen = every.visible_to(user).select_related("tenant", "environment__project", "pool__kind", "pool__cluster")
    beside = [
        other for other in overlapping(pools, window.starts_at, window.ends_at) if other.pk != window.pk
    ]  # fmt: skip
    return Consequences(
        tuple(pools),
        sum(window.out_of(pool) for pool in pools),
        tuple(seen.order_by("starts_at", "-amount", "pk")[:SHOWN]),
        every.visible_to(user).count(),
        every.visible_to(user).order_by().values("tenant").distinct().count(),
        tuple(_over(window, pools)),
        tuple(beside),
    )


def _over(window: MaintenanceWindow, pools: Sequence[CapacityPool]) -> list[OverPromised]:
    """When more is promised than the window leaves, pool by pool; nothing where it only interrupts."""
    if not window.counts:
        return []
    since, until = window.starts_at, window.ends_at
    mine = Outage(window.cluster_id, window.pool_id, window.gpus, since, until)
    others = outages(pools, since, until, but=window.pk)
    promised = timelines([pool.pk for pool in pools], since, until)
    found = []
    for pool in pools:
        already = too_much(against(promised[pool.pk], limit_of(pool, others, since, until)))
        for time in too_much(against(promised[pool.pk], limit_of(pool, [*others, mine], since, until))):
            before = any(each.since < time.until and each.until > time.since for each in already)
            found.append(OverPromised(pool, time, before))
    return found


def overlapping(pools: Iterable[CapacityPool], since: datetime, until: datetime) -> MaintenanceQuerySet:
    """The windows, of either kind, in which GPUs of the pools are out at some moment of the period; the next one first."""
    wanted = [*pools]
    places = Q(pool__isnull=True, cluster__in={pool.cluster_id for pool in wanted}) | Q(pool__in=[p.pk for p in wanted])
    rows = MaintenanceWindow.objects.standing().filter(places, starts_at__lt=until, ends_at__gt=since)
    return rows.select_related(*WITH_NAMES).order_by("starts_at", "pk")


def ahead(pools: Iterable[CapacityPool], since: datetime, until: datetime) -> list[MaintenanceWindow]:
    """Those of the period that are not over yet."""
    return [*overlapping(pools, max(since, timezone.now()), until)[:SHOWN]]


def ahead_of_each(many: Sequence[Sequence[Span]]) -> list[list[MaintenanceWindow]]:
    """For each of many, the windows, not over yet, in which GPUs of its pools are out in its time; one query, or none."""
    every = [span for spans in many for span in spans]
    if not every:
        return [[] for _spans in many]
    since, until = min(begins for _pool, begins, _ends in every), max(ends for _pool, _begins, ends in every)
    windows = ahead([pool for pool, _begins, _ends in every], since, until)
    return [[window for window in windows if any(_meets(window, *span) for span in spans)] for spans in many]


def _meets(window: MaintenanceWindow, pool: CapacityPool, since: datetime, until: datetime) -> bool:
    here = window.cluster_id == pool.cluster_id and window.pool_id in {None, pool.pk}
    return here and window.starts_at < until and window.ends_at > since


@dataclass(frozen=True, slots=True)
class Notice:
    """One window for a tenant: how many of its GPUs are concerned at the most."""

    window: MaintenanceWindow
    gpus: int


def tile_of_maintenance(tenant: Tenant, user: User) -> dict[str, object]:
    """The windows that run or come, of clusters on which the tenant holds GPUs meanwhile."""
    grants = Grant.objects.visible_to(user).counting().filter(tenant=tenant).annotate(
        until=Coalesce("grace_until", "ends_at")
    )  # fmt: skip
    held = [*grants.values_list("pool", "pool__cluster", "amount", "starts_at", "until")]
    rows = MaintenanceWindow.objects.visible_to(user).filter(
        state__in=MaintenanceWindow.OPEN, cluster__in={cluster for _pool, cluster, *_rest in held}
    )  # fmt: skip
    found = []
    for window in rows.select_related(*WITH_NAMES).order_by("starts_at", "pk")[:SHOWN]:
        gpus = sum(
            amount
            for pool, cluster, amount, begins, ends in held
            if cluster == window.cluster_id and window.pool_id in {None, pool}
            if begins < window.ends_at and ends > window.starts_at
        )
        if gpus:
            found.append(Notice(window, gpus))
    return {"notices": found, "part": reverse("tenant-maintenance", args=[tenant.public_id])}


def ahead_of(user: User) -> list[MaintenanceWindow]:
    """What runs, and what is announced for the next weeks, on clusters that the person has to do with."""
    rows = MaintenanceWindow.objects.visible_to(user).filter(
        state__in=MaintenanceWindow.OPEN, starts_at__lt=timezone.now() + SOON
    )  # fmt: skip
    return [*rows.select_related(*WITH_NAMES).order_by("starts_at", "pk")[:FEW]]
