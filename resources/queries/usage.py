"""Use over time, from minutes and hours, only of what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Func, Max, Sum, Value
from django.db.models.fields import DateTimeField
from django.utils import timezone

from portal.models import User
from resources.models import CapacityPool, PoolMinute, SampleHour, SampleMinute, Series

BUCKET_SECONDS = 300
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Line:
    """One line of a chart. ``points``: oldest first, one per bucket, (unix seconds, value); a gap has no point."""

    key: str
    label: str
    points: list[tuple[int, float]]


class _Bin(Func):
    """PostgreSQL's date_bin: the start of the bucket a time falls into."""

    function = "date_bin"
    output_field = DateTimeField()


def _binned(column: str) -> _Bin:
    step = Value(timedelta(seconds=BUCKET_SECONDS))
    return _Bin(step, F(column), Value(datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())))


def pool_day(pools: Iterable[int], now: datetime | None = None) -> list[Line]:
    """The last 24 hours of pools, a line per GPU kind: mean load of allocated GPUs in percent, five-minute buckets."""
    begin = (now or timezone.now()) - DAY
    rows = (
        PoolMinute.objects.filter(pool__in=list(pools), minute__gte=begin)
        .annotate(at=_binned("minute"), slug=F("pool__kind__slug"), name=F("pool__kind__name"))
        .values("slug", "name", "at")
        .annotate(load=Sum("load_s"), allocated=Sum("allocated_s"))
        .order_by("slug", "at")
    )
    return _lines(rows, lambda row: 100 * row["load"] / row["allocated"] if row["allocated"] else 0.0)


@dataclass(frozen=True)
class UseDay:
    """A tenant's last 24 hours in GPUs, five-minute means: ``at`` unix seconds, and a value of each line per bucket."""

    at: list[int]
    allocated: list[float]
    busy: list[float]

    @property
    def idle_share(self) -> float:
        """Allocated and not busy, of allocated, in percent over the day."""
        allocated = sum(self.allocated)
        return round(100 * (allocated - sum(self.busy)) / allocated, 1) if allocated else 0.0


def tenant_day(tenant_id: int, user: User, now: datetime | None = None) -> UseDay:
    """The last 24 hours of one tenant, over all kinds and clusters that ``user`` sees of it."""
    begin = (now or timezone.now()) - DAY
    series = Series.objects.visible_to(user).filter(tenant=tenant_id)
    rows = (
        SampleMinute.objects.filter(series__in=series, tenant=tenant_id, minute__gte=begin)
        .values("minute")
        .annotate(allocated=Sum("allocated_s"), busy=Sum("busy_s"))
        .values_list("minute", "allocated", "busy")
        .order_by("minute")
    )
    buckets: dict[int, list[tuple[int, int]]] = {}
    for minute, allocated, busy in rows:
        buckets.setdefault(int(minute.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS, []).append((allocated, busy))
    return UseDay(
        at=list(buckets),
        allocated=[round(sum(a for a, _ in found) / len(found) / 60, 1) for found in buckets.values()],
        busy=[round(sum(b for _, b in found) / len(found) / 60, 1) for found in buckets.values()],
    )


def tenant_gpu_hours(tenant_id: int, user: User, begin: datetime, end: datetime) -> float:
    """GPU-hours a tenant held between two whole hours: the exact sum of its minutes."""
    series = Series.objects.visible_to(user).filter(tenant=tenant_id)
    found = SampleHour.objects.filter(series__in=series, hour__gte=begin, hour__lt=end).aggregate(s=Sum("allocated_s"))
    return (found["s"] or 0) / 3600


def last_minute(pools: Iterable[int]) -> datetime | None:
    found: datetime | None = PoolMinute.objects.filter(pool__in=list(pools)).aggregate(last=Max("minute"))["last"]
    return found


def visible_pools(user: User, clusters: Iterable[int]) -> list[CapacityPool]:
    """The pools of these clusters that the person may see, with cluster and kind."""
    rows = CapacityPool.objects.visible_to(user).filter(cluster__in=list(clusters))
    return list(rows.select_related("cluster", "kind").order_by("cluster__name", "kind__name"))


def _lines(rows: Iterable[Any], value: Any) -> list[Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(row["slug"], Line(row["slug"], row["name"], []))
        line.points.append((int(row["at"].timestamp()), round(value(row), 1)))
    return list(lines.values())
