"""Grants turn with the calendar: notices, grace, ends, and one following another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.models import Notification
from resources.models import Grant, GrantNotice, Quota
from resources.quantities import days_later
from resources.queries.capacity import preview
from resources.queries.terms import terms
from resources.services.decisions import approve_request
from resources.services.grant_notices import act_of, remind
from resources.services.turning import turn_grants
from tenants.models import PolicyRule
from tests.factories.resources import make_request, period
from tests.factories.tenants import make_policy
from tests.resources.conftest import make_house

GRACE = PolicyRule.Key.GRACE_DAYS
DAY = timedelta(days=1)


def granted(house, amount=20, **facts):
    request = make_request(house.project, house.pool, house.owner, amount=amount, **facts)
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.get(line__request=request)


def seen(grant):
    return Grant.objects.get(pk=grant.pk).state, Quota.objects.get().wanted


def acts(user):
    rows = Notification.objects.filter(user=user, target_type="resources.Grant")
    return list(rows.order_by("pk").values_list("act", flat=True))


def read_all():
    Notification.objects.update(read_at=timezone.now())


@pytest.fixture
def long_grant(house):
    grant = granted(house, days=200)
    read_all()
    return grant


def test_each_notice_comes_once_on_its_day_to_the_tenant_and_the_last_to_the_approvers(house, long_grant):
    told = {}
    for days in (31, 30, 29, 14, 13, 7, 6, 1):
        now = long_grant.ends_at - days * DAY
        turn_grants(now)
        remind(now)
        remind(now)
        told[days] = acts(house.member)
        Notification.objects.all().delete() if days != 1 else None
    assert told == {
        31: [], 30: ["grant.expiring"], 29: [], 14: ["grant.reminded"], 13: [], 7: ["grant.reminded_again"], 6: [],
        1: ["grant.last_reminder"],
    }  # fmt: skip
    assert acts(house.approver) == ["grant.last_reminder"]
    assert list(GrantNotice.objects.order_by("pk").values_list("step", "told")) == [
        (30, True), (14, True), (7, True), (1, True),
    ]  # fmt: skip


def test_a_late_sweep_tells_of_the_last_step_alone_and_marks_the_others(house, long_grant):
    now = long_grant.ends_at - 5 * DAY
    turn_grants(now)
    remind(now)
    assert acts(house.owner) == ["grant.reminded_again"]
    assert list(GrantNotice.objects.order_by("-step").values_list("step", "told")) == [
        (30, False), (14, False), (7, True),
    ]  # fmt: skip


def test_the_days_are_the_paying_authoritys(house, long_grant):
    make_policy(house.authority, PolicyRule.Key.NOTICE_FIRST, 45)
    make_policy(house.authority, PolicyRule.Key.NOTICE_SECOND, 20)
    turn_grants(long_grant.ends_at - 45 * DAY)
    remind(long_grant.ends_at - 20 * DAY)
    assert sorted(GrantNotice.objects.values_list("step", flat=True)) == [20, 45]


def test_a_short_grant_is_told_of_in_its_last_quarter(house):
    grant = granted(house, days=8)
    moments = terms(house.authority.pk).moments(grant)
    assert moments == [(30, grant.ends_at - 2 * DAY), (1, grant.ends_at - DAY)]


def test_notices_of_four_steps_are_called_in_order():
    steps = [30, 14, 7, 1]
    assert [act_of(steps, step) for step in steps] == [
        "grant.expiring", "grant.reminded", "grant.reminded_again", "grant.last_reminder",
    ]  # fmt: skip
    assert [act_of([30, 1], step) for step in (30, 1)] == ["grant.expiring", "grant.last_reminder"]
    assert act_of([30], 30) == "grant.expiring"


def test_grace_keeps_the_gpus_for_its_days_and_the_capacity_with_them(house):
    make_policy(house.authority, GRACE, 10)
    grant = granted(house, 80, days=30)
    assert grant.grace_until == grant.ends_at + 10 * DAY
    in_grace = grant.ends_at + 5 * DAY
    assert preview(house.pool, in_grace, in_grace + DAY).before == 80
    assert preview(house.pool, grant.grace_until, grant.grace_until + DAY).before == 0
    steps = []
    for now in (grant.ends_at, grant.grace_until - timedelta(seconds=1), grant.grace_until):
        turn_grants(now)
        steps.append(seen(grant))
    assert steps == [("grace", 80), ("grace", 80), ("expired", 0)]
    assert Grant.objects.get(pk=grant.pk).ended_at == grant.grace_until
    assert {"grant.grace", "grant.expired"} <= set(acts(house.approver))


def test_a_decision_counts_the_grace_that_it_gives_itself(house):
    make_policy(house.authority, GRACE, 10)
    granted(house, 80, start_days=35, days=30)
    begins, ends = period(0, 30)
    assert preview(house.pool, begins, ends).before == 0
    assert preview(house.pool, begins, ends, share=house.share).before == 80


def test_the_database_counts_grace_too_and_lets_nobody_lengthen_it(house):
    make_policy(house.authority, GRACE, 10)
    grant = granted(house, 80, days=30)
    with pytest.raises(IntegrityError, match="would be promised"), transaction.atomic():
        Grant.objects.create(
            tenant=house.tenant, authority=house.authority, environment=grant.environment, pool=house.pool,
            share=house.share, line=grant.line, amount=30, starts_at=grant.ends_at + DAY, ends_at=grant.ends_at + 9 * DAY,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="may be given up"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(grace_until=grant.grace_until + DAY)
    Grant.objects.filter(pk=grant.pk).update(grace_until=None)


def follow(grant, amount, days=60):
    """A continuation, as a decision about it makes it."""
    Grant.objects.filter(pk=grant.pk).update(grace_until=None)
    return Grant.objects.create(
        tenant_id=grant.tenant_id, authority_id=grant.authority_id, environment=grant.environment, pool=grant.pool,
        share=grant.share, line=grant.line, amount=amount, starts_at=grant.ends_at, ends_at=grant.ends_at + days * DAY,
        supersedes=grant, state="scheduled",
    )  # fmt: skip


def test_a_continuation_takes_over_at_the_end_in_one_step_without_a_gap(house):
    make_policy(house.authority, GRACE, 10)
    grant = granted(house, 80, days=40)
    revision = Quota.objects.get().revision
    after = follow(grant, 32)
    assert preview(house.pool, grant.ends_at, grant.ends_at + DAY).before == 32
    turn_grants(grant.ends_at - timedelta(seconds=1))
    assert seen(grant) == ("active", 80)  # nobody is told of an end that is none
    assert turn_grants(grant.ends_at) == 2
    assert seen(grant) == ("superseded", 32)
    assert seen(after) == ("active", 32)
    assert Quota.objects.get().revision == revision + 1  # never zero in between


def test_a_continuation_decided_after_the_notices_ends_them(house, long_grant):
    turn_grants(long_grant.ends_at - 20 * DAY)
    follow(long_grant, 20)
    remind(long_grant.ends_at - DAY)
    assert acts(house.owner) == ["grant.expiring"]
    turn_grants(long_grant.ends_at + DAY)
    assert seen(long_grant) == ("superseded", 20)


def test_a_suspended_grant_whose_time_is_over_expires(house, long_grant):
    Grant.objects.filter(pk=long_grant.pk).update(state="suspended")
    turn_grants(long_grant.ends_at - DAY)
    assert seen(long_grant)[0] == "suspended"
    turn_grants(long_grant.ends_at)
    assert seen(long_grant) == ("expired", 0)


def test_a_sweep_that_never_ran_catches_up_over_everything(house):
    make_policy(house.authority, GRACE, 10)
    grant = granted(house, start_days=5, days=40)
    assert turn_grants(grant.grace_until + 400 * DAY) == 1
    assert seen(grant) == ("expired", 0)
    assert turn_grants(grant.grace_until + 400 * DAY) == 0


BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("moment", "days", "wanted"),
    [
        (datetime(2027, 3, 30, tzinfo=BRUSSELS), -7, datetime(2027, 3, 23, tzinfo=BRUSSELS)),  # a clock was put forward
        (datetime(2026, 10, 27, tzinfo=BRUSSELS), -7, datetime(2026, 10, 20, tzinfo=BRUSSELS)),  # and back
        (datetime(2028, 3, 1, tzinfo=BRUSSELS), -1, datetime(2028, 2, 29, tzinfo=BRUSSELS)),  # a leap day
        (datetime(2027, 3, 1, tzinfo=BRUSSELS), -1, datetime(2027, 2, 28, tzinfo=BRUSSELS)),
        (datetime(2028, 2, 29, tzinfo=BRUSSELS), 366, datetime(2029, 3, 1, tzinfo=BRUSSELS)),
        (
            datetime(2027, 3, 27, 2, 30, tzinfo=BRUSSELS),
            1,
            datetime(2027, 3, 28, 3, 30, tzinfo=BRUSSELS),
        ),  # skipped hour
    ],
)
def test_days_are_those_of_the_clock_there(moment, days, wanted):
    assert days_later(moment, days, BRUSSELS) == wanted.astimezone(UTC)


@pytest.mark.django_db(transaction=True)
def test_sixteen_sweeps_beside_each_other_turn_and_tell_once():
    house = make_house()
    grant = granted(house, days=200)
    Notification.objects.all().delete()
    now = grant.ends_at - 14 * DAY

    def sweep(_number):
        try:
            return turn_grants(now) + remind(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        moved = sum(pool.map(sweep, range(16)))
    assert moved == 1
    assert acts(house.owner) == ["grant.reminded"]
    assert list(GrantNotice.objects.order_by("-step").values_list("step", "told")) == [(30, False), (14, True)]
