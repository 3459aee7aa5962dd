"""From ticks to minutes, from minutes to hours, and away when they are old. Every step may be done again.

A minute is the mean of its readings times 60 seconds, so an hour is the exact sum of its minutes. One COPY a minute
goes into a temporary table and from there into the partitioned one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from resources.live import store
from resources.live.readings import PoolSums, Sums, Tick
from resources.models import CapacityPool, Cluster, PoolHour, PoolMinute, SampleHour, SampleMinute, Series
from tenants.models import Tenant

MINUTE = 60
FLUSHED_MINUTES = 3
KEPT_DAYS = 3
MEASURES = ("readings", "allocated_s", "busy_s", "load_s", "memory_mib", "power_w", "temperature_max")
CONDITIONS = ("installed", "free", "drained", "down")
Row = tuple[object, ...]


def flush_minutes(now: datetime) -> int:
    """Write the last whole minutes of all clusters; how many rows that were. The current minute waits for its end."""
    end = now.replace(second=0, microsecond=0)
    begin = end - timedelta(minutes=FLUSHED_MINUTES)
    tenant_rows: list[Row] = []
    pool_rows: list[Row] = []
    for cluster in Cluster.objects.exclude(state=Cluster.State.RETIRED).order_by("pk"):
        by_minute: dict[datetime, list[Tick]] = defaultdict(list)
        for tick in store.ticks(cluster.pk):
            minute = datetime.fromtimestamp(tick.at // MINUTE * MINUTE, tz=UTC)
            if begin <= minute < end:
                by_minute[minute].append(tick)
        tenant_rows += tenant_minutes(cluster, by_minute)
        pool_rows += pool_minutes(cluster, by_minute)
    if tenant_rows or pool_rows:
        make_partitions(begin, days=1)
    _write_both(tenant_rows, pool_rows)
    return len(tenant_rows) + len(pool_rows)


def keep(cluster: Cluster, by_minute: dict[datetime, list[Tick]]) -> None:
    """Write minutes of one cluster whose readings somebody has at hand; the partitions of their days are there."""
    _write_both(tenant_minutes(cluster, by_minute), pool_minutes(cluster, by_minute))


def _write_both(tenant_rows: list[Row], pool_rows: list[Row]) -> None:
    write(SampleMinute._meta.db_table, ("series_id", "minute", "tenant_id", "authority_id", *MEASURES), tenant_rows)
    write(PoolMinute._meta.db_table, ("pool_id", "minute", *MEASURES, *CONDITIONS), pool_rows)


def tenant_minutes(cluster: Cluster, by_minute: dict[datetime, list[Tick]]) -> list[Row]:
    names = {name for ticks in by_minute.values() for tick in ticks for name in tick.tenants}
    tenants = {t.public_id.hex: t for t in Tenant.objects.filter(public_id__in=names)}
    kinds = dict(CapacityPool.objects.filter(cluster=cluster).values_list("kind__slug", "kind_id"))
    series = {(s.tenant_id, s.kind_id): s for s in Series.objects.filter(cluster=cluster)}
    rows: list[Row] = []
    for minute, ticks in by_minute.items():
        groups = {(name, kind) for tick in ticks for name, found in tick.tenants.items() for kind in found}
        for name, kind in sorted(groups):
            tenant, kind_id = tenants.get(name), kinds.get(kind)
            if tenant is None or kind_id is None:
                continue
            line = series.get((tenant.pk, kind_id))
            if line is None:
                line, _ = Series.objects.get_or_create(
                    tenant=tenant, cluster=cluster, kind_id=kind_id, defaults={"authority_id": tenant.authority_id}
                )
                series[tenant.pk, kind_id] = line
            sums = [tick.tenants.get(name, {}).get(kind, Sums()) for tick in ticks]
            rows.append((line.pk, minute, tenant.pk, tenant.authority_id, *means(sums)))
    return rows


def pool_minutes(cluster: Cluster, by_minute: dict[datetime, list[Tick]]) -> list[Row]:
    pools = dict(CapacityPool.objects.filter(cluster=cluster).values_list("kind__slug", "pk"))
    rows: list[Row] = []
    for minute, ticks in by_minute.items():
        for kind in sorted({kind for tick in ticks for kind in tick.pools}):
            if kind not in pools:
                continue
            sums = [tick.pools[kind] for tick in ticks if kind in tick.pools]
            rows.append((pools[kind], minute, *means(sums), *conditions(sums)))
    return rows


def means(sums: Iterable[Sums]) -> tuple[int, ...]:
    """MEASURES of one minute: GPU-seconds from the mean of its readings, the highest temperature."""
    found = list(sums)
    n = len(found)
    return (
        n,
        round(MINUTE * sum(each.allocated for each in found) / n),
        round(MINUTE * sum(each.busy for each in found) / n),
        round(MINUTE * sum(each.load for each in found) / n),
        round(sum(each.memory_mib for each in found) / n),
        round(sum(each.power_w for each in found) / n),
        max(each.temperature for each in found),
    )


def conditions(sums: list[PoolSums]) -> tuple[int, ...]:
    """CONDITIONS of one minute: as in its last reading."""
    last = sums[-1]
    return last.installed, last.free, last.drained, last.down


def write(table: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    """Put rows into a partitioned table; what is there for the same minute is replaced."""
    if not rows:
        return
    names = ", ".join(columns)
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns[2:])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE staged (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY staged ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM staged "  # noqa: S608 - names of our own, no input
            f"ON CONFLICT ({columns[0]}, minute) DO UPDATE SET {changed}"
        )
        cursor.execute("DROP TABLE staged")


def sum_hours(now: datetime, hours: int = 1) -> None:
    """Sum the minutes of this hour and the last (or so many before it) into hours; done again it gives the same."""
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    tenants = ("series_id", "tenant_id", "authority_id")
    _sum(SampleMinute._meta.db_table, SampleHour._meta.db_table, tenants, (), begin)
    _sum(PoolMinute._meta.db_table, PoolHour._meta.db_table, ("pool_id",), CONDITIONS, begin)


def _sum(source: str, target: str, keys: tuple[str, ...], last: tuple[str, ...], begin: datetime) -> None:
    sums = {name: f"sum({name})" for name in ("readings", "allocated_s", "busy_s", "load_s")}
    sums |= {name: f"avg({name})" for name in ("memory_mib", "power_w")} | {"temperature_max": "max(temperature_max)"}
    sums |= {name: f"(array_agg({name} ORDER BY minute DESC))[1]" for name in last}
    if last:  # of a pool: a minute without a row is one in which nothing was read
        sums["minutes"] = "count(*)"
    named, made = ", ".join(sums), ", ".join(sums.values())
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in sums)
    by = ", ".join(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {target} ({by}, hour, {named}) "  # noqa: S608 - names of our own, no input
            f"SELECT {by}, date_trunc('hour', minute), {made} FROM {source} WHERE minute >= %s "
            f"GROUP BY {by}, date_trunc('hour', minute) "
            f"ON CONFLICT ({keys[0]}, hour) DO UPDATE SET {changed}",
            [begin],
        )


def make_partitions(start: datetime, days: int = 2) -> None:
    """Make the day partitions from ``start`` on that are missing; the owner of the tables does it for us."""
    day = start.astimezone(UTC).date()
    with connection.cursor() as cursor:
        for model in (SampleMinute, PoolMinute):
            for offset in range(days + 1):
                cursor.execute("SELECT app.make_day(%s, %s)", [model._meta.db_table, day + timedelta(days=offset)])


def drop_partitions(now: datetime) -> list[str]:
    """Drop the day partitions older than KEPT_DAYS; the names dropped."""
    oldest = now.astimezone(UTC).date() - timedelta(days=KEPT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.drop_days(%s)", [oldest])
        (dropped,) = cursor.fetchone()
    return list(dropped)
