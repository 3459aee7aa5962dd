"""Claim, apply, read back, settle: on an engine that can be slow, wrong, silent, or killed in the middle."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.core.errors import Refused
from portal.models import AuditEvent
from resources.drivers.base import Enforcement, EngineRefused, EngineSilent, Observation, _drivers
from resources.models import Cluster, Grant, Quota
from resources.services import quotas
from resources.services.decisions import approve_request
from resources.services.grants import revoke_grant
from resources.services.inventory import change_cluster
from tests.factories.resources import make_request
from tests.factories.tenants import make_project
from tests.resources.conftest import make_house


class Engine:
    """An engine of this process, with a fault if one is set."""

    key, label = "stand-in", "Stand-in"

    def __init__(self) -> None:
        self.limits, self.used, self.told, self.fault, self.during = {}, {}, [], None, None

    def capability(self, kind):
        return Enforcement.ENFORCED

    def ensure_environment(self, target):
        if isinstance(self.fault, Exception):
            raise self.fault

    def apply(self, target, total):
        self.told.append(total)
        if self.fault != "deaf":
            self.limits[target.environment, target.kind] = total
        if self.during:
            during, self.during = self.during, None
            during()

    def read_back(self, target):
        if isinstance(self.fault, Exception):
            raise self.fault
        key = (target.environment, target.kind)
        return Observation(self.limits.get(key), self.used.get(key), time.time())


@pytest.fixture
def engine(monkeypatch):
    made = Engine()
    monkeypatch.setitem(_drivers, "stand-in", made)
    return made


@pytest.fixture
def house(db, engine):
    return make_house(driver="stand-in")


def give(house, amount=20):
    approve_request(
        acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=amount)
    )
    return Quota.objects.get()


def enforce(house):
    quotas.enforce_cluster(house.cluster.pk)
    return Quota.objects.get()


def let_time_pass(**fields: Any):
    Quota.objects.update(**fields)


def test_enforce_applies_reads_back_and_says_in_force(house, engine):
    give(house)
    quota = enforce(house)
    assert (quota.state, quota.observed, quota.applied_revision) == ("in_force", 20, quota.revision)
    assert quota.lease_until is None
    assert AuditEvent.objects.filter(act="quota.in_force", tenant_id=house.tenant.pk, actor=None).count() == 1
    assert quotas.enforce_cluster(house.cluster.pk) == 0


def test_counted_engine_says_counted_only_and_observes_nothing(db):
    house = make_house(driver="counted")
    give(house)
    quota = enforce(house)
    assert (quota.state, quota.observed, quota.observed_at) == ("counted_only", None, None)


@pytest.mark.parametrize("fault", [EngineSilent("No answer."), EngineRefused("No."), "deaf"])
def test_failure_keeps_its_reason_and_is_tried_again_later(house, engine, fault):
    engine.fault = fault
    give(house)
    quota = enforce(house)
    assert quota.state == "failed"
    assert quota.reason
    assert quota.next_attempt_at > timezone.now()
    assert quotas.due_quotas().count() == 0
    engine.fault = None
    let_time_pass(next_attempt_at=timezone.now())
    quota = enforce(house)
    assert (quota.state, quota.reason, quota.attempts) == ("in_force", "", 0)


def test_failures_wait_longer_and_longer(house, engine):
    engine.fault = EngineSilent("No answer.")
    give(house)
    waits = []
    for _each in range(4):
        quota = enforce(house)
        waits.append(round((quota.next_attempt_at - timezone.now()).total_seconds()))
        let_time_pass(next_attempt_at=timezone.now())
    assert waits == [5, 10, 20, 40]


def test_wish_that_changes_while_applying_is_applied_too(house, engine):
    give(house, 20)
    engine.during = lambda: give(house, 15)
    quota = enforce(house)
    assert (quota.state, quota.wanted, quota.observed) == ("in_force", 35, 35)
    assert engine.told == [20, 35]


def test_worker_killed_between_apply_and_settle_is_overtaken_after_its_lease(house, engine):
    give(house)
    (dead,) = quotas.claim(quotas.due_quotas(), lease_seconds=60, limit=1)
    engine.during = lambda: (_ for _ in ()).throw(KeyboardInterrupt)  # the kill: nothing of ours runs after it
    with pytest.raises(KeyboardInterrupt):
        quotas.enforce_one(dead)
    assert Quota.objects.get().state == "applying"
    assert quotas.enforce_cluster(house.cluster.pk) == 0  # still leased: nobody else touches it
    let_time_pass(lease_until=timezone.now() - timedelta(seconds=1))
    quota = enforce(house)
    assert (quota.state, quota.observed, engine.limits) == (
        "in_force", 20, {(quota.environment.external_name, house.pool.kind.slug): 20},
    )  # fmt: skip


def test_late_result_of_an_overtaken_worker_is_dropped(house, engine):
    give(house)
    (late,) = quotas.claim(quotas.due_quotas(), lease_seconds=0, limit=1)
    quota = enforce(house)
    assert quota.state == "in_force"
    late.state = "applying"
    quotas._settle(late, late.revision, "failed", reason="late", attempts=1)
    assert Quota.objects.get().state == "in_force"


def test_last_grant_gone_removes_the_quota_from_the_cluster(house, engine):
    give(house)
    enforce(house)
    revoke_grant(acting_user=house.approver, grant=Grant.objects.get(), reason="x")
    quota = enforce(house)
    assert (quota.state, quota.wanted, quota.observed) == ("removed", 0, 0)


def test_lowering_below_use_is_in_force_and_over_quota(house, engine):
    give(house, 12)
    give(house, 8)
    quota = enforce(house)
    engine.used[quota.environment.external_name, house.pool.kind.slug] = 18
    revoke_grant(acting_user=house.approver, grant=Grant.objects.get(amount=8), reason="Over")
    quota = enforce(house)
    assert (quota.state, quota.observed, quota.over) == ("in_force", 12, 6)


def test_drift_is_seen_and_mended(house, engine):
    give(house)
    quota = enforce(house)
    key = (quota.environment.external_name, house.pool.kind.slug)
    engine.limits[key] = 99
    assert quotas.watch_cluster(house.cluster.pk) == 0  # looked at a moment ago
    let_time_pass(observed_at=timezone.now() - timedelta(minutes=5))
    assert quotas.watch_cluster(house.cluster.pk) == 1
    quota = Quota.objects.get()
    assert (quota.state, quota.observed) == ("drifted", 99)
    quota = enforce(house)
    assert (quota.state, quota.observed, engine.limits[key]) == ("in_force", 20, 20)


def test_a_reader_that_is_killed_keeps_a_quota_for_seconds_only(house, engine):
    give(house)
    enforce(house)
    let_time_pass(observed_at=timezone.now() - timedelta(minutes=5))
    engine.fault = ArithmeticError()  # nothing that a driver says
    with pytest.raises(ArithmeticError):
        quotas.watch_cluster(house.cluster.pk)
    assert Quota.objects.get().lease_until <= timezone.now() + timedelta(seconds=quotas.LOOK_LEASE_SECONDS)


def test_silent_engine_leaves_the_last_look_and_its_age(house, engine):
    give(house)
    enforce(house)
    old = timezone.now() - timedelta(minutes=5)
    let_time_pass(observed_at=old)
    engine.fault = EngineSilent("No answer.")
    assert quotas.watch_cluster(house.cluster.pk) == 0
    quota = Quota.objects.get()
    assert (quota.state, quota.observed, quota.observed_at, quota.lease_until) == ("in_force", 20, old, None)


def test_silent_engine_is_asked_once_per_turn(house, engine):
    engine.fault = EngineSilent("No answer.")
    give(house)

    house.project = make_project(house.tenant)
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=5))
    assert quotas.enforce_cluster(house.cluster.pk) == 1
    assert sorted(Quota.objects.values_list("state", flat=True)) == ["failed", "pending"]


def test_cluster_with_another_engine_has_its_quotas_applied_again(house, engine):
    give(house)
    enforce(house)
    change_cluster(acting_user=house.operator, cluster=house.cluster, driver="counted")
    assert Quota.objects.get().state == "pending"
    assert enforce(house).state == "counted_only"
    change_cluster(acting_user=house.operator, cluster=Cluster.objects.get(pk=house.cluster.pk), driver="stand-in")
    assert enforce(house).state == "in_force"


def test_cluster_of_an_unknown_engine_is_refused(house):
    with pytest.raises(Refused):
        change_cluster(acting_user=house.operator, cluster=house.cluster, driver="nobody")
