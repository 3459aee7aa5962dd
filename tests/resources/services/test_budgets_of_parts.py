"""A part of a budget of GPU-hours: of what was asked, of a grant that is lowered, and of one that is given back later."""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.errors import Refused
from resources.models import Decision, Grant
from resources.quantities import part_of_time
from resources.services.decisions import approve_request, confirm_request
from resources.services.grant_changes import end_early, release_grant
from resources.services.grants import lower_grant
from resources.services.placing import Term
from resources.services.requests import send_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule
from tests.factories.resources import make_request, measure, period
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
    request = ask(house, hours=7200)
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


def shorter(house, days, gpus=10, hours=None, **facts):
    """A request for 30 days of which only so many are given; ``hours``: what the approver says of the budget."""
    request = ask(house, **facts)
    line = request.current_lines.get()
    term = Term(gpus, ends_at=line.starts_at + timedelta(days=days), budget_hours=hours)
    approve_request(acting_user=house.approver, request=request, terms={line.pk: term}, reason="Not so long")
    return request, Grant.objects.get(line=line)


@pytest.mark.parametrize(("days", "gpus", "hours"), [(15, 10, 450), (10, 10, 300), (15, 5, 225), (1, 1, 3)])
def test_a_shorter_time_comes_with_that_part_of_the_hours(house, days, gpus, hours):
    request, grant = shorter(house, days, gpus)
    assert (grant.budget_hours, request.state) == (hours, "partially_approved")


def test_the_approver_may_say_otherwise_within_what_was_asked_and_can_be_used(house):
    assert shorter(house, 15, hours=900)[1].budget_hours == 900
    assert shorter(house, 15, hours=10)[1].budget_hours == 10


@pytest.mark.parametrize(("days", "hours", "said"), [(15, 901, "between 1 and 900"), (2, 481, "between 1 and 480")])
def test_more_than_was_asked_or_can_be_used_is_refused(house, days, hours, said):
    with pytest.raises(Refused, match=said):
        shorter(house, days, hours=hours)


def test_hours_of_a_line_that_asks_for_gpus_are_refused(house):
    request = make_request(house.project, house.pool, house.owner, 5)
    terms = {request.current_lines.get().pk: Term(5, budget_hours=10)}
    with pytest.raises(Refused, match="asks for GPUs, not for GPU hours"):
        approve_request(acting_user=house.approver, request=request, terms=terms, reason="x")


def test_fewer_hours_alone_are_a_part_and_take_a_reason(house):
    request = ask(house)
    terms = {request.current_lines.get().pk: Term(10, budget_hours=899)}
    with pytest.raises(Refused, match="Write the reason"), transaction.atomic():
        approve_request(acting_user=house.approver, request=request, terms=terms)
    request.refresh_from_db()
    approve_request(acting_user=house.approver, request=request, terms=terms, reason="One hour less")
    assert (request.state, Decision.objects.get().outcome) == ("partially_approved", "approve_part")


@pytest.mark.parametrize("amount", [3, 7])
def test_steps_that_give_all_of_it_give_every_hour_and_no_more(house, amount):
    request = ask(house, hours=100, most=amount)
    line = request.current_lines.get()
    for _each in range(amount - 1):
        terms = {line.pk: Term(1, rest_open=True)}
        approve_request(acting_user=house.approver, request=request, terms=terms, reason="One at a time")
    approve_request(acting_user=house.approver, request=request)
    assert request.state == "approved"
    assert sum(Grant.objects.values_list("budget_hours", flat=True)) == 100


def test_what_a_shorter_part_leaves_goes_to_nobody_else(house):
    request = ask(house)
    line = request.current_lines.get()
    half = Term(5, ends_at=line.starts_at + timedelta(days=15), rest_open=True)
    approve_request(acting_user=house.approver, request=request, terms={line.pk: half}, reason="Half of the time")
    approve_request(acting_user=house.approver, request=request)
    assert sorted(Grant.objects.values_list("budget_hours", flat=True)) == [225, 450]
    assert request.state == "partially_approved"


def test_the_night_the_clocks_change_is_counted_with_its_hours(house):
    zone = ZoneInfo("Europe/Luxembourg")
    whole = datetime(2027, 3, 27, tzinfo=zone), datetime(2027, 3, 30, tzinfo=zone)
    assert part_of_time(*whole, whole[0], datetime(2027, 3, 29, tzinfo=zone)) == Fraction(47, 71)


@pytest.mark.parametrize(("keep", "hours"), [(False, 700 * 10 / 30), (True, 700)])
def test_a_running_grant_that_is_cut_keeps_its_part_of_what_is_left_or_all_of_it(house, keep, hours):
    grant = give(house, 10, start=-4, days=34)
    measure(grant, busy=10, hours=20)
    at = timezone.now() + timedelta(days=10)
    end_early(house.approver, grant, at, "The condition was not met", keep_hours=keep)
    cut = Grant.objects.get(supersedes=grant)
    assert cut.ends_at == at
    assert hours - 15 < cut.budget_hours <= hours + 15


def test_what_is_kept_is_no_more_than_can_be_used(house):
    grant = give(house, 10, start=-4, days=34)
    end_early(house.approver, grant, timezone.now() + timedelta(days=1), "Not met", keep_hours=True)
    assert Grant.objects.get(supersedes=grant).budget_hours == 240
