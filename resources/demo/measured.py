"""What the demo's clusters measured in the weeks before today: an hour a row, as if the portal had read them all along.

Made up from each project's stage, with the days and nights of its work, and the same for everybody who asks. The hours of
``endings`` are written as that says; everybody else is busy enough that nobody asks about them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from resources.demo import cast
from resources.models import CapacityPool, PoolHour, SampleHour, Series
from resources.services.minutes import CONDITIONS, MEASURES, Row
from tenants.models import Tenant

DAYS = 40
READINGS = 720
STAGES = {
    "training": (0.94, 0.88), "fine_tuning": (0.72, 0.8), "inference": (0.7, 0.62), "data_preparation": (0.55, 0.7),
    "edge": (0.6, 0.6),
}  # fmt: skip
"""Stage → (allocated of promised, busy of allocated) by day; at night a third less of both where people work."""
NIGHT = 0.7
SATURDAY = 5


def write(now: datetime, told: dict[tuple[str, str, str], tuple[float, float]]) -> None:
    """Hours of the last weeks of every tenant on every pool. ``told``: (tenant, cluster, kind) → GPUs allocated and busy."""
    end = now.replace(minute=0, second=0, microsecond=0)
    hours = [end - timedelta(hours=number) for number in range(DAYS * 24, 0, -1)]
    pools = {
        (pool.cluster.slug, pool.kind.slug): pool for pool in CapacityPool.objects.select_related("cluster", "kind")
    }
    tenants = {tenant.slug: tenant for tenant in Tenant.objects.all()}
    held = {**_of_cast(), **told}
    used: dict[int, list[float]] = {}
    rows: list[Row] = []
    for number, ((name, cluster, kind), (allocated, busy)) in enumerate(sorted(held.items())):
        tenant, pool = tenants[name], pools[cluster, kind]
        series = Series.objects.create(
            tenant=tenant, authority_id=tenant.authority_id, cluster=pool.cluster, kind=pool.kind
        )
        sums = used.setdefault(pool.pk, [0.0] * len(hours))
        for place, (at, wave) in enumerate(zip(hours, _waves(hours, number), strict=True)):
            gpus = round(allocated * wave)
            sums[place] += gpus
            busy_s = min(gpus * 3600, round(busy * wave * 3600))
            rows.append((series.pk, at, tenant.pk, tenant.authority_id, *_measures(gpus, busy_s)))
    _copy(SampleHour, ("series_id", "hour", "tenant_id", "authority_id", *MEASURES), rows)
    _copy(PoolHour, ("pool_id", "hour", *MEASURES, "minutes", *CONDITIONS), _pool_hours(pools, hours, used))


def _copy(model: type[SampleHour | PoolHour], columns: tuple[str, ...], rows: list[Row]) -> None:
    """Tens of thousands of rows: as a stream, since a start must not take long."""
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE past (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY past ({names}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM past")  # noqa: S608 - names of our own
        cursor.execute("DROP TABLE past")


def _of_cast() -> dict[tuple[str, str, str], tuple[float, float]]:
    """What the cast's own projects hold and work on, by tenant and pool."""
    found: dict[tuple[str, str, str], tuple[float, float]] = {}
    for tenant in cast.TENANTS:
        for project in tenant.projects:
            share, busy = STAGES[project.stage]
            for quota in project.quotas:
                key = (tenant.slug, quota.cluster, quota.kind)
                before = found.get(key, (0.0, 0.0))
                found[key] = (before[0] + quota.gpus * share, before[1] + quota.gpus * share * busy)
    return found


def _waves(hours: list[datetime], number: int) -> Iterator[float]:
    """Between a little less than all and all: the rhythm of days and weeks, another for every ``number``."""
    for at in hours:
        day = 0.5 + 0.5 * math.cos((at.hour - 14 - number % 5) * math.pi / 12)
        week = 0.9 if at.weekday() >= SATURDAY else 1.0
        drift = 0.03 * math.sin(at.timestamp() / 86400 * (1 + number % 7) + number)
        yield min(1.0, (NIGHT + (1 - NIGHT) * day) * week + drift)


def _pool_hours(
    pools: dict[tuple[str, str], CapacityPool], hours: list[datetime], used: dict[int, list[float]]
) -> list[Row]:
    rows: list[Row] = []
    for pool in pools.values():
        for at, gpus in zip(hours, used.get(pool.pk, [0.0] * len(hours)), strict=True):
            held = round(gpus)
            free = max(0, pool.installed - held)
            rows.append((pool.pk, at, *_measures(held, held * 2900), 60, pool.installed, free, 0, 0))
    return rows


def _measures(gpus: int, busy_s: int) -> Row:
    """In the order of MEASURES."""
    return READINGS, gpus * 3600, busy_s, round(busy_s * 0.9), gpus * 60_000, gpus * 480, 66
