"""Idle GPUs: found by measurement alone, told before anything is taken, and taken by people who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.core.errors import MovedMeanwhile, Refused, UnlawfulMove
from portal.models import Notification
from resources import states
from resources.errors import OverLimit, TooSoon
from resources.models import CapacityPool, Grant, IdleFinding, PoolHour, Quota, SampleHour
from resources.services import idle
from resources.services.decisions import approve_request
from resources.services.grants import revoke_grant
from resources.services.idle_finding import find, sweep
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, PolicyRule
from tests.factories.resources import make_finding, make_request, measure
from tests.factories.tenants import make_member, make_policy, make_staff
from tests.resources.conftest import make_house

Key = PolicyRule.Key
DAY = timedelta(days=1)


def granted(house, amount=20, start_days=-30, days=200):
    request = make_request(house.project, house.pool, house.owner, amount=amount, start_days=start_days, days=days)
    approve_request(acting_user=house.approver, request=request)
    Notification.objects.all().delete()
    return Grant.objects.select_related("pool__cluster", "share").get(line__request=request)


@pytest.fixture
def grant(house):
    return granted(house)


def unused(grant, busy=1, days=15, until=None):
    measure(grant, busy=busy, hours=24 * days, until=until)


def acts(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("act", flat=True))


def seen():
    return list(IdleFinding.objects.order_by("pk").values_list("state", "gpus", "notices"))


def test_a_grant_that_nothing_used_for_the_days_of_the_policy_is_found_and_told(house, grant):
    unused(grant)
    sweep()
    assert seen() == [("notified", 19, 1)]
    assert acts(house.owner) == ["idle.told"]
    assert acts(house.member) == []  # the policy tells owners and project managers
    assert acts(house.approver) == []
    finding = IdleFinding.objects.get()
    assert (finding.busy, finding.promised, finding.hours >= 335) == (1, 20, True)


def test_notices_go_to_everybody_where_the_policy_says_so(house, grant):
    make_policy(house.authority, Key.IDLE_TELLS_ALL, 1)
    unused(grant)
    sweep()
    assert acts(house.member) == ["idle.told"]


@pytest.mark.parametrize(
    ("busy", "found"), [(0, [20]), (4, [16]), (5, [])]  # 20 % of 20 is 4
)  # fmt: skip
def test_the_threshold_is_the_policys(grant, busy, found):
    unused(grant, busy=busy)
    find(timezone.now())
    assert [gpus for _state, gpus, _n in seen()] == found


def test_promised_but_never_allocated_is_idle_too(grant):
    unused(grant, busy=0)
    SampleHour.objects.all().delete()  # a tenant without jobs has no rows of its own
    find(timezone.now())
    assert [gpus for _state, gpus, _n in seen()] == [20]


def test_a_silent_cluster_never_makes_a_finding(grant):
    unused(grant, until=timezone.now() - timedelta(hours=4))
    assert sweep() == 0


def test_a_time_that_was_hardly_measured_never_makes_a_finding(grant):
    unused(grant)
    PoolHour.objects.update(minutes=50)
    assert sweep() == 0
    PoolHour.objects.update(minutes=55)
    assert find(timezone.now()) == 1


def test_a_grant_younger_than_the_time_is_left_alone(house):
    grant = granted(house, start_days=-10)
    unused(grant)
    assert sweep() == 0


def test_nobody_looks_where_the_policy_is_off_or_the_cluster_in_maintenance(house, grant):
    unused(grant)
    type(house.cluster).objects.filter(pk=house.cluster.pk).update(state="maintenance")
    assert sweep() == 0
    type(house.cluster).objects.filter(pk=house.cluster.pk).update(state="active")
    make_policy(house.authority, Key.IDLE_DAYS, 0)
    assert sweep() == 0


def test_of_two_grants_the_newer_gives_first_and_nothing_is_found_twice(house, grant):
    newer = granted(house, amount=10, start_days=-20)
    unused(grant, busy=4)
    find(timezone.now())
    assert list(IdleFinding.objects.order_by("-grant").values_list("grant", "gpus")) == [(newer.pk, 10), (grant.pk, 16)]


def later(grant, days, busy=1):
    """So many days later, measured all the while."""
    now = timezone.now() + timedelta(days=days)
    SampleHour.objects.all().delete()
    PoolHour.objects.all().delete()
    unused(grant, busy=busy, until=now)
    return now


def test_two_notices_then_the_approvers(house, grant):
    unused(grant)
    steps = []
    for days in (0, 6, 7.1, 13, 14.3, 30):
        sweep(later(grant, days))
        steps.append(seen()[0])
    assert steps == [
        ("notified", 19, 1), ("notified", 19, 1), ("notified", 19, 2), ("notified", 19, 2), ("escalated", 19, 2),
        ("escalated", 19, 2),
    ]  # fmt: skip
    assert acts(house.owner) == ["idle.told", "idle.told_last", "idle.escalated"]
    assert acts(house.approver) == ["idle.escalated"]


def test_a_sweep_run_twice_or_very_late_sends_one_notice_at_a_time(house, grant):
    unused(grant)
    sweep()
    sweep()
    now = later(grant, 60)
    assert sweep(now) == 1
    assert sweep(now) == 0
    assert seen() == [("notified", 19, 2)]


def test_while_the_cluster_is_silent_nobody_is_told_again_and_nothing_goes_on(grant):
    unused(grant)
    sweep()
    assert sweep(timezone.now() + 30 * DAY) == 0
    assert seen() == [("notified", 19, 1)]


def test_use_ends_a_finding_by_itself(grant):
    unused(grant)
    sweep()
    sweep(later(grant, 3, busy=12))
    assert seen() == [("dismissed", 19, 1)]
    assert list(IdleFinding.objects.get().steps.order_by("pk").values_list("act", flat=True)) == [
        "found",
        "told",
        "used",
    ]


def test_the_end_of_the_grant_ends_its_finding(house, grant):
    unused(grant)
    sweep()
    revoke_grant(acting_user=house.approver, grant=Grant.objects.get(), reason="Over")
    sweep()
    assert seen() == [("dismissed", 19, 1)]


@pytest.fixture
def told(grant):
    return make_finding(grant, gpus=16, notices=2)


def escalated(finding):
    IdleFinding.objects.filter(pk=finding.pk).update(state="escalated")
    finding.refresh_from_db()
    return finding


def test_a_reason_waits_for_the_approver_and_accepted_gives_peace_until_its_day(house, grant, told):
    until = timezone.now() + 20 * DAY
    idle.justify_idle(acting_user=house.owner, finding=told, reason="Data comes in May", needed_until=until)
    assert acts(house.approver) == ["idle.justified"]
    idle.accept_idle(acting_user=house.approver, finding=told)
    assert acts(house.owner) == ["idle.accepted"]
    finding = IdleFinding.objects.get()
    assert (finding.state, finding.quiet_until) == ("dismissed", until)
    assert sweep(later(grant, 19)) == 0
    assert sweep(later(grant, 21)) > 0


def test_a_reason_that_nobody_answered_goes_to_the_approvers_on_its_day(house, grant, told):
    idle.justify_idle(
        acting_user=house.owner, finding=told, reason="Soon", needed_until=timezone.now() + 5 * DAY
    )  # fmt: skip
    assert sweep(later(grant, 4)) == 0
    sweep(later(grant, 6))
    assert IdleFinding.objects.get().state == "escalated"


def test_a_refused_reason_is_a_notice(house, told):
    IdleFinding.objects.update(notices=1)
    idle.justify_idle(acting_user=house.owner, finding=told, reason="Soon", needed_until=timezone.now() + DAY)
    idle.escalate_idle(acting_user=house.approver, finding=told, reason="You said so in spring")
    assert seen() == [("escalated", 16, 2)]
    assert acts(house.owner) == ["idle.refused"]


def test_released_gpus_are_gone_at_once_and_what_they_save_is_counted(house, grant, told):
    idle.release_idle(acting_user=house.owner, finding=told, gpus=12)
    rest = Grant.objects.get(supersedes=grant)
    assert (rest.amount, rest.state, rest.ends_at) == (8, "active", grant.ends_at)
    assert Quota.objects.get().wanted == 8
    finding = IdleFinding.objects.get()
    assert (finding.state, finding.given_back) == ("released", 12)
    assert finding.saved_hours == round(12 * (grant.ends_at - finding.closed_at).total_seconds() / 3600)
    assert acts(house.approver) == ["idle.released"]


def test_all_of_a_grant_may_be_given_back(house, grant, told):
    idle.release_idle(acting_user=house.owner, finding=told, gpus=20)
    assert Grant.objects.get().state == "revoked"
    assert Quota.objects.get().wanted == 0


@pytest.mark.parametrize("gpus", [0, 21, 10**12])
def test_more_than_the_grant_has_or_nothing_is_no_release(house, told, gpus):
    with pytest.raises(Refused, match="from 1 to 20"):
        idle.release_idle(acting_user=house.owner, finding=told, gpus=gpus)
    assert seen() == [("notified", 16, 2)]


def test_taking_back_lowers_the_grant_by_a_smaller_one(house, grant, told):
    idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=16, reason="Two notices, no answer")
    assert Grant.objects.get(pk=grant.pk).state == "superseded"
    assert Grant.objects.get(supersedes=grant).amount == 4
    assert Quota.objects.get().wanted == 4
    assert acts(house.owner) == ["idle.reclaimed"]
    assert IdleFinding.objects.get().steps.latest("pk").text == "Two notices, no answer"


def test_taking_back_works_on_a_pool_that_shrank_below_its_promises(house, grant, told):
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=2)
    idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=16, reason="Idle")
    assert Grant.objects.get(supersedes=grant).amount == 4


def test_the_database_lets_in_no_more_than_the_grant_in_its_place(house, grant, told):
    idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=16, reason="Idle")
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=2)
    grant.refresh_from_db()
    with pytest.raises(IntegrityError, match="would be promised"), transaction.atomic():
        Grant.objects.create(
            tenant=house.tenant, authority=house.authority, environment=grant.environment, pool=house.pool,
            share=house.share, line=grant.line, amount=17, starts_at=grant.starts_at, ends_at=grant.ends_at,
            supersedes=grant, state="active",
        )  # fmt: skip


def test_nothing_is_taken_before_the_tenant_was_told_as_often_as_policy_says(house, told):
    IdleFinding.objects.update(notices=1)
    with pytest.raises(TooSoon, match="told 1 time"):
        idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=16, reason="Idle")
    assert Quota.objects.get().wanted == 20


def test_above_the_policys_number_a_second_person_agrees(house, grant, told):
    make_policy(house.authority, Key.IDLE_SECOND_GPUS, 10)
    idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=12, reason="Idle")
    assert (seen(), Quota.objects.get().wanted) == ([("awaiting_second", 16, 2)], 20)
    assert acts(house.second) == ["idle.proposed"]
    with pytest.raises(FourEyes):
        idle.confirm_reclaim(acting_user=house.approver, finding=told)
    idle.confirm_reclaim(acting_user=house.second, finding=told)
    assert (IdleFinding.objects.get().given_back, Quota.objects.get().wanted) == (12, 8)


def test_the_second_person_may_disagree(house, told):
    make_policy(house.authority, Key.IDLE_SECOND_GPUS, 10)
    idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=12, reason="Idle")
    idle.send_back_reclaim(acting_user=house.second, finding=told, reason="They start on Monday")
    finding = IdleFinding.objects.get()
    assert (finding.state, finding.asked_gpus, finding.first_by) == ("escalated", None, None)


def test_nobody_of_the_tenant_decides_not_even_one_who_left_it(house, told):
    both = make_staff(house.authority, "quota_approver")
    make_member(house.tenant, "member", both)
    for decide in (idle.dismiss_idle, idle.escalate_idle):
        with pytest.raises(FourEyes):
            decide(acting_user=both, finding=told, reason="Mine")
    with pytest.raises(FourEyes):
        idle.reclaim_idle(acting_user=both, finding=escalated(told), gpus=1, reason="Mine")


def test_a_limited_role_takes_back_no_more_than_it_may(house, told):
    AuthorityMembership.objects.filter(user=house.approver).update(gpu_limit=8)
    with pytest.raises(OverLimit):
        idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=9, reason="Idle")
    idle.reclaim_idle(acting_user=house.approver, finding=told, gpus=8, reason="Idle")


ACTS = {
    "justify": (
        lambda h, f: idle.justify_idle(acting_user=h.owner, finding=f, reason="x", needed_until=timezone.now() + DAY),
        {"notified"},
    ),
    "release": (
        lambda h, f: idle.release_idle(acting_user=h.owner, finding=f, gpus=1),
        {"notified", "justified", "escalated", "awaiting_second"},
    ),
    "accept": (lambda h, f: idle.accept_idle(acting_user=h.approver, finding=f), {"justified"}),
    "escalate": (lambda h, f: idle.escalate_idle(acting_user=h.approver, finding=f, reason="x"), {"justified"}),
    "dismiss": (
        lambda h, f: idle.dismiss_idle(acting_user=h.approver, finding=f, reason="x"), set(IdleFinding.OPEN),
    ),
    "reclaim": (
        lambda h, f: idle.reclaim_idle(acting_user=h.approver, finding=f, gpus=1, reason="x"), {"escalated"},
    ),
    "confirm": (lambda h, f: idle.confirm_reclaim(acting_user=h.second, finding=f), {"awaiting_second"}),
    "send_back": (
        lambda h, f: idle.send_back_reclaim(acting_user=h.second, finding=f, reason="x"), {"awaiting_second"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", states.IDLE.states)
@pytest.mark.parametrize("name", ACTS)
def test_every_act_in_every_state_is_lawful_or_refused(house, told, name, state):
    if state == "awaiting_second":
        make_policy(house.authority, Key.IDLE_SECOND_GPUS, 1)
        idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=1, reason="x")
    elif state == "reclaimed":  # the database lets nobody write it down without who did it
        idle.reclaim_idle(acting_user=house.approver, finding=escalated(told), gpus=1, reason="x")
    else:
        IdleFinding.objects.update(state=state)
    act, lawful = ACTS[name]
    told.refresh_from_db()
    if state in lawful:
        act(house, told)
        assert IdleFinding.objects.get().state != state
        return
    with pytest.raises((UnlawfulMove, MovedMeanwhile)):
        act(house, told)
    assert IdleFinding.objects.get().state == state


@pytest.mark.django_db(transaction=True)
def test_sixteen_sweeps_at_once_find_and_tell_once():
    house = make_house()
    grant = granted(house)
    unused(grant)

    def one(_number):
        try:
            return sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(16)))
    assert seen() == [("notified", 19, 1)]
    assert acts(house.owner) == ["idle.told"]


@pytest.mark.django_db(transaction=True)
def test_sixteen_hands_that_give_and_take_at_once_do_it_once():
    house = make_house()
    grant = granted(house)
    finding = make_finding(grant, gpus=16, notices=2, state="escalated")

    def one(number):
        try:
            if number % 2:
                idle.release_idle(acting_user=house.owner, finding=finding, gpus=5)
            else:
                idle.reclaim_idle(acting_user=house.approver, finding=finding, gpus=5, reason="Idle")
        except (UnlawfulMove, MovedMeanwhile):
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(16))) == 1
    assert Quota.objects.get().wanted == 15
    assert Grant.objects.counting().count() == 1
