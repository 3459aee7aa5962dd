"""What the database refuses of appeals and of idle GPUs when nobody asks a service."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from resources.models import Decision, Grant, IdleFinding, IdleStep, QuotaRequest
from resources.services import idle
from resources.services.appeals import appeal_request
from resources.services.decisions import approve_request, reject_request
from tenants.models import AuthorityMembership, PolicyRule
from tests.factories.resources import make_finding, make_request
from tests.factories.tenants import make_policy, make_staff

pytestmark = pytest.mark.django_db


def refused(text):
    return pytest.raises(IntegrityError, match=text)


def stand_in(house, absent, person):
    """``person`` stands in for ``absent`` for some days."""
    own = AuthorityMembership.objects.get(user=absent, authority=house.authority)
    now = timezone.now()
    AuthorityMembership.objects.create(
        user=person, authority=house.authority, role=own.role, delegated_from=own,
        valid_from=now - timedelta(hours=1), valid_until=now + timedelta(days=3),
    )  # fmt: skip


@pytest.fixture
def appealed(house):
    request = make_request(house.project, house.pool, house.owner)
    reject_request(acting_user=house.approver, request=request, reason="Full")
    return appeal_request(acting_user=house.owner, request=QuotaRequest.objects.get(pk=request.pk), text="Look again")


def decide(request, person, **facts):
    return Decision.objects.create(
        tenant=request.tenant, authority=request.authority, request=request, revision=1, step=2, decider=person,
        deciding_authority=request.authority, outcome="reject", reason="x", **facts,
    )  # fmt: skip


def test_an_appeal_is_decided_by_nobody_who_decided_before(house, appealed):
    with refused("by other people"), transaction.atomic():
        decide(appealed, house.approver)
    with refused("by other people"), transaction.atomic():
        decide(appealed, house.second, on_behalf_of=house.approver)
    decide(appealed, house.second)


def test_nor_by_who_stands_in_for_them(house, appealed):
    third = make_staff(house.authority, "quota_approver")
    stand_in(house, house.approver, third)
    with refused("by other people"), transaction.atomic():
        decide(appealed, third)
    decide(appealed, house.second)


def test_without_an_appeal_one_person_may_take_several_steps(house):
    request = make_request(house.project, house.pool, house.owner)
    decide(request, house.approver)
    facts = {"tenant": request.tenant, "authority": request.authority, "request": request, "revision": 1, "step": 3}
    Decision.objects.create(**facts, decider=house.approver, deciding_authority=request.authority, outcome="ask")


def finding(house, state="escalated", **facts):
    request = make_request(house.project, house.pool, house.owner, amount=20)
    approve_request(acting_user=house.approver, request=request)
    return make_finding(Grant.objects.get(line__request=request), state=state, notices=2, **facts)


def step(row, act, by, **facts):
    return IdleStep.objects.create(
        tenant_id=row.tenant_id, authority_id=row.authority_id, finding=row, act=act, by=by, **facts
    )


@pytest.mark.parametrize("act", ["accepted", "refused", "proposed", "sent_back", "reclaimed", "dismissed"])
def test_nobody_of_the_tenant_decides_about_its_idle_gpus(house, act):
    row = finding(house)
    for person in (house.owner, house.member):
        with refused("nobody of the tenant"), transaction.atomic():
            step(row, act, person)
    with refused("nobody of the tenant"), transaction.atomic():
        step(row, act, house.second, on_behalf_of=house.owner)
    step(row, act, house.second)


def test_the_tenants_own_words_are_its_own(house):
    row = finding(house)
    step(row, "justified", house.owner)
    step(row, "released", house.owner)


@pytest.mark.parametrize("act", ["reclaimed", "sent_back"])
def test_who_proposed_taking_back_does_not_answer_and_nor_does_who_stands_in(house, act):
    make_policy(house.authority, PolicyRule.Key.IDLE_SECOND_GPUS, 1)
    row = idle.reclaim_idle(acting_user=house.approver, finding=finding(house), gpus=5, reason="Unused")
    third = make_staff(house.authority, "quota_approver")
    stand_in(house, house.approver, third)
    for person in (house.approver, third):
        with refused("somebody else than who proposed"), transaction.atomic():
            step(row, act, person)
    step(row, act, house.second)


def test_nothing_is_taken_back_without_a_step_of_somebody(house):
    row = finding(house)
    with refused("nobody decided"), transaction.atomic(), connection.cursor() as cursor:
        IdleFinding.objects.filter(pk=row.pk).update(state="reclaimed", given_back=5, closed_at=timezone.now())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
