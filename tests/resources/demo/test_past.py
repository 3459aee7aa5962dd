"""The day before the demo began: counted as a collector counts, kept as everything measured is, and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from portal.core.outbound import Answer
from resources.collectors import Source, prometheus
from resources.collectors.gpus import Known
from resources.demo import cast, dcgm, past
from resources.live import grouping
from resources.models import Environment, PoolHour, PoolMinute, SampleHour, SampleMinute
from resources.queries.usage import pool_day, tenant_day
from resources.services import minutes
from tests.factories.resources import make_cluster, make_kind, make_pool
from tests.factories.tenants import make_member, make_project, make_tenant

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("slug", [each.slug for each in cast.CLUSTERS])
def test_a_tick_is_what_collecting_the_sources_text_gives(begin, monkeypatch, slug):
    """Text, collector and grouping on one side, the short way on the other."""
    world = begin(slug)
    tenants = {name: f"{number:032x}" for number, name in enumerate(sorted(world.engine.limits))}
    counter = past.Counter(world.source, tenants)
    reading = world.run(400, step=50)[-1]
    text = dcgm.render(world.fleet, reading, dcgm.Labels(world.fleet, world.jobs).follow()).encode()
    bodies = {"http://x/metrics": text, "http://x/nodes": world.source.nodes()}
    monkeypatch.setattr(prometheus, "_get", lambda _source, url, _seconds: Answer(200, bodies[url], reading.at))
    snapshot = prometheus.from_exporters(Source(1, urls=tuple(bodies)), Known())
    models = {each.model_name.lower(): each.slug for each in world.fleet.kinds}
    wanted, found = grouping.group(snapshot, grouping.Known(models, tenants), 1, 1).reading, counter.tick(reading)
    assert set(found.pools) == set(wanted.pools)
    assert set(found.tenants) == set(wanted.tenants)
    pairs = [(found.pools[kind], wanted.pools[kind]) for kind in wanted.pools]
    for name, kinds in wanted.tenants.items():
        assert set(found.tenants[name]) == set(kinds)
        pairs += [(found.tenants[name][kind], sums) for kind, sums in kinds.items()]
    assert sum(each.allocated for each, _ in pairs) > 0
    for ours, theirs in pairs:
        for field in theirs.__struct_fields__:
            assert getattr(ours, field) == pytest.approx(getattr(theirs, field), abs=1.01), field


@pytest.fixture
def kaamos(db):
    """One cluster of the demo with a tenant of its own, under the name that the source knows."""
    each = cast.cluster("kaamos")
    cluster = make_cluster(slug="kaamos", name=each.name)
    name, limits = next(iter(cast.quotas_on("kaamos").items()))
    held = None
    for slug in dict.fromkeys(each.kinds):
        pool = make_pool(each.gpus(slug), kind=make_kind(slug=slug), cluster=cluster)
        if slug in limits:
            tenant = make_tenant()
            facts = {"tenant": tenant, "authority": tenant.authority, "cluster": cluster}
            Environment.objects.create(**facts, project=make_project(tenant), external_name=name)
            held = SimpleNamespace(tenant=tenant, tenant_id=tenant.pk, pool=pool, pool_id=pool.pk)
    return held


def test_a_day_is_kept_by_the_minute_and_summed_by_the_hour(kaamos, monkeypatch):
    monkeypatch.setattr(past, "HOURS", 3)
    assert past.fill(NOON) == 180
    rows = PoolMinute.objects.filter(pool=kaamos.pool)
    assert (rows.count(), set(rows.values_list("readings", flat=True))) == (180, {1})
    assert (rows.earliest("minute").minute, rows.latest("minute").minute) == (
        NOON.replace(second=0) - timedelta(hours=3), NOON.replace(second=0) - timedelta(minutes=1),
    )  # fmt: skip
    assert SampleMinute.objects.filter(tenant=kaamos.tenant).count() > 0
    hours = PoolHour.objects.filter(pool=kaamos.pool)
    assert sum(each.allocated_s for each in hours) == sum(each.allocated_s for each in rows)
    assert sum(each.allocated_s for each in SampleHour.objects.all()) == sum(
        each.allocated_s for each in SampleMinute.objects.all()
    )


def test_the_pages_have_a_day_to_show(kaamos, monkeypatch):
    monkeypatch.setattr(past, "HOURS", 3)
    past.fill(NOON)
    (line,) = pool_day([kaamos.pool_id], NOON)
    assert len(line.points) >= 36
    day = tenant_day(kaamos.tenant_id, make_member(kaamos.tenant), NOON)
    assert len(day.at) >= 30
    assert max(day.allocated) > 0


def test_it_happens_once_and_touches_nothing_that_was_measured(kaamos, monkeypatch):
    monkeypatch.setattr(past, "HOURS", 1)
    said = StringIO()
    call_command("demo_past", stdout=said)
    assert "60 readings" in said.getvalue()
    before = list(PoolMinute.objects.order_by("pool", "minute").values())
    call_command("demo_past", stdout=said)
    assert "stays as it is" in said.getvalue()
    assert list(PoolMinute.objects.order_by("pool", "minute").values()) == before


def test_hours_of_before_can_be_summed_again_to_the_same(kaamos, monkeypatch):
    monkeypatch.setattr(past, "HOURS", 2)
    past.fill(NOON)
    before = list(PoolHour.objects.order_by("pool", "hour").values())
    minutes.sum_hours(NOON, hours=3)
    assert list(PoolHour.objects.order_by("pool", "hour").values()) == before
