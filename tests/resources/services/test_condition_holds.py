"""What an approver may do about an overdue condition, and what becomes of the grants when it is settled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import MovedMeanwhile, Refused
from portal.models import Notification
from resources.models import Grant, Quota
from resources.queries.conditions import last_day_at
from resources.services.condition_holds import shorten_for_condition, suspend_for_condition
from resources.services.conditions import confirm_met, lift_condition, say_met
from resources.services.decisions import approve_request
from resources.services.grants import freeze_grants, thaw_grants
from resources.services.turning import turn_grants
from tenants.errors import FourEyes
from tests.factories.resources import make_request
from tests.factories.tenants import make_member, make_staff
from tests.resources.services.test_conditions import USE, granted, in_days, make_overdue, one, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue(house):
    granted(house)
    row = one()
    make_overdue(row)
    Notification.objects.all().delete()
    return row


def stands():
    return list(Grant.objects.order_by("pk").values_list("state", "amount")), Quota.objects.get().wanted


def test_suspending_lowers_the_quota_and_keeps_the_capacity(house, overdue):
    suspend_for_condition(acting_user=house.approver, condition=overdue, reason="No paper came")
    assert stands() == ([("suspended", 10)], 0)
    assert Grant.objects.counting().count() == 1
    assert told(house.owner) == ["request.condition_suspended"]
    with pytest.raises(Refused):
        suspend_for_condition(acting_user=house.second, condition=one(), reason="Again")


@pytest.mark.parametrize("by", ["met", "lifted"])
def test_settling_it_gives_the_suspended_grants_back(house, overdue, by):
    suspend_for_condition(acting_user=house.approver, condition=overdue, reason="No paper came")
    if by == "met":
        say_met(acting_user=house.owner, condition=overdue, note="Here it is")
        confirm_met(acting_user=house.second, condition=overdue)
    else:
        lift_condition(acting_user=house.second, condition=overdue, reason="The law changed")
    assert stands() == ([("active", 10)], 10)
    assert overdue.steps.latest("pk").act == "resumed"


def test_lifted_by_somebody_who_had_not_seen_the_suspension_it_gives_the_grants_back_all_the_same(house, overdue):
    as_seen_before = one()
    suspend_for_condition(acting_user=house.approver, condition=overdue, reason="No paper came")
    lift_condition(acting_user=house.second, condition=as_seen_before, reason="The law changed")
    assert stands() == ([("active", 10)], 10)


def test_another_condition_keeps_them_suspended(house):
    granted(house, in_days(house, 10), in_days(house, 10, USE))
    first, second = one(number=1), one(number=2)
    make_overdue(second)
    first.refresh_from_db()
    suspend_for_condition(acting_user=house.approver, condition=first, reason="x")
    type(second).objects.filter(pk=second.pk).update(suspended_at=timezone.now())
    lift_condition(acting_user=house.approver, condition=first, reason="x")
    assert stands() == ([("suspended", 10)], 0)
    lift_condition(acting_user=house.approver, condition=one(number=2), reason="x")
    assert stands() == ([("active", 10)], 10)


def test_a_tenant_that_works_again_does_not_get_them_before_the_condition_is_settled(house, overdue):
    suspend_for_condition(acting_user=house.approver, condition=overdue, reason="x")
    type(house.tenant).objects.filter(pk=house.tenant.pk).update(state="suspended")
    freeze_grants(acting_user=house.approver, tenant=house.tenant)
    type(house.tenant).objects.filter(pk=house.tenant.pk).update(state="active")
    thaw_grants(acting_user=house.approver, tenant=house.tenant)
    assert stands() == ([("suspended", 10)], 0)
    lift_condition(acting_user=house.approver, condition=one(), reason="x")
    assert stands() == ([("active", 10)], 10)


def test_while_the_tenant_is_suspended_settling_it_gives_nothing_back_until_the_tenant_works_again(house, overdue):
    suspend_for_condition(acting_user=house.approver, condition=overdue, reason="x")
    type(house.tenant).objects.filter(pk=house.tenant.pk).update(state="suspended")
    lift_condition(acting_user=house.approver, condition=one(), reason="x")
    assert stands() == ([("suspended", 10)], 0)
    type(house.tenant).objects.filter(pk=house.tenant.pk).update(state="active")
    thaw_grants(acting_user=house.approver, tenant=house.tenant)
    assert stands() == ([("active", 10)], 10)


def test_shortening_puts_a_grant_with_an_earlier_end_in_its_place(house, overdue):
    before = Grant.objects.get()
    day = timezone.localdate() + timedelta(days=3)
    shorten_for_condition(
        acting_user=house.approver, condition=overdue, last_day=day, reason="Until the paper is there"
    )
    after = Grant.objects.get(supersedes=before)
    assert (after.amount, after.state, last_day_at(after.ends_at, house.authority)) == (10, "active", day)
    assert (Grant.objects.get(pk=before.pk).state, Quota.objects.get().wanted) == ("superseded", 10)
    assert told(house.owner) == ["grant.shortened", "request.condition_shortened"]
    turn_grants(after.ends_at + timedelta(minutes=1))
    assert Quota.objects.get().wanted == 0


@pytest.mark.parametrize(("days", "field"), [(-1, "last_day"), (400, "last_day")])
def test_shortening_takes_a_day_from_today_and_before_the_end(house, overdue, days, field):
    day = timezone.localdate() + timedelta(days=days)
    with pytest.raises(Refused) as refusal:
        shorten_for_condition(acting_user=house.approver, condition=overdue, last_day=day, reason="x")
    assert refusal.value.field == field


@pytest.mark.parametrize("act", ["suspend", "shorten"])
def test_both_take_a_reason_an_overdue_condition_and_somebody_else(house, overdue, act):
    def do(person, row, reason="x"):
        if act == "suspend":
            return suspend_for_condition(acting_user=person, condition=row, reason=reason)
        day = timezone.localdate() + timedelta(days=2)
        return shorten_for_condition(acting_user=person, condition=row, last_day=day, reason=reason)

    both = make_member(house.tenant, "member", make_staff(house.authority, "quota_approver"))
    with pytest.raises(FourEyes):
        do(both, overdue)
    with pytest.raises(Refused):
        do(house.approver, overdue, " ")
    say_met(acting_user=house.owner, condition=overdue, note="x")
    with pytest.raises(MovedMeanwhile):
        do(house.approver, overdue)
    assert stands() == ([("active", 10)], 10)


def test_what_has_not_begun_is_not_suspended(house):
    request = make_request(house.project, house.pool, house.owner, start_days=20)
    approve_request(acting_user=house.approver, request=request, conditions=[in_days(house, 10)])
    row = one()
    make_overdue(row)
    with pytest.raises(Refused, match="Nothing of what was granted runs now"):
        suspend_for_condition(acting_user=house.approver, condition=row, reason="x")
