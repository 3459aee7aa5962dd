"""Capacity over time at size: the preview of a decision with 2,000 grants in its way, and a year of many pools by day.

BENCH_GRANTS per pool (10,000 unless said otherwise) over BENCH_POOLS pools (40). Grants begin and end at midnights, as
decisions make them. The database's time is part of both figures; of the year the CPU of both processes is counted too,
as the clock counts what else the machine does.
"""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from typing import Any

import psutil
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.models import Environment, QuotaRequest, RequestLine
from resources.queries.capacity import preview
from resources.queries.timeline import timelines
from tests.bench.conftest import Score, cpu_seconds, note
from tests.factories.resources import make_cluster, make_kind, make_pool, make_share
from tests.resources.conftest import make_house

POOLS = int(os.environ.get("BENCH_POOLS", "40"))
GRANTS = int(os.environ.get("BENCH_GRANTS", "10000"))
OVERLAPPING = 2000
ROUNDS = 9
YEAR = 365

FILL = """
INSERT INTO resources_grant (public_id, created_at, tenant_id, authority_id, environment_id, pool_id, share_id, line_id,
                             amount, starts_at, ends_at, state)
SELECT gen_random_uuid(), now(), %(tenant)s, %(authority)s, %(environment)s, %(pool)s, %(share)s, %(line)s, 1 + n %% 4,
       %(since)s::timestamptz + (n * 37 %% 365) * interval '1 day',
       %(since)s::timestamptz + (n * 37 %% 365 + 7 + n %% 180) * interval '1 day', 'active'
FROM generate_series(1, %(count)s) AS n
"""


def fill(house: Any, pool: Any, share: Any, count: int, since: Any) -> None:
    """So many grants on a pool, by one statement: what guards them one by one is off meanwhile."""
    environment = Environment.objects.get_or_create(
        project=house.project, cluster=pool.cluster, tenant=house.tenant, authority=house.authority,
        external_name=f"bench-{pool.pk}",
    )[0]  # fmt: skip
    request = QuotaRequest.objects.create(
        tenant=house.tenant, authority=house.authority, project=house.project, reference=f"B-{pool.pk}",
        purpose="Bench", requested_by=house.owner,
    )  # fmt: skip
    line = RequestLine.objects.create(
        tenant=house.tenant, authority=house.authority, request=request, cluster=pool.cluster, kind=pool.kind,
        pool=pool, amount=4, starts_at=since, ends_at=since + timedelta(1),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE resources_grant DISABLE TRIGGER USER")
        cursor.execute(FILL, {
            "tenant": house.tenant.pk, "authority": house.authority.pk, "environment": environment.pk, "pool": pool.pk,
            "share": share.pk, "line": line.pk, "since": since, "count": count,
        })  # fmt: skip
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE resources_grant ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def timed(act: Any) -> tuple[float, float, int]:
    """(milliseconds by the clock, by this process's CPU, queries): the middle of several rounds."""
    clock, cpu, queries = [], [], 0
    for _round in range(ROUNDS):
        with CaptureQueriesContext(connection) as seen:
            before, used = time.perf_counter(), time.process_time()
            act()
            clock.append(1000 * (time.perf_counter() - before))
            cpu.append(1000 * (time.process_time() - used))
        queries = len(seen)
    return sorted(clock)[ROUNDS // 2], sorted(cpu)[ROUNDS // 2], queries


@pytest.mark.django_db
def test_preview_with_many_overlapping_grants(score: Score) -> None:
    house = make_house(gpus=100_000)
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    fill(house, house.pool, house.share, OVERLAPPING, since - timedelta(days=100))
    clock, cpu, queries = timed(
        lambda: preview(house.pool, since, since + timedelta(days=200), share=house.share, give=8)
    )
    note("preview by the clock", f"{clock:.1f} ms, queries: {queries}")
    score(f"preview of a decision with {OVERLAPPING:,} overlapping grants, CPU", cpu, 50, "ms")


@pytest.mark.django_db(transaction=True)
def test_a_year_by_day(score: Score) -> None:
    house = make_house(gpus=100_000)
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    kind = make_kind()
    pools = [make_pool(100_000, cluster=make_cluster(provider=house.provider), kind=kind) for _each in range(POOLS)]
    for pool in pools:
        fill(house, pool, make_share(pool, house.authority), GRANTS, since - timedelta(days=90))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) resources_grant")  # as autovacuum leaves a table
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    days = [date.fromordinal(since.toordinal() + n) for n in range(YEAR)]

    def year() -> list[list[int]]:
        found = timelines([pool.pk for pool in pools], since, since + timedelta(days=YEAR))
        return [timeline.by_day(days, since) for timeline in found.values()]

    assert len(year()) == POOLS
    before = cpu_seconds(backend)
    clock, cpu, queries = timed(year)
    theirs = 1000 * (cpu_seconds(backend) - before) / ROUNDS
    note("a year by day", f"{cpu:.0f} ms CPU of ours, {theirs:.0f} ms of the database, queries: {queries}")
    score("a year by day, queries", queries, 1, "")
    score("a year by day, CPU of both", cpu + theirs, 200, "ms", sure=False)
    score(f"a year by day of {POOLS} pools with {GRANTS:,} grants each", clock, 200, "ms", sure=False)
