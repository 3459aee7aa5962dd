from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.quantities import Promise, gpu_hours, lasts_months, months_after, peak

DAY0 = datetime(2027, 1, 1, tzinfo=UTC)


def day(number):
    return DAY0 + timedelta(days=number)


@st.composite
def promises(draw):
    found = []
    for _each in range(draw(st.integers(0, 12))):
        begin = draw(st.integers(-10, 40))
        found.append(Promise(draw(st.integers(1, 90)), day(begin), day(begin + draw(st.integers(1, 30)))))
    return found


@given(promises(), st.integers(-5, 30), st.integers(1, 20))
def test_peak_of_random_periods_is_the_brute_force_recount(rows, begin, length):
    by_day = [
        sum(row.amount for row in rows if row.starts_at <= day(number) < row.ends_at)
        for number in range(begin, begin + length)
    ]
    highest, at = peak(rows, day(begin), day(begin + length))
    assert highest == max(by_day)
    assert at == day(begin + by_day.index(highest))


def test_peak_where_one_ends_as_another_begins_counts_each_alone():
    rows = [Promise(30, day(0), day(5)), Promise(40, day(5), day(9))]
    assert peak(rows, day(0), day(9)) == (40, day(5))


def test_peak_of_nothing_is_zero_from_the_beginning():
    assert peak([], day(0), day(1)) == (0, day(0))


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        (datetime(2027, 1, 31, tzinfo=UTC), 1, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2027, 12, 1, tzinfo=UTC), 1, datetime(2028, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2029, 2, 28, tzinfo=UTC)),
    ],
)
def test_months_after_a_day_is_the_same_day_or_the_last(moment, months, expected):
    assert months_after(moment, months) == expected


def test_lasts_months_counts_calendar_months():
    assert lasts_months(day(0), datetime(2028, 1, 1, tzinfo=UTC), 12)
    assert not lasts_months(day(0), datetime(2027, 12, 31, tzinfo=UTC), 12)


def test_gpu_hours_multiply_gpus_by_hours():
    assert gpu_hours(48, day(0), day(10)) == 48 * 240
