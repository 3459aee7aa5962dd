"""What the database refuses of grants and decisions when nobody asks a service."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from resources.models import CapacityPool, Decision, DecisionLine, Grant, RequestLine, Share
from resources.services.decisions import approve_request
from resources.services.grants import environment_of, freeze_grants, revoke_grant
from resources.services.turning import turn_grants
from tests.factories.resources import make_draft, make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority, make_member, make_staff
from tests.resources.conftest import make_house


def force(house, amount, start=0, days=30, share=None, pool=None, state="active", instead_of=None):
    """A grant that no service looked at."""
    request = make_draft(house.project, house.pool, house.owner, amount=amount)
    begins, ends = (instead_of.starts_at, instead_of.ends_at) if instead_of else period(start, days)
    line = request.lines.get()
    return Grant.objects.create(
        tenant=house.tenant, authority=house.authority, environment=environment_of(house.project, house.cluster),
        pool=pool or house.pool, share=share or house.share, line=line, amount=amount,
        starts_at=begins, ends_at=ends, state=state, supersedes=instead_of,
    )  # fmt: skip


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.fixture
def open_house(house):
    """A second authority pays from the same pool of a hundred; each may promise sixty."""
    Share.objects.filter(pk=house.share.pk).update(gpus=60)
    house.share.refresh_from_db()
    house.other = make_share(house.pool, make_authority(), 60)
    return house


def test_grants_fill_a_pool_to_the_last_gpu_and_not_one_more(open_house):
    force(open_house, 60)
    force(open_house, 40, share=open_house.other)
    with refused("101 GPUs would be promised of the 100"), transaction.atomic():
        force(open_house, 1, share=open_house.other)


def test_a_share_is_not_overdrawn_though_the_pool_has_room(open_house):
    force(open_house, 60)
    with refused("61 GPUs would be promised of the 60 in share"), transaction.atomic():
        force(open_house, 1)


@pytest.mark.parametrize(("start", "days", "fits"), [(0, 10, True), (0, 11, False), (20, 10, True), (19, 1, False)])
def test_only_the_instants_of_the_period_count_and_the_end_is_nobodys(open_house, start, days, fits):
    force(open_house, 60, start=10, days=10)
    if fits:
        force(open_house, 60, start=start, days=days)
        return
    with refused("120 GPUs would be promised"), transaction.atomic():
        force(open_house, 60, start=start, days=days)


def test_a_peak_in_the_middle_is_found(open_house):
    force(open_house, 30, start=5, days=5)
    force(open_house, 25, start=8, days=5)  # 55 on days 8 and 9 alone
    with refused("61 GPUs"), transaction.atomic():
        force(open_house, 6, start=0, days=30)
    force(open_house, 5, start=0, days=30)


def test_what_no_longer_counts_takes_nothing(open_house):
    revoke_grant(acting_user=open_house.approver, grant=force(open_house, 60), reason="Over")
    force(open_house, 60)


def test_a_grant_does_not_come_back_to_life_where_there_is_no_room(open_house):
    ended = force(open_house, 60, state="revoked")
    force(open_house, 60)
    with refused("120 GPUs"), transaction.atomic():
        Grant.objects.filter(pk=ended.pk).update(state="active")


def test_a_share_pays_for_its_own_pool_alone(open_house):
    elsewhere = make_share(make_pool(cluster=open_house.cluster), open_house.authority)
    with refused("of another pool"), transaction.atomic():
        force(open_house, 1, share=elsewhere)


def test_a_pool_that_shrank_lets_grants_end_and_freeze_and_takes_no_new_ones(open_house):
    grant = force(open_house, 60)
    CapacityPool.objects.filter(pk=open_house.pool.pk).update(healthy=10)
    freeze_grants(acting_user=None, tenant=open_house.tenant)
    grant.refresh_from_db()
    assert grant.state == "suspended"
    with refused("of the 10"), transaction.atomic():
        force(open_house, 1, share=open_house.other)
    Grant.objects.filter(pk=grant.pk).update(state="active")
    turn_grants(timezone.now() + timedelta(days=40))
    grant.refresh_from_db()
    assert grant.state == "expired"


@pytest.mark.parametrize(("second", "fits"), [(30, True), (31, False)])
def test_what_comes_in_the_place_of_a_grant_takes_together_no_more_than_it_did(open_house, second, fits):
    grant = force(open_house, 60)
    CapacityPool.objects.filter(pk=open_house.pool.pk).update(healthy=10)
    with nullcontext() if fits else refused("of the 10"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(state="superseded")
        force(open_house, 30, instead_of=grant)
        force(open_house, second, instead_of=grant)


@pytest.mark.parametrize("field", ["amount", "starts_at", "ends_at", "share_id"])
def test_a_grant_stays_as_it_was_decided(open_house, field):
    grant = force(open_house, 10)
    values = {
        "amount": 9, "share_id": open_house.other.pk,
        "starts_at": grant.starts_at - timedelta(1), "ends_at": grant.ends_at + timedelta(1),
    }  # fmt: skip
    with refused("stays as it was written"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(**{field: values[field]})


def test_decisions_and_sent_lines_stay(house):
    request = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=request)
    edits = [
        lambda: Decision.objects.update(reason="Something nicer"),
        lambda: DecisionLine.objects.update(granted=99),
        lambda: RequestLine.objects.update(amount=99),
        lambda: request.lines.all().delete(),
    ]
    for edit in edits:
        with refused("stays as it was|decision_line|protected"), transaction.atomic():
            edit()


def step(house, request, decider, **fields):
    return Decision.objects.create(
        tenant=house.tenant, authority=house.authority, request=request, revision=1, step=1, decider=decider,
        deciding_authority=house.authority, outcome="approve", **fields,
    )  # fmt: skip


def test_nobody_decides_on_their_own_request_nor_through_a_stand_in(house):
    request = make_request(house.project, house.pool, house.owner)
    with refused("their own request"), transaction.atomic():
        step(house, request, house.owner)
    with refused("their own request"), transaction.atomic():
        step(house, request, house.approver, on_behalf_of=house.owner)
    step(house, request, house.approver)


def test_nobody_of_the_tenant_decides_but_who_left_it_may(house):
    request = make_request(house.project, house.pool, house.owner)
    both = make_staff(house.authority, "quota_approver")
    make_member(house.tenant, "member", both)
    with refused("nobody of the tenant"), transaction.atomic():
        step(house, request, both)
    now = timezone.now()
    house.tenant.memberships.filter(user=both).update(valid_from=now - timedelta(9), valid_until=now)
    step(house, request, both)


def test_no_line_gets_more_than_it_asked_for(house):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    decision = step(house, request, house.approver)
    common = {"tenant": house.tenant, "authority": house.authority, "decision": decision, "share": house.share}
    with refused("more granted than was asked"), transaction.atomic():
        DecisionLine.objects.create(line=request.lines.get(), granted=11, **common)
    DecisionLine.objects.create(line=request.lines.get(), granted=10, **common)


@pytest.mark.django_db(transaction=True)
def test_sixteen_hands_past_the_services_stay_within_the_pool():
    house = make_house(gpus=100)
    with transaction.atomic():
        environment = environment_of(house.project, house.cluster)
    lines = [make_draft(house.project, house.pool, house.owner, amount=9).lines.get() for _each in range(16)]
    begins, ends = period()

    def grab(line):
        try:
            Grant.objects.create(
                tenant=house.tenant, authority=house.authority, environment=environment, pool=house.pool,
                share=house.share, line=line, amount=9, starts_at=begins, ends_at=ends, state="active",
            )  # fmt: skip
        except IntegrityError as error:
            return "grant_within" if "would be promised" in str(error) else str(error)
        finally:
            connection.close()
        return "granted"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(grab, lines))
    assert outcomes.count("granted") == 11  # 99 of 100
    assert outcomes.count("grant_within") == 5
