"""The sums of pools over time, read in the order of indexes, against grants summed one by one."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.models import Environment, Grant
from resources.quantities import Promise
from resources.queries.timeline import _steps, _timeline, timelines, timelines_of_shares
from tests.factories.resources import make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Helsinki")
START = period()[0].astimezone(ZONE).replace(month=3, day=20, hour=0)  # a clock is set forward within the period
ONE_BY_ONE = """
    SELECT pool_id, share_id, at, sum(delta)::bigint FROM resources_grant
    CROSS JOIN LATERAL (VALUES (greatest(starts_at, %(since)s), amount), (coalesce(grace_until, ends_at), -amount))
        AS changes (at, delta)
    WHERE pool_id = ANY (%(pools)s) AND state IN ('scheduled', 'active', 'suspended', 'expiring', 'grace')
        AND starts_at < %(until)s AND coalesce(grace_until, ends_at) > %(since)s AND at < %(until)s
    GROUP BY pool_id, share_id, at ORDER BY pool_id, share_id, at
"""
GRANTS = st.lists(
    st.tuples(
        st.integers(1, 50), st.integers(-9, 24).map(lambda n: n * 9), st.integers(1, 30).map(lambda n: n * 9),
        st.sampled_from([None, 5, 24]), st.sampled_from(["active", "scheduled", "grace", "revoked", "expired"]),
        st.integers(0, 2),
    ),
    max_size=14,
)  # fmt: skip
"""(GPUs, hours from START to the beginning, hours it lasts, hours of grace, state, which of three shares pays)."""


@pytest.fixture
def places(house):
    """Three shares in two pools, and a table of grants that takes what no decision would have given."""
    other = make_pool(100)
    shares = [house.share, make_share(house.pool, make_authority(), 0), make_share(other, house.authority)]
    line = make_request(house.project, house.pool, house.owner).lines.get()
    at = [
        Environment.objects.create(
            project=house.project, cluster=pool.cluster, tenant=house.tenant, authority=house.authority,
            external_name=f"here-{pool.pk}",
        )
        for pool in (house.pool, other)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE resources_grant DISABLE TRIGGER USER")
    return house, shares, line, at


def grant(places, amount, begins, lasts, grace, state, which):
    house, shares, line, at = places
    starts = START + timedelta(hours=begins)
    ends = starts + timedelta(hours=lasts)
    return Grant(
        tenant=house.tenant, authority=house.authority, environment=at[which == 2], pool=shares[which].pool,
        share=shares[which], line=line, amount=amount, starts_at=starts, ends_at=ends, state=state,
        grace_until=ends + timedelta(hours=grace) if grace else None,
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(GRANTS, st.integers(-3, 6).map(lambda n: n * 9), st.integers(0, 25).map(lambda n: n * 9))
def test_steps_and_days_are_what_grants_add_up_to_one_by_one(places, wanted, since, length):
    rows = [grant(places, *facts) for facts in wanted]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM resources_grant")
    Grant.objects.bulk_create(rows)
    pools = sorted({share.pool_id for share in places[1]})
    begin = START + timedelta(hours=since)
    end = begin + timedelta(hours=length)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM app.pools_steps(%s::bigint[], %s, %s)", [pools, begin, end])
        found = cursor.fetchall()
        cursor.execute(ONE_BY_ONE, {"pools": pools, "since": begin, "until": end})
        assert found == cursor.fetchall()
    if begin == end:
        return
    counting = [row for row in rows if row.counts]
    days = [date.fromordinal(begin.toordinal() + n) for n in range(length // 24)]
    for pool, line in timelines(pools, begin, end).items():
        held = [Promise(row.amount, row.starts_at, row.held_until) for row in counting if row.pool_id == pool]
        expected = _timeline(_steps(held, begin, end), begin, end)
        assert (line, line.by_day(days, begin)) == (expected, expected.by_day(days, begin))
    for share, line in timelines_of_shares(pools, begin, end)[1].items():
        paid = [Promise(row.amount, row.starts_at, row.held_until) for row in counting if row.share_id == share]
        assert line == _timeline(_steps(paid, begin, end), begin, end)
