from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from resources.collectors.base import Health
from resources.live import store
from resources.live.snapshot import is_silent, page_state
from resources.live.topics import cut_for
from resources.models import CapacityPool, Environment
from resources.queries.capacity_now import capacity_now
from resources.queries.outages import promisable_at
from resources.services import samples
from tests.factories.resources import make_window
from tests.resources.live.conftest import H100

GPUS = [
    {
        "uuid": f"GPU-{i}",
        "host": "node-0",
        "index": i,
        "model": H100,
        "namespace": "acme" if i < 4 else "",
        "busy": 0.75,
    }
    for i in range(8)
]


@pytest.fixture
def cluster(house, empty_redis):
    """A cluster whose collector says what its settings say, with the tenant's environment on it."""
    store.valkey.cache_clear()
    house.pool.kind.aliases = [H100]
    house.pool.kind.save()
    Environment.objects.create(
        project=house.project,
        cluster=house.cluster,
        external_name="acme",
        tenant=house.tenant,
        authority=house.authority,
    )
    house.cluster.collector, house.cluster.collector_settings = "fake", {"rows": GPUS}
    house.cluster.save()
    yield house.cluster
    store.valkey.cache_clear()


@pytest.fixture
def told(monkeypatch):
    """What was announced, as (event, topics)."""
    found = []
    monkeypatch.setattr(samples, "announce", lambda event, *, topics, **_: found.append((event, list(topics))))
    return found


def collect(cluster, **told):
    if told:
        cluster.collector_settings = told
        cluster.save()
    samples.collect_cluster(cluster.pk)
    cluster.refresh_from_db()


def test_collect_keeps_the_reading_and_hears_the_cluster(cluster, house):
    collect(cluster)
    reading = store.newest([cluster.pk])[cluster.pk]
    kind = house.pool.kind.slug
    assert (reading.seq, reading.pools[kind].allocated, reading.pools[kind].free) == (1, 4, 4)
    assert reading.tenants[house.tenant.public_id.hex][kind].load == 3.0
    assert cluster.last_success_at == cluster.last_attempt_at is not None
    assert cluster.last_error == ""
    assert not is_silent(cluster)


def test_collect_of_a_silent_source_keeps_the_last_numbers_and_says_since_when(cluster, house, told):
    collect(cluster)
    heard = cluster.last_success_at
    collect(cluster, silent="node-0 does not answer.")
    assert is_silent(cluster)
    assert (cluster.last_success_at, cluster.last_error) == (heard, "node-0 does not answer.")
    now = capacity_now(house.approver, cut_for(house.approver, "capacity"))
    assert (now.total.busy, now.text["busy"]) == (4, "4")
    assert now.silent_names == f"{cluster.name} ({timezone.localtime(heard):%H:%M %Z})"
    (shown,) = page_state(house.approver, "capacity")["clusters"]
    assert (shown["silent"], shown["codes"][0]) == (heard.timestamp(), 75)


def test_collect_tells_once_that_a_cluster_fell_silent_and_once_that_it_is_back(cluster, house, told):
    collect(cluster)
    told.clear()
    topics = [f"provider.{house.provider.pk}", f"authority.{house.authority.pk}"]
    for _ in range(2):
        collect(cluster, silent="node-0 does not answer.")
    for _ in range(2):
        collect(cluster, rows=GPUS)
    assert told == [("cluster.silent", topics), ("cluster.heard", topics)]


def test_collect_of_a_garbled_answer_counts_as_silent(cluster):
    collect(cluster)
    collect(cluster, garbled="node-0 says nonsense.")
    assert is_silent(cluster)
    assert cluster.last_error == "node-0 says nonsense."


def test_cluster_is_silent_when_nobody_asked_it_for_three_periods(cluster):
    collect(cluster)
    late = cluster.last_success_at - timedelta(seconds=3 * cluster.collect_seconds + 1)
    cluster.last_success_at = cluster.last_attempt_at = late
    assert is_silent(cluster)


def test_numbers_that_nobody_measured_are_dashes(cluster, house):
    now = capacity_now(house.approver, cut_for(house.approver, "capacity"))
    assert set(now.text.values()) == {"–"}
    (shown,) = page_state(house.approver, "capacity")["clusters"]
    assert (shown["at"], shown["heard"], shown["silent"]) == (None, False, None)


def test_collect_while_another_reading_runs_leaves_it_alone(cluster):
    assert store.alone(cluster.pk, 10).acquire()
    collect(cluster)
    assert cluster.last_attempt_at is None


def test_pool_counts_what_was_seen_and_lost_gpus_are_unhealthy_not_gone(cluster, house):
    rows = [dict(row) for row in GPUS]
    rows[7]["health"] = 2
    CapacityPool.objects.update(installed=0, healthy=0)
    collect(cluster, rows=rows)
    pool = CapacityPool.objects.get()
    assert (pool.installed, pool.healthy, pool.count_source) == (8, 7, "collected")
    counted = pool.counted_at
    collect(cluster)
    pool.refresh_from_db()
    assert pool.counted_at == counted
    collect(cluster, rows=rows[:6])
    pool.refresh_from_db()
    assert (pool.installed, pool.healthy) == (8, 6)


def test_unknown_model_is_a_sentence_on_the_cluster_and_no_pool(cluster):
    collect(cluster, rows=[{**GPUS[0], "model": "NVIDIA X1"}])
    assert cluster.last_error.startswith("1 GPU calls itself “NVIDIA X1”")
    assert store.newest([cluster.pk])[cluster.pk].pools == {}


def test_due_clusters_are_handed_out_once_a_period(cluster):
    collect(cluster)
    assert samples.due_clusters() == [(cluster.pk, float(cluster.collect_seconds))]
    assert samples.due_clusters() == []


def test_history_counts_each_cluster_with_its_newest_reading(cluster, house):
    for _ in range(2):
        collect(cluster)
    (line,) = page_state(house.approver, "capacity")["history"].values()
    assert {load for _, load in line} == {75.0}
    own = page_state(house.member, f"tenant:{house.tenant.public_id}")["history"]
    assert list(own.values()) == [line]


def drained(count):
    return [{**row, "health": Health.DRAINED} if number < count else row for number, row in enumerate(GPUS)]


@pytest.mark.parametrize("effect", ["counts", "interrupts"])
def test_what_is_out_as_announced_is_not_counted_as_broken(cluster, house, effect):
    CapacityPool.objects.filter(pk=house.pool.pk).update(installed=8, healthy=8)
    now = timezone.now()
    make_window(house.pool, gpus=3, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), effect=effect)
    for seen, healthy in (
        (3, 8),
        (2, 8),
        (5, 6),
        (3, 6),
    ):  # what was broken beside it stays broken until it is seen again
        collect(cluster, rows=drained(seen))
        house.pool.refresh_from_db()
        assert (seen, house.pool.healthy) == (seen, healthy)
    assert promisable_at([house.pool], now)[house.pool.pk] == (3 if effect == "counts" else 6)


def test_after_its_end_what_is_still_drained_is_missing(cluster, house):
    CapacityPool.objects.filter(pk=house.pool.pk).update(installed=8, healthy=8)
    now = timezone.now()
    make_window(house.pool, gpus=3, starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    collect(cluster, rows=drained(3))
    house.pool.refresh_from_db()
    assert house.pool.healthy == 5
