"""The demo's GPUs behave like the measured ones, and its jobs like jobs under a quota."""

from __future__ import annotations

import numpy as np
import pytest

from resources.demo import cast
from resources.demo.calibration import Series, builtin
from resources.demo.fleet import FALLEN_OFF


def full(real):
    """The same figures with tenants who always want all they may have."""
    return type(real)(
        source="", busy_percent=real.busy_percent, memory_percent=real.memory_percent, power_w=real.power_w,
        temperature_c=real.temperature_c, demand=Series(np.ones((2, 2)), 600.0), duty_percent=real.duty_percent,
        duty_memory=real.duty_memory,
    )  # fmt: skip


def test_a_busy_training_cluster_has_the_measured_distributions(begin):
    """AcmeTrace, Kalos: utilisation p25 0, p50 97, p75 100; power p10 63, p50 102, p90 404 W of 400 W boards."""
    lab = begin("norrsken", {"lab-training": {"a100": 190, "h100": 475}}, full(builtin()))
    readings = lab.run(3600, step=20)[20:]
    a100 = lab.fleet.kind == [each.slug for each in lab.fleet.kinds].index("a100")
    busy = np.nanpercentile([each.busy_percent for each in readings], [25, 50, 75])
    assert busy[0] == 0
    assert 90 <= busy[1] <= 100
    assert busy[2] >= 99
    power = np.nanpercentile([each.power_w[a100] for each in readings], [10, 50, 90])
    assert 60 <= power[0] <= 70
    assert 85 <= power[1] <= 180
    assert 380 <= power[2] <= 430
    warmth = np.nanpercentile([each.temperature_c for each in readings], [10, 50, 90])
    assert 25 <= warmth[0] <= 31
    assert 34 <= warmth[1] <= 46
    assert 52 <= warmth[2] <= 64


def test_power_and_temperature_follow_utilisation(begin):
    lab = begin("kaamos")
    last = lab.run(1200, step=10)[-1]
    training = (lab.jobs.owner >= 0) & ~np.isnan(last.power_w)
    hot, cold = training & (last.busy_percent > 99), training & (last.busy_percent < 1)
    assert last.power_w[hot].mean() > 2 * last.power_w[cold].mean()
    assert last.temperature_c[hot].mean() > last.temperature_c[cold].mean() + 8


def test_values_move_from_tick_to_tick_and_gpus_of_a_job_move_together(begin):
    lab = begin("norrsken")
    lab.run(60)
    first, second = lab.run(8)
    assert 0.02 < np.nanmean(first.busy_percent != second.busy_percent) < 0.9
    jobs = [job for job in lab.jobs.running.values() if len(job.gpus) >= 16 and "radar" not in job.namespace]
    within = np.mean([np.nanstd(second.busy_percent[job.gpus]) for job in jobs])
    assert within < np.nanstd(second.busy_percent)


@pytest.mark.parametrize("slug", [each.slug for each in cast.CLUSTERS])
def test_nobody_ever_holds_more_than_the_limit_nor_an_ill_or_drained_gpu(begin, slug):
    lab = begin(slug)
    for _ in range(40):
        lab.run(60, step=60)
        for name, limits in lab.engine.limits.items():
            for kind, limit in limits.items():
                assert lab.jobs.used(name, kind) <= limit
        held = lab.jobs.owner >= 0
        assert not (held & (lab.fleet.drained | (lab.fleet.xid > 0))).any()
        assert held.sum() == sum(len(job.gpus) for job in lab.jobs.running.values())


def test_clusters_are_used_as_measured_ones_are(begin):
    """Helios, Earth: two thirds of the quotas are running (mean of May 2020)."""
    shares = []
    for cluster in cast.CLUSTERS:
        lab = begin(cluster.slug)
        lab.run(600, step=10)
        promised = sum(gpus for limits in lab.engine.limits.values() for gpus in limits.values())
        shares.append((lab.jobs.owner >= 0).sum() / promised)
    assert 0.6 <= np.mean(shares) <= 0.95


def test_a_new_quota_is_used_by_new_pods_within_some_ticks(begin):
    lab = begin("eichwald")
    lab.run(120)
    lab.engine.set_limit("newcomer-first", "b200", 16)
    lab.run(12)
    used = lab.jobs.used("newcomer-first", "b200")
    assert 4 <= used <= 16
    assert b'namespace="newcomer-first"' in lab.source.metrics()


def test_a_raised_quota_is_used_and_a_lowered_one_evicts_nobody_but_drains(begin):
    lab = begin("eichwald", {"lab-training": {"h100": 64}}, full(builtin()))
    lab.run(60)
    assert lab.jobs.used("lab-training", "h100") == 64
    lab.engine.set_limit("lab-training", "h100", 96)
    lab.run(20)
    assert lab.jobs.used("lab-training", "h100") == 96
    lab.engine.set_limit("lab-training", "h100", 16)
    lab.run(4)
    assert lab.jobs.used("lab-training", "h100") >= 80
    lab.run(3 * 3600, step=30)
    assert lab.jobs.used("lab-training", "h100") <= 16


def test_a_long_pause_does_no_harm(begin):
    lab = begin("kaamos")
    lab.run(60)
    lab.run(86400, step=86400)
    assert (lab.jobs.owner >= 0).any()


def test_a_fallen_gpu_answers_nothing_and_some_sensors_are_mute(begin):
    lab = begin("norrsken")
    last = lab.run(30)[-1]
    gone = lab.fleet.xid == FALLEN_OFF
    assert gone.any()
    assert np.isnan(last.busy_percent[gone]).all()
    assert not np.isnan(last.busy_percent[~gone]).any()
    assert np.isnan(last.power_w[lab.fleet.unreadable]).all()


def test_a_test_may_force_a_gpu(begin):
    lab = begin("pietralba")
    lab.run(10)
    lab.source.force(lab.fleet.uuids[5], 42.0)
    assert lab.run(4)[-1].busy_percent[5] == 42
    lab.source.force(lab.fleet.uuids[5], None)
    assert lab.generator.forced == {}
