"""A part of a budget of GPU-hours: of what was asked, of a grant that is lowered, and of one that is given back later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from resources.models import Decision, Grant
from resources.services.decisions import approve_request, confirm_request
from resources.services.grant_changes import release_grant
from resources.services.grants import lower_grant
from resources.services.placing import Term
from resources.services.requests import send_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule
from tests.factories.resources import measure, period
from tests.factories.tenants import make_policy

pytestmark = pytest.mark.django_db


def ask(house, hours=900, most=10, start=0, days=30):
    wish = Wish(house.pool, most, *period(start, days), budget_hours=hours)
    return send_request(acting_user=house.owner, project=house.project, purpose="Hours", wishes=[wish])


def give(house, gpus, **facts):
    request = ask(house, **facts)
    amounts = {request.current_lines.get().pk: gpus}
    approve_request(acting_user=house.approver, request=request, amounts=amounts, reason="So many")
    return Grant.objects.get(line__request=request)


@pytest.mark.parametrize(("gpus", "hours"), [(10, 900), (5, 450), (3, 270), (1, 90)])
def test_a_part_of_the_gpus_comes_with_that_part_of_the_hours(house, gpus, hours):
    assert give(house, gpus).budget_hours == hours


def test_a_part_that_cannot_be_halved_is_rounded_for_the_tenant(house):
    assert give(house, 1, hours=100, most=3).budget_hours == 34


def test_a_shorter_time_gives_no_more_hours_than_fit_into_it(house):
    request = ask(house)
    line = request.current_lines.get()
    term = Term(10, ends_at=line.starts_at + timedelta(days=2))
    approve_request(acting_user=house.approver, request=request, terms={line.pk: term}, reason="Two days")
    assert Grant.objects.get().budget_hours == 480


def test_the_second_person_confirms_the_hours_that_the_first_gave(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 2)
    request = ask(house)
    amounts = {request.current_lines.get().pk: 5}
    approve_request(acting_user=house.approver, request=request, amounts=amounts, reason="Half")
    confirm_request(acting_user=house.second, request=request)
    assert Grant.objects.get().budget_hours == 450
    assert [d.lines.get().budget_hours for d in Decision.objects.order_by("step")] == [450, 450]


def test_a_grant_that_is_lowered_keeps_its_part_of_what_is_not_used(house):
    grant = give(house, 10, start=-4)
    measure(grant, busy=10, hours=20)
    left = lower_grant(acting_user=house.approver, grant=grant, gpus=6, reason="Idle")
    assert (left.amount, left.budget_hours) == (4, (900 - 200) * 4 // 10)


def test_a_budget_that_is_used_up_leaves_an_hour_and_not_an_unlimited_grant(house):
    grant = give(house, 10, hours=150, start=-4)
    measure(grant, busy=10, hours=20)
    assert lower_grant(acting_user=house.approver, grant=grant, gpus=6, reason="Idle").budget_hours == 1


def test_giving_back_later_splits_the_hours_between_both_times(house):
    grant = give(house, 10, start=2, days=30)
    at = grant.starts_at + timedelta(days=15)
    first = release_grant(acting_user=house.owner, grant=grant, gpus=5, at=at)
    rest = Grant.objects.get(supersedes=grant, starts_at=at)
    assert (first.budget_hours, rest.budget_hours) == (450, 225)


def test_giving_back_later_leaves_what_is_used_with_the_grant_that_used_it(house):
    grant = give(house, 10, start=-4, days=34)
    measure(grant, busy=10, hours=20)
    at = timezone.now() + timedelta(days=10)
    first = release_grant(acting_user=house.owner, grant=grant, gpus=10, at=at)
    assert 700 * 10 / 30 - 15 < first.budget_hours < 700 * 10 / 30 + 15
