from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resources.live import store
from resources.live.readings import Layout, PoolSums, Reading, Sums, Tick
from resources.models import PoolHour, PoolMinute, SampleHour, SampleMinute, Series
from resources.queries.usage import pool_day, tenant_day, tenant_gpu_hours
from resources.services import minutes
from tests.factories.resources import make_cluster, make_kind, make_pool
from tests.factories.tenants import make_tenant

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def keep(cluster, at, tenant, allocated, load):
    sums = {"allocated": allocated, "busy": allocated, "load": load, "power_w": 100, "temperature": 60}
    tick = Tick(
        at.timestamp(),
        {"h100": PoolSums(**sums, installed=16, free=16 - allocated)},
        {tenant.public_id.hex: {"h100": Sums(**sums)}},
    )
    store.valkey().rpush(store.key("ticks", cluster.pk), store.encode(tick))


@pytest.fixture
def cluster(valkey):
    pool = make_pool(16, kind=make_kind(slug="h100"), cluster=make_cluster())
    return pool.cluster


def test_flush_of_three_readings_keeps_their_mean_as_gpu_seconds(cluster):
    tenant = make_tenant()
    for second, allocated in ((0, 4), (20, 8), (40, 6)):
        keep(cluster, NOON + timedelta(seconds=second), tenant, allocated, 3.0)
    minutes.flush_minutes(NOON + timedelta(seconds=70))
    row = SampleMinute.objects.get()
    assert (row.readings, row.allocated_s, row.load_s, row.power_w, row.temperature_max) == (3, 360, 180, 100, 60)
    assert (row.minute, row.tenant_id, row.authority_id) == (NOON, tenant.pk, tenant.authority_id)
    pool = PoolMinute.objects.get()
    assert (pool.allocated_s, pool.installed, pool.free) == (360, 16, 10)


def test_flush_done_twice_gives_the_same_rows(cluster):
    tenant = make_tenant()
    keep(cluster, NOON, tenant, 4, 3.0)
    now = NOON + timedelta(seconds=70)
    minutes.flush_minutes(now)
    first = list(SampleMinute.objects.values())
    minutes.flush_minutes(now)
    assert list(SampleMinute.objects.values()) == first


def test_flush_leaves_the_running_minute_for_later(cluster):
    keep(cluster, NOON, make_tenant(), 4, 3.0)
    assert minutes.flush_minutes(NOON + timedelta(seconds=50)) == 0


def test_flush_without_a_reading_writes_nothing_rather_than_zero(cluster):
    assert minutes.flush_minutes(NOON) == 0
    assert PoolMinute.objects.count() == 0


def test_hours_are_the_exact_sum_of_their_minutes(cluster, django_user_model):
    tenant = make_tenant()
    for minute in range(3):
        keep(cluster, NOON + timedelta(minutes=minute), tenant, 4 + minute, 2.0)
        minutes.flush_minutes(NOON + timedelta(minutes=minute + 1, seconds=5))
    minutes.sum_hours(NOON + timedelta(minutes=5))
    minutes.sum_hours(NOON + timedelta(minutes=5))
    assert (
        SampleHour.objects.get().allocated_s == sum(SampleMinute.objects.values_list("allocated_s", flat=True)) == 900
    )
    hour = PoolHour.objects.get()
    assert (hour.allocated_s, hour.free, hour.readings) == (900, 10, 3)
    admin = django_user_model.objects.create_user("o@x.test")
    assert tenant_gpu_hours(tenant.pk, admin, NOON, NOON + timedelta(hours=1)) == 0


def test_partitions_are_made_ahead_and_dropped_when_old(cluster):
    minutes.make_partitions(NOON - timedelta(days=10), days=1)
    minutes.make_partitions(NOON, days=1)
    assert sorted(minutes.drop_partitions(NOON)) == [
        "resources_poolminute_20260220", "resources_poolminute_20260221",
        "resources_sampleminute_20260220", "resources_sampleminute_20260221",
    ]  # fmt: skip
    assert minutes.drop_partitions(NOON) == []


def test_day_of_a_pool_has_a_line_per_kind_and_gaps_where_nothing_was_read(cluster):
    tenant = make_tenant()
    for minute in (0, 1, 30):
        keep(cluster, NOON + timedelta(minutes=minute), tenant, 4, 2.0)
        minutes.flush_minutes(NOON + timedelta(minutes=minute + 1))
    (line,) = pool_day([PoolMinute.objects.first().pool_id], NOON + timedelta(hours=1))
    start = int(NOON.timestamp())
    assert (line.key, line.points) == ("h100", [(start, 50.0), (start + 1800, 50.0)])


def test_day_of_a_tenant_is_empty_for_a_stranger(cluster, django_user_model):
    tenant = make_tenant()
    keep(cluster, NOON, tenant, 4, 2.0)
    minutes.flush_minutes(NOON + timedelta(minutes=1))
    assert Series.objects.count() == 1
    stranger = django_user_model.objects.create_user("s@x.test")
    assert tenant_day(tenant.pk, stranger, NOON + timedelta(hours=1)).at == []


def test_reading_survives_its_way_through_valkey(valkey):
    reading = Reading(5, 1, 1.5, "x", {"h100": PoolSums(installed=2)}, {}, {}, b"\x01")
    store.put(reading, layout := Layout("x", [("h100", [("n", 2)])]))
    assert store.newest([5, 6]) == {5: reading}
    assert store.layouts([5]) == {5: layout}
    assert [tick.at for tick in store.ticks(5)] == [1.5]
