"""Maintenance that takes capacity away: the product's sums against a count day by day that shares no line with it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from resources.models import CapacityPool, Share
from resources.quantities import Promise
from resources.queries.capacity import preview
from resources.queries.fitting import rooms
from resources.queries.outages import Outage, limit_of, limits, promisable_at, tightest, tightest_below
from resources.queries.plans import plan
from resources.queries.timeline import Level, Timeline
from resources.services.decisions import approve_request
from tests.factories.resources import make_pool, make_request, make_window, midnight, period

START, END = period(0, 30)
DAYS = [START + timedelta(days=n) for n in range(31)]
POOL = CapacityPool(pk=7, cluster_id=3, installed=60, healthy=50, reserved=4, overcommit="1.50", policy_line_percent=80)
POOL.clean_fields(exclude=["cluster", "kind"])
WINDOWS = st.lists(
    st.builds(
        lambda pool, gpus, begin, days: Outage(3, pool, gpus, DAYS[begin], DAYS[begin] + timedelta(days=days)),
        st.sampled_from([None, 7, 7, 8]), st.none() | st.integers(1, 90), st.integers(0, 30), st.integers(1, 40),
    ),
    max_size=5,
)  # fmt: skip
PROMISES = st.lists(
    st.builds(
        lambda amount, begin, days: Promise(amount, DAYS[begin], DAYS[min(30, begin + days)]),
        st.integers(1, 30), st.integers(0, 29), st.integers(1, 30),
    ),
    max_size=6,
)  # fmt: skip


def most_on(windows, day):
    out = sum(
        min(60, each.gpus or 60) for each in windows if each.pool in (None, 7) and each.starts_at <= day < each.ends_at
    )
    return max(0, int(1.5 * max(0, 50 - out)) - 4)


@given(WINDOWS)
def test_every_day_has_the_limit_of_a_count_by_hand(windows):
    found = limit_of(POOL, windows, START, END)
    assert (found.since, found.until) == (START, END)
    for day in DAYS[:30]:
        (level,) = [each for each in found.levels if each.since <= day < each.until]
        assert level.promised == most_on(windows, day)


@given(WINDOWS, PROMISES)
def test_the_tightest_moment_is_that_of_a_count_by_hand(windows, promises):
    promised = Timeline((Level(START, END, 0),)).plus(promises)
    limit = limit_of(POOL, windows, START, END)
    held = [sum(each.amount for each in promises if each.starts_at <= day < each.ends_at) for day in DAYS[:30]]
    most = [most_on(windows, day) for day in DAYS[:30]]
    assert tightest(promised, limit).over == max(h - m for h, m in zip(held, most, strict=True))
    assert tightest_below(promised, limit, 80) == min(m * 80 // 100 - h for h, m in zip(held, most, strict=True))


def test_windows_on_one_pool_add_up_to_what_is_installed(house):
    make_window(house.pool, gpus=30, start_days=1, days=4)
    make_window(house.pool, gpus=50, start_days=3, days=4)
    make_window(house.pool, gpus=None, start_days=10, days=1)
    make_window(house.pool, gpus=40, start_days=10, days=1)
    make_window(house.pool, gpus=90, start_days=20, days=1, effect="interrupts")
    make_window(house.pool, gpus=90, start_days=22, days=1, state="cancelled", cancelled_because="x")
    levels = limits([house.pool], midnight(0), midnight(30))[house.pool.pk].levels
    assert [(each.since, each.promised) for each in levels] == [
        (midnight(0), 100), (midnight(1), 70), (midnight(3), 20), (midnight(5), 50), (midnight(7), 100), (midnight(10), 0), (midnight(11), 100),
    ]  # fmt: skip


def test_a_whole_cluster_takes_every_pool_of_it_and_no_other(house):
    beside, elsewhere = make_pool(8, cluster=house.cluster), make_pool(8)
    make_window(cluster=house.cluster, start_days=0, days=1)
    pools = [house.pool, beside, elsewhere]
    assert promisable_at(pools, midnight(0)) == {house.pool.pk: 0, beside.pk: 0, elsewhere.pk: 8}
    assert promisable_at(pools, midnight(1)) == {house.pool.pk: 100, beside.pk: 8, elsewhere.pk: 8}


def test_a_number_that_hardware_no_longer_reaches_is_all_of_it(house):
    make_window(house.pool, gpus=80, start_days=0, days=1)
    CapacityPool.objects.filter(pk=house.pool.pk).update(installed=60, healthy=60)
    house.pool.refresh_from_db()
    assert promisable_at([house.pool], midnight(0)) == {house.pool.pk: 0}


def test_the_end_of_a_window_is_nobodys_and_the_night_the_clocks_change_has_its_hours(house):
    """Luxembourg, 28 March 2027: 01:00 UTC is 03:00 there; the window from 00:00 until 04:00 lasts three hours."""
    begins, ends = datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 2, tzinfo=UTC)
    make_window(house.pool, gpus=10, starts_at=begins, ends_at=ends)
    assert promisable_at([house.pool], begins - timedelta(microseconds=1))[house.pool.pk] == 100
    assert promisable_at([house.pool], begins)[house.pool.pk] == 90
    assert promisable_at([house.pool], ends - timedelta(microseconds=1))[house.pool.pk] == 90
    assert promisable_at([house.pool], ends)[house.pool.pk] == 100


def test_a_preview_counts_where_least_is_left_and_not_where_most_is_promised(house):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 60, 20, 5))
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 30, 0, 10))
    make_window(house.pool, gpus=50, start_days=2, days=3)
    seen = preview(house.pool, midnight(0), midnight(30), asked=25, give=25, share=house.share)
    assert (seen.before, seen.peak_at, seen.promisable, seen.out) == (30, midnight(2), 50, 50)
    assert (seen.most, seen.fits, seen.over_pool, seen.left) == (20, 15, True, -10)
    later = preview(house.pool, midnight(10), midnight(30), asked=25, give=25, share=house.share)
    assert (later.before, later.promisable, later.most, later.over_pool) == (60, 100, 40, False)


def test_a_wish_fits_after_the_window_or_beside_it(house, django_assert_num_queries):
    make_window(house.pool, gpus=50, start_days=5, days=10)
    with django_assert_num_queries(3):
        (room,) = rooms([house.pool], 60, midnight(0), midnight(10))
    assert (room.most, room.fits, room.fits_at) == (50, False, midnight(15))
    (beside,) = rooms([house.pool], 50, midnight(0), midnight(10))
    assert (beside.fits, beside.fits_at) == (True, midnight(0))


def test_the_year_of_a_pool_shows_the_limit_that_is_announced_and_what_is_supposed_on_top(house):
    make_window(house.pool, gpus=50, start_days=5, days=10)
    seen = plan(house.pool, house.approver, midnight(0), midnight(30))
    assert [(each.since, each.most) for each in seen.times] == [
        (midnight(0), 100),
        (midnight(5), 50),
        (midnight(15), 100),
    ]
    assert seen.fit(60, 10).at == midnight(15)
    assert Share.objects.get(pk=house.share.pk).gpus == 100
