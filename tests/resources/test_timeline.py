"""A pool over time: levels, peaks, the first moment at which a wish fits, and days, against a count day by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.models import Share
from resources.quantities import Promise
from resources.queries.plans import plan, waiting_for
from resources.queries.supposing import Against
from resources.queries.timeline import Level, _steps, _timeline, timelines
from resources.services.decisions import approve_request
from tests.factories.resources import make_request, make_share, midnight, period
from tests.factories.tenants import make_authority, make_staff

START, END = period(0, 30)
DAYS = [START + timedelta(days=n) for n in range(30)]
PROMISES = st.lists(
    st.builds(
        lambda amount, begin, length: Promise(amount, START + timedelta(days=begin), START + timedelta(days=begin + length)),
        st.integers(1, 50), st.integers(-5, 33), st.integers(1, 20),
    ),
    max_size=12,
)  # fmt: skip


def at(promises, day):
    noon = day + timedelta(hours=12)
    return sum(each.amount for each in promises if each.starts_at <= noon < each.ends_at)


def line_of(promises):
    return _timeline(_steps(promises, START, END), START, END)


@given(PROMISES)
def test_levels_follow_each_other_and_say_what_a_count_by_day_says(promises):
    found = line_of(promises)
    assert (found.since, found.until) == (START, END)
    assert all(
        a.until == b.since and a.promised != b.promised for a, b in zip(found.levels, found.levels[1:], strict=False)
    )
    assert found.by_day([date.fromordinal(day.toordinal()) for day in DAYS], START) == [
        at(promises, day) for day in DAYS
    ]


def test_days_begin_in_the_zone_that_asks_though_another_asked_at_the_same_moment_before():
    begin = datetime(2027, 3, 26, 22, tzinfo=UTC)  # midnight in Helsinki, whose clocks go forward on the 28th
    here = begin.astimezone(ZoneInfo("Europe/Helsinki"))
    end = begin + timedelta(days=4)
    evening = Promise(7, datetime(2027, 3, 28, 21, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC))
    line = _timeline(_steps([evening], begin, end), begin, end)
    days = [date(2027, 3, 27) + timedelta(days=n) for n in range(3)]
    assert (line.by_day(days, begin), line.by_day(days, here)) == ([0, 7, 0], [0, 0, 7])


@given(PROMISES, st.integers(1, 60), st.integers(1, 20), st.integers(1, 120))
def test_the_first_fit_is_the_first_day_from_which_every_day_has_room(promises, gpus, days, most):
    found = line_of(promises).first_fit(gpus, timedelta(days=days), most, START)
    room = [at(promises, day) + gpus <= most for day in DAYS]
    expected = next((n for n in range(30 - days + 1) if all(room[n : n + days])), None)
    assert found == (None if expected is None else DAYS[expected])


@given(PROMISES, PROMISES)
def test_more_promises_lie_on_top(promises, more):
    both, together = line_of(promises).plus(more), line_of([*promises, *more])
    assert [at.promised for at in both.levels] == [at.promised for at in together.levels]
    assert both.levels == together.levels


def test_neighbours_above_a_height_are_one_time_with_its_peak():
    promises = [Promise(10, DAYS[2], DAYS[6]), Promise(5, DAYS[4], DAYS[5]), Promise(10, DAYS[20], DAYS[21])]
    assert line_of(promises).above(9) == [Level(DAYS[2], DAYS[6], 15), Level(DAYS[20], DAYS[21], 10)]


@pytest.fixture
def shared_house(house):
    """The pool is paid by two authorities; twenty GPUs of each are promised, the other's from day ten on."""
    Share.objects.filter(pk=house.share.pk).update(gpus=50)
    other = make_authority()
    house.other = make_staff(other, "quota_approver")
    house.others_share = make_share(house.pool, other, 50)
    for approver, start in ((house.approver, 0), (house.other, 10)):
        request = make_request(house.project, house.pool, house.owner, amount=20, start_days=start, days=20)
        approve_request(acting_user=approver, request=request)
    return house


def test_the_pool_is_summed_over_all_who_pay_and_a_share_alone(shared_house, django_assert_num_queries):
    house = shared_house
    with django_assert_num_queries(1):
        found = timelines([house.pool.pk, 0], midnight(0), midnight(30))
    assert [(level.since, level.promised) for level in found[house.pool.pk].levels] == [
        (midnight(0), 20), (midnight(10), 40), (midnight(20), 20),
    ]  # fmt: skip
    assert found[0].levels == (Level(midnight(0), midnight(30), 0),)
    mine = timelines([house.pool.pk], midnight(0), midnight(30), [house.share.pk])[house.pool.pk]
    assert [level.promised for level in mine.levels] == [20, 0]


def test_a_plan_adds_what_is_chosen_and_says_what_it_passes(shared_house, django_assert_num_queries):
    house = shared_house
    for amount in (25, 35):
        make_request(house.project, house.pool, house.owner, amount=amount, start_days=5, days=10)
    waiting = [*waiting_for(house.approver, house.pool)]
    assert [each.lines.get().amount for each in waiting] == [25, 35]
    with django_assert_num_queries(6):
        seen = plan(house.pool, house.approver, midnight(0), midnight(30), waiting)
    assert (seen.peak.promised, seen.peak.since) == (100, midnight(10))
    assert seen.past_line == [Against(midnight(10), midnight(15), 100, 90)]
    assert seen.past_pool == []
    assert seen.past_share == [Level(midnight(5), midnight(15), 80)]  # twenty of its own, and sixty more
    fit = seen.fit(45, 10)
    assert (fit.at, fit.at_all) == (midnight(20), midnight(15))


def test_who_holds_no_share_sees_the_pool_without_one(shared_house):
    seen = plan(shared_house.pool, shared_house.operator, midnight(0), midnight(30))
    assert (seen.of_share, seen.fit(61, 30).at, seen.fit(60, 5).at) == (None, None, midnight(0))
