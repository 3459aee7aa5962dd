"""Sums of measured use are exact, and what was not measured is neither use nor idleness."""

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from resources.models import Grant
from resources.queries.budgets import Budget, budget_of, forecast, spent_by_hour
from resources.queries.measured import HOUR_S, Use, UseHour, suggestion, use_of_grant, use_with_former, usual
from resources.queries.savings import savings
from resources.services.decisions import approve_request
from resources.services.grants import lower_grant
from resources.services.wishes import Wish
from tenants.models import Authority
from tests.factories.resources import hear, make_request, measure, period

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 500), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60
)


def use_from(rows):
    hours = tuple(
        UseHour(START + number * HOUR, minutes * 60, promised, allocated, busy)
        for number, (minutes, promised, allocated, busy) in enumerate(rows)
    )
    return Use(START, START + len(rows) * HOUR, hours)


@given(HOURS)
def test_sums_over_all_hours_are_the_sums_of_the_hours(rows):
    use = use_from(rows)
    assert round(use.allocated_hours * HOUR_S) == sum(row[2] for row in rows)
    assert round(use.busy_hours * HOUR_S) == sum(row[3] for row in rows)
    assert round(use.promised_hours * HOUR_S) == sum(row[0] * 60 * row[1] for row in rows)
    assert use.coverage == pytest.approx(sum(row[0] for row in rows) / (60 * len(rows)) if rows else 0)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=300))
def test_the_usual_amount_is_enough_in_95_of_100_hours_and_one_less_is_not(values):
    found = usual(values)
    enough = sum(1 for value in values if value <= found + 1e-6)
    assert 100 * enough >= 95 * len(values)
    less = sum(1 for value in values if value <= found - 1)
    assert found == 0 or 100 * less < 95 * len(values) or math.isclose(found - 1, max(values), abs_tol=1e-6)


@given(HOURS, st.integers(1, 500))
def test_a_budget_takes_only_what_goes_beyond_other_grants_and_never_gives_back(rows, amount):
    use, grant = use_from(rows), SimpleNamespace(amount=amount)
    expected = [max(0, row[2] - max(0, row[1] - amount) * row[0] * 60) for row in rows]
    assert [seconds for _at, seconds in spent_by_hour(grant, use)] == expected


@given(st.integers(1, 10**6), st.integers(0, 10**10))
def test_no_rounding_decides_whether_a_step_is_reached(hours, used_s):
    budget = Budget(SimpleNamespace(), hours, used_s, (), None, None)
    for step in (75, 90, 100):
        assert budget.reached(step) == (used_s * 100 >= step * hours * 3600)
    assert budget.left_s == max(0, hours * 3600 - used_s)


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 700), st.integers(1, 300)), max_size=12),
    st.integers(0, 1500), st.sampled_from(["UTC", "Europe/Brussels", "America/New_York"]),
)  # fmt: skip
def test_savings_of_all_months_are_all_that_was_saved(rows, days, zone):
    """Whatever months, clock changes and leap days lie between: nothing is lost at a midnight."""
    authority = Authority(pk=1, name="A", time_zone=zone)
    findings = [
        SimpleNamespace(
            given_back=gpus, closed_at=START + timedelta(days=begin, hours=5),
            grant=SimpleNamespace(
                share=SimpleNamespace(authority=authority), ends_at=START + timedelta(days=begin + lasting, hours=5)
            ),
        )
        for begin, lasting, gpus in rows
    ]  # fmt: skip
    found = savings(findings, START + timedelta(days=days))
    total = sum(each.saved_s + each.coming_s for each in found)
    assert total == sum(gpus * lasting * 86400 for _begin, lasting, gpus in rows)
    now = START + timedelta(days=days)
    until_now = sum(
        gpus * max(0, int((min(now, f.grant.ends_at) - f.closed_at).total_seconds()))
        for f, (_b, _l, gpus) in zip(findings, rows, strict=True)
        if f.closed_at < now
    )  # fmt: skip
    assert sum(each.saved_s for each in found) == until_now
    assert sum(each.gpus for each in found) == sum(gpus for _b, _l, gpus in rows)


def granted(house, amount=20, days=60, start_days=-40, **extra):
    request = make_request(
        house.project, house.pool, house.owner, amount=amount, start_days=start_days, days=days, **extra
    )
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.select_related("pool__cluster", "share").get(line__request=request)


@pytest.fixture
def grant(house):
    return granted(house)


