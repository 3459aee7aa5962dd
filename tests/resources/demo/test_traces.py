"""Replaying the real traces: what the source says is what the files say. The files are not part of this project."""

from __future__ import annotations

import csv
import gzip
import os
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from resources.collectors import Health, collector
from resources.collectors import Source as Asked
from resources.demo import fleet, inventory, traces
from resources.demo.answers import handler
from resources.demo.calibration import builtin
from resources.demo.engine import Engine
from resources.demo.exporter import Server
from resources.demo.source import Source
from tests.resources.wire import LOOPBACK

TRACES = Path(os.environ.get("DEMO_TRACES") or Path(__file__).resolve().parents[4] / "shared" / "data")


@pytest.fixture(scope="module")
def real():
    if not (TRACES / traces.CURVES_FILE).exists():
        pytest.skip(f"NOT RUN: there are no real traces in {TRACES}; name their folder in DEMO_TRACES")
    complaints = []
    found = traces.read(TRACES, 20.0, complaints.append)
    assert complaints == []
    return found


def rows(name):
    with gzip.open(TRACES / name, "rt", newline="") as lines:
        yield from csv.DictReader(lines)


@pytest.mark.traces
def test_the_real_distributions_are_read_in_full(real):
    ranks = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
    assert real.busy_percent.at(ranks).tolist() == [0, 0, 97, 100, 100]
    assert np.abs(real.power_w.at(ranks) - [63, 66.4, 101.5, 372.2, 403.7]).max() < 2
    assert np.abs(real.temperature_c.at(ranks) - [27, 30, 40, 51, 58]).max() < 1


@pytest.mark.traces
def test_the_built_in_figures_agree_with_the_traces_they_were_taken_from(real):
    ours = builtin()
    ranks = np.array([0.1, 0.25, 0.5, 0.6, 0.75, 0.9, 0.99])
    for name, tolerance in {"busy_percent": 2, "memory_percent": 2, "power_w": 3, "temperature_c": 1.5}.items():
        assert np.abs(getattr(ours, name).at(ranks) - getattr(real, name).at(ranks)).max() <= tolerance, name
    assert ours.duty_percent.values.mean() == pytest.approx(7.0, abs=3)
    assert ours.demand.values.mean() == pytest.approx(real.demand.values.mean(), abs=0.06)


@pytest.mark.traces
def test_every_tenants_demand_is_one_of_the_real_series(real):
    wanted = {}
    for row in rows(traces.DEMAND_FILE):
        wanted.setdefault(row["vc"], []).append(
            (int(row["running_gpu_num"]) + int(row["pending_gpu_num"])) / int(row["total_gpu_num"])
        )
    series = {tuple(np.round(each, 9)) for each in map(np.array, wanted.values())}
    assert real.demand.values.shape == (14, 4464)
    assert all(tuple(np.round(each, 9)) in series for each in real.demand.values)


@pytest.mark.traces
def test_serving_gpus_replay_a_real_container_minute_by_minute(real, begin):
    lab = begin("norrsken", real=real)
    names = {"norvik-weather-radar", "region-vitsund-citizen-desk"}
    lab.now = 1_764_000_000.0
    for _ in range(3):
        reading = lab.run(4)[0]
        position = lab.now * real.speed / 60
        serving = [(number, job) for number, job in lab.jobs.running.items() if job.namespace in names]
        assert serving
        for number, job in serving:
            containers = (np.arange(len(job.gpus)) + number * 7) % len(real.duty_percent.values)
            before = real.duty_percent.values[containers, int(position) % real.duty_percent.values.shape[1]]
            after = real.duty_percent.values[containers, (int(position) + 1) % real.duty_percent.values.shape[1]]
            seen = reading.busy_percent[job.gpus]
            assert (seen >= np.floor(np.minimum(before, after))).all()
            assert (seen <= np.ceil(np.maximum(before, after))).all()


@pytest.mark.traces
def test_jobs_follow_the_real_demand(real, begin):
    lab = begin("eichwald", real=real)
    for _ in range(12):
        lab.run(120, step=20)
        for name, limits in lab.engine.limits.items():
            for kind, limit in limits.items():
                demand = lab.jobs._demand(name, limit, lab.now)
                assert lab.jobs.used(name, kind) == pytest.approx(
                    min(limit, round(limit * demand)), abs=max(12, limit * 0.5)
                )


def test_a_missing_or_damaged_file_is_named_and_the_figures_stand_in(tmp_path):
    (tmp_path / traces.CURVES_FILE).write_bytes(b"no gzip")
    (tmp_path / traces.DEMAND_FILE).write_bytes(gzip.compress(b"vc,total_gpu_num\na,1,2\n"))
    (tmp_path / traces.DUTY_FILE).write_bytes(gzip.compress(b"t,container,value\n1,a,1\n"))
    complaints = []
    found = traces.read(tmp_path, 20.0, complaints.append)
    assert len(complaints) == 3
    assert all(str(tmp_path) in each and each.endswith("the built-in figures stand in for it.") for each in complaints)
    assert np.array_equal(found.demand.values, builtin().demand.values)


@pytest.mark.traces
def test_the_real_inventory_is_served_whole_with_the_real_quotas_and_running_gpus(real):
    place = inventory.read(TRACES)
    built = fleet.build(place.cluster, known=place.kinds)
    counted = Counter(built.kinds[kind].slug for kind in built.kind.tolist())
    expected: Counter[str] = Counter()
    for row in rows(inventory.NODES_FILE):
        expected[row["gpu_model"].lower()] += int(row["gpu_capacity_num"])
    assert counted == expected
    assert len(built) == len(set(built.uuids)) == 10412
    now = [1_764_000_000.0]
    engine = Engine((each.slug for each in built.kinds), place.quotas)
    source = Source(place.cluster, built, engine, real, clock=lambda: now[0])
    quotas = {}
    for _ in range(3):
        now[0] += 600
        quotas = {each["namespace"]: each for each in source.quotas()}
    assert len(quotas) == 16
    for number, name in enumerate(real.tenants):
        demand = real.demand.at(now[0] * real.speed, np.array([number]))[0]
        limit = quotas[name]["limit"]
        # Jobs end as a whole, so a tenant may run a little more than it wants for as long as the next one lasts.
        assert min(limit, round(limit * demand)) <= quotas[name]["used"] <= min(limit, round(limit * demand) + 64)


@pytest.mark.traces
def test_the_collector_reads_the_real_inventory_in_one_go(real):
    place = inventory.read(TRACES)
    built = fleet.build(place.cluster, known=place.kinds)
    source = Source(place.cluster, built, Engine((each.slug for each in built.kinds), place.quotas), real)
    server = Server(("127.0.0.1", 0), handler(source, control=False))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    urls = (f"{base}/metrics", f"{base}/kube-state-metrics")
    asked = Asked(9, urls=urls, deadline_seconds=20, settings={"allowed_networks": LOOPBACK})
    try:
        seen = collector("prometheus").collect(asked)
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(seen.uuids) == sorted(built.uuids)
    assert set(seen.namespaces) - {""} <= set(place.quotas)
    assert Counter(seen.health.tolist())[Health.DOWN] == int((built.xid > 0).sum())
