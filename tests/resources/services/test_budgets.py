"""GPU-hours: each step is told once, and at the end what the policy says happens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.models import Notification
from resources.models import Grant, GrantNotice, Quota, SampleHour
from resources.services.budgets import watch
from resources.services.decisions import approve_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule
from tests.factories.resources import make_request, measure, period
from tests.factories.tenants import make_policy
from tests.resources.conftest import make_house


def granted(house, hours=100):
    wish = Wish(house.pool, 10, *period(-10, 90), budget_hours=hours)
    request = make_request(house.project, house.pool, house.owner, wishes=[wish])
    approve_request(acting_user=house.approver, request=request)
    Notification.objects.all().delete()
    return Grant.objects.select_related("pool__cluster").get()


def used(grant, hours):
    """So many hours in which one GPU was held."""
    measure(grant, busy=1, hours=hours)


def acts():
    return sorted(Notification.objects.values_list("act", flat=True).distinct())


def steps():
    return list(GrantNotice.objects.order_by("step").values_list("step", "told"))


@pytest.mark.parametrize(
    ("hours", "told"), [(74, []), (75, ["grant.budget_75"]), (90, ["grant.budget_90"]), (100, ["grant.budget_100"])]
)
def test_each_step_is_told_when_it_is_reached_and_once(house, hours, told):
    grant = granted(house)
    used(grant, hours)
    watch()
    watch()
    assert acts() == told


def test_a_late_sweep_tells_of_the_highest_step_alone(house):
    grant = granted(house)
    used(grant, 95)
    assert watch() == 1
    assert acts() == ["grant.budget_90"]
    assert steps() == [(75, False), (90, True)]


def test_steps_follow_each_other(house):
    grant = granted(house)
    used(grant, 80)
    watch()
    SampleHour.objects.update(allocated_s=4500)
    watch()
    assert acts() == ["grant.budget_100", "grant.budget_75"]
    assert steps() == [(75, True), (90, False), (100, True)]


def test_at_the_end_people_are_told_and_no_more_unless_policy_says_so(house):
    grant = granted(house)
    used(grant, 100)
    watch()
    watch(timezone.now() + timedelta(days=30))
    assert Grant.objects.get().state == "active"
    assert Quota.objects.get().wanted == 10


def test_where_policy_says_so_nothing_is_left_some_days_after_the_notice(house):
    make_policy(house.authority, PolicyRule.Key.BUDGET_LOWERS, 1)
    make_policy(house.authority, PolicyRule.Key.BUDGET_DAYS, 3)
    grant = granted(house)
    used(grant, 100)
    watch()
    watch(timezone.now() + timedelta(days=2))
    assert Grant.objects.get().state == "active"
    watch(timezone.now() + timedelta(days=3, minutes=1))
    grant = Grant.objects.get()
    assert (grant.state, grant.ended_at is not None) == ("exhausted", True)
    assert Quota.objects.get().wanted == 0
    assert "grant.exhausted" in acts()
    assert watch(timezone.now() + timedelta(days=9)) == 0


def test_a_silent_cluster_uses_nothing_up(house):
    grant = granted(house)
    used(grant, 80)
    watch()
    for day in range(1, 20):
        assert watch(timezone.now() + timedelta(days=day)) == 0
    assert grant.notices.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sixteen_sweeps_at_once_tell_once():
    house = make_house()
    grant = granted(house)
    used(grant, 90)

    def sweep(_number):
        try:
            return watch()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(sweep, range(16))) == 1
    assert acts() == ["grant.budget_90"]