def test_use_of_a_grant_is_what_was_measured(grant):
    measure(grant, busy=8, allocated=12, hours=48)
    use = use_of_grant(grant).last(2)
    assert len(use.hours) == 48
    assert (use.promised_hours, use.allocated_hours, use.busy_hours) == (960, 576, 384)
    assert use.busy_ratio == 0.4
    assert (use.usual_busy, use.usual_allocated) == (8, 12)
    assert use.coverage == 1.0


def test_nothing_measured_is_unknown_and_no_zero(grant):
    use = use_of_grant(grant)
    assert (use.busy_ratio, use.coverage, use.measured_until) == (None, 0.0, None)
    assert suggestion(grant, 20, use) is None


def test_a_silent_hour_counts_neither_way_and_a_partly_silent_one_for_its_minutes(grant):
    measure(grant, busy=8, hours=24)
    end = timezone.now().replace(minute=0, second=0, microsecond=0)
    hear(grant.pool, end - timedelta(hours=30), minutes=15)
    use = use_of_grant(grant)
    assert len(use.hours) == 25
    assert use.promised_hours == 20 * 24.25
    assert use.allocated_hours == 8 * 24


def test_a_tenant_without_running_jobs_is_measured_as_using_nothing(grant):
    end = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(1, 30):
        hear(grant.pool, end - timedelta(hours=number))
    use = use_of_grant(grant)
    assert (use.busy_ratio, use.promised_hours) == (0.0, 580)
    assert suggestion(grant, 20, use).gpus == 1  # never nothing: to give none is a refusal, with a reason


def test_the_suggestion_leaves_to_other_grants_what_they_give(house, grant):
    granted(house, amount=6, days=200, start_days=-30)
    measure(grant, busy=15, hours=48)
    use = use_of_grant(grant)
    advice = suggestion(grant, 20, use)
    assert (advice.gpus, advice.elsewhere, use.others) == (9, 6, True)
    assert advice.is_less


def test_a_lowered_grant_counts_until_it_was_lowered(house, grant):
    measure(grant, busy=8, hours=24)
    lower_grant(acting_user=house.owner, grant=grant, gpus=12, reason="Enough")
    rest = Grant.objects.get(supersedes=grant)
    assert (rest.amount, rest.ends_at, rest.state) == (8, grant.ends_at, "active")
    assert use_of_grant(grant).promised_hours == 480


def test_what_comes_in_the_place_of_a_grant_is_measured_from_its_beginning_on(house, grant):
    measure(grant, busy=8, hours=24)
    lower_grant(acting_user=house.owner, grant=grant, gpus=4, reason="Enough")
    lower_grant(acting_user=house.owner, grant=Grant.objects.get(supersedes=grant), gpus=4, reason="Enough")
    last = Grant.objects.get(state="active")
    use = use_with_former(last)
    assert (use.promised_hours, use.busy_hours, use.others) == (480, 192, False)
    assert suggestion(last, 12, use).gpus == 8
    assert use_of_grant(last).hours == ()
    granted(house, amount=6, days=200, start_days=-30)
    assert use_with_former(last).others is True


def test_a_budget_burns_down_by_what_jobs_held(house):
    grant = granted(house, amount=10, days=100, start_days=-20, **budget(house, 1000))
    measure(grant, busy=1, allocated=4, hours=80)
    found = budget_of(grant)
    assert (found.used_s, found.used_hours, found.percent) == (320 * 3600, 320.0, 32.0)
    assert (found.forecast.days, found.forecast.pace) == (30, 4.0)  # the week was measured for less than half
    assert found.forecast.runs_out == found.measured_until + timedelta(hours=170)


def test_the_forecast_says_which_days_it_rests_on(house):
    grant = granted(house, amount=10, days=100, start_days=-20, **budget(house, 5000))
    measure(grant, busy=4, hours=24 * 7)
    assert budget_of(grant).forecast.days == 7


def test_nothing_used_runs_out_never_and_nothing_measured_is_not_known(house):
    grant = granted(house, amount=10, days=100, start_days=-20, **budget(house, 5000))
    assert budget_of(grant).forecast is None
    measure(grant, busy=0, hours=24 * 7)
    assert budget_of(grant).forecast.runs_out is None
    assert forecast(grant, use_of_grant(grant), 10).pace == 0.0


def budget(house, hours, amount=10):

    return {"wishes": [Wish(house.pool, amount, *period(-20, 100), budget_hours=hours)]}
