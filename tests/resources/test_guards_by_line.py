"""What the database refuses of decisions and grants, line by line, when nobody asks a service."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from resources.models import Decision, DecisionLine, Grant
from resources.services.grants import environment_of
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_staff


def refused(text):
    return pytest.raises(IntegrityError, match=text)


@pytest.fixture
def asked(house):
    """Forty are asked for; two authorities hold a share of the pool."""
    house.neighbour = make_authority()
    house.other_share = make_share(house.pool, house.neighbour)
    house.there = make_staff(house.neighbour, "quota_approver")
    house.request = make_request(house.project, house.pool, house.owner, amount=40)
    house.line = house.request.current_lines.get()
    return house


def step(house, number=1, authority=None, **facts):
    return Decision.objects.create(
        tenant=house.tenant, authority=house.authority, request=house.request, revision=1, step=number,
        decider=house.approver, deciding_authority=authority or house.authority,
        **{"outcome": "approve_part", **facts},
    )  # fmt: skip


def give(house, decision, granted, share=None, **facts):
    return DecisionLine.objects.create(
        tenant=house.tenant, authority=house.authority, decision=decision, line=house.line, granted=granted,
        share=share or house.share, **facts,
    )  # fmt: skip


def test_steps_of_several_authorities_give_no_more_than_was_asked_together(asked):
    give(asked, step(asked), 30, closes=False)
    second = step(asked, 2, asked.neighbour)
    with refused("more granted than was asked"), transaction.atomic():
        give(asked, second, 11, asked.other_share)
    give(asked, second, 10, asked.other_share)


def test_what_was_taken_back_makes_room_again(asked):
    first = step(asked)
    give(asked, first, 30)
    step(asked, 2, outcome="take_back", answers=first)
    give(asked, step(asked, 3), 40)


def test_a_step_is_answered_once(asked):
    first = step(asked)
    step(asked, 2, answers=first)
    with refused("decision_answered_once"), transaction.atomic():
        step(asked, 3, outcome="take_back", answers=first)


def test_nobody_pays_from_the_share_of_another_authority(asked):
    with refused("share of another authority"), transaction.atomic():
        give(asked, step(asked), 1, asked.other_share)


def test_what_is_given_is_paid_from_some_share(asked):
    with refused("decision_line_is_paid_from_a_share"), transaction.atomic():
        DecisionLine.objects.create(
            tenant=asked.tenant, authority=asked.authority, decision=step(asked), line=asked.line, granted=1
        )


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1)])
def test_a_step_stays_within_the_period(asked, before, after):
    begins, ends = asked.line.starts_at - timedelta(before), asked.line.ends_at + timedelta(after)
    with refused("outside the period"), transaction.atomic():
        give(asked, step(asked), 1, starts_at=begins, ends_at=ends)


def test_a_step_stays_within_the_kind(asked):
    other = make_share(make_pool(cluster=asked.cluster), asked.authority)
    with refused("another kind"), transaction.atomic():
        give(asked, step(asked), 1, other)


def grant(house, amount, share=None, pool=None, days=(0, 0)):
    pool = pool or house.pool
    return Grant.objects.create(
        tenant=house.tenant, authority=house.authority, environment=environment_of(house.project, pool.cluster),
        pool=pool, share=share or house.share, line=house.line, amount=amount,
        starts_at=house.line.starts_at - timedelta(days[0]), ends_at=house.line.ends_at + timedelta(days[1]),
        state="active",
    )  # fmt: skip


def test_grants_of_several_shares_stay_within_the_line_together(asked):
    grant(asked, 30)
    with refused("41 GPUs would be granted of the 40"), transaction.atomic():
        grant(asked, 11, asked.other_share)
    grant(asked, 10, asked.other_share)


@pytest.mark.parametrize("days", [(1, 0), (0, 1)])
def test_a_grant_stays_within_the_period_of_its_line(asked, days):
    with refused("outside the period"), transaction.atomic():
        grant(asked, 1, days=days)


def test_a_grant_may_be_in_another_pool_of_the_kind_and_in_none_of_another(asked):
    same = make_pool(kind=asked.pool.kind)
    grant(asked, 1, make_share(same, asked.authority), same)
    other = make_pool()
    with refused("or the kind"), transaction.atomic():
        grant(asked, 1, make_share(other, asked.authority), other)
