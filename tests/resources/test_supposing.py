"""Supposed hardware against a count day by day that shares no line with the product."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from resources.quantities import Promise
from resources.queries.supposing import Against, Supposed, against, first_fit, tighter, too_much
from resources.queries.timeline import Level, Timeline
from tests.factories.resources import period

START, END = period(0, 30)
DAYS = [START + timedelta(days=n) for n in range(31)]
EMPTY = Timeline((Level(START, END, 0),))
SPANS = st.builds(
    lambda amount, begin, length: Promise(amount, DAYS[begin], DAYS[min(30, begin + length)]),
    st.integers(1, 40), st.integers(0, 29), st.integers(1, 30),
)  # fmt: skip
SUPPOSED = st.builds(
    lambda out, more, day: Supposed(out, more, DAYS[day] if more else None),
    st.none() | SPANS, st.integers(0, 30), st.integers(0, 29),
)  # fmt: skip


def most_of(supposed, day):
    most = 50 + (supposed.more if supposed.more and supposed.more_from <= day else 0)
    if supposed.out and supposed.out.starts_at <= day < supposed.out.ends_at:
        most -= supposed.out.amount
    return max(0, most)


def held_on(promises, day):
    return sum(each.amount for each in promises if each.starts_at <= day < each.ends_at)


@given(st.lists(SPANS, max_size=6), SUPPOSED)
def test_every_day_has_its_promise_and_its_limit(promises, supposed):
    times = [*against(EMPTY.plus(promises), supposed.most(50, START, END))]
    assert [each.since for each in times[1:]] == [each.until for each in times[:-1]]
    assert (times[0].since, times[-1].until) == (START, END)
    for day in DAYS[:30]:
        (now,) = [each for each in times if each.since <= day < each.until]
        assert (now.promised, now.most) == (held_on(promises, day), most_of(supposed, day))
    bad = too_much(times)
    for day in DAYS[:30]:
        told = [each for each in bad if each.since <= day < each.until]
        assert bool(told) == (held_on(promises, day) > most_of(supposed, day))
        assert not told or told[0].over >= held_on(promises, day) - most_of(supposed, day)


@given(st.lists(SPANS, max_size=6), SUPPOSED, st.integers(1, 60), st.integers(1, 30))
def test_the_first_fit_is_the_first_of_a_count_by_days(promises, supposed, gpus, days):
    times = against(EMPTY.plus(promises), supposed.most(50, START, END))
    fits = [held_on(promises, day) + gpus <= most_of(supposed, day) for day in DAYS[:30]]
    expected = next((DAYS[n] for n in range(31 - days) if all(fits[n : n + days])), None)
    assert first_fit(times, gpus, timedelta(days=days)) == expected


@given(st.lists(SPANS, max_size=5), st.lists(SPANS, max_size=5), st.integers(1, 60), st.integers(1, 30))
def test_two_limits_fit_first_where_both_do_all_the_while(promises, others, gpus, days):
    one = against(EMPTY.plus(promises), Supposed().most(50, START, END))
    other = against(EMPTY.plus(others), Supposed().most(40, START, END))
    fits = [held_on(promises, day) + gpus <= 50 and held_on(others, day) + gpus <= 40 for day in DAYS[:30]]
    expected = next((DAYS[n] for n in range(31 - days) if all(fits[n : n + days])), None)
    assert first_fit(tighter(one, other), gpus, timedelta(days=days)) == expected


def test_neighbours_are_one_time_with_the_figures_of_the_worst_moment():
    times = [
        Against(DAYS[0], DAYS[1], 12, 10), Against(DAYS[1], DAYS[2], 20, 10), Against(DAYS[2], DAYS[3], 5, 10),
    ]  # fmt: skip
    assert too_much(times) == [Against(DAYS[0], DAYS[2], 20, 10)]
