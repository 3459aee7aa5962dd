"""Quota decisions by who stands in for an approver: in whose right, within which limit, and by how many eyes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.errors import Refused
from portal.models import AuditEvent
from resources.errors import OverLimit
from resources.models import Decision, Grant, QuotaRequest
from resources.queries.history import history
from resources.queries.rulings import so_far
from resources.services.decisions import approve_request, confirm_request, send_back_request
from resources.views.review import payer_of, why_not
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, Membership
from tenants.services.delegations import delegate_role
from tenants.services.memberships import end_role, give_role
from tests.factories.resources import make_request
from tests.factories.tenants import make_member, make_policy, make_staff


@pytest.fixture
def officer(house):
    """An officer of the authority who stands in for its approver."""
    person = make_staff(house.authority)
    row = AuthorityMembership.objects.get(user=house.approver)
    delegate_role(acting_user=house.approver, membership=row, to=person, valid_until=timezone.now() + timedelta(days=9))
    return person


def sent(house, amount=10):
    return make_request(house.project, house.pool, house.owner, amount=amount)


def test_approval_says_on_whose_behalf(house, officer):
    request = approve_request(acting_user=officer, request=sent(house))
    decision = Decision.objects.get()
    assert (decision.decider, decision.on_behalf_of) == (officer, house.approver)
    assert AuditEvent.objects.get(act="request.approved").after["on_behalf_of"] == house.approver.pk
    assert f"standing in for {house.approver}" in " ".join(str(entry.who) for entry in history(request))


def test_the_absent_ones_own_tenant_is_not_decided(house, officer):
    make_member(house.tenant, "member", house.approver)
    request = sent(house)
    with pytest.raises(FourEyes):
        approve_request(acting_user=officer, request=request)
    assert payer_of(request, officer, so_far(request), None) is None
    assert "stand in for" in why_not(request, officer, None, so_far(request))


@pytest.mark.parametrize("second", [confirm_request, send_back_request])
def test_the_pair_is_no_second_person(house, officer, second):
    make_policy(house.authority, "quota.second_person_gpus", 1)
    request = approve_request(acting_user=officer, request=sent(house))
    with pytest.raises(FourEyes), transaction.atomic():
        second(acting_user=house.approver, request=request, reason="Seen")
    end_role(
        acting_user=house.approver, membership=AuthorityMembership.objects.get(user=officer, role="quota_approver")
    )
    with pytest.raises(FourEyes), transaction.atomic():
        second(acting_user=house.approver, request=request, reason="Seen")
    second(acting_user=house.second, request=request, reason="Seen")


def test_two_who_stand_in_for_one_after_the_other_are_one_pair(house, officer):
    make_policy(house.authority, "quota.second_person_gpus", 1)
    request = approve_request(acting_user=officer, request=sent(house))
    end_role(
        acting_user=house.approver, membership=AuthorityMembership.objects.get(user=officer, role="quota_approver")
    )
    other = make_staff(house.authority)
    delegate_role(
        acting_user=house.approver, membership=AuthorityMembership.objects.get(user=house.approver), to=other,
        valid_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(FourEyes):
        confirm_request(acting_user=other, request=request)


def test_a_change_of_roles_between_the_steps_is_seen(house):
    """The second person joins the tenant, or becomes the first one's stand-in, after the first step."""
    make_policy(house.authority, "quota.second_person_gpus", 1)
    request = approve_request(acting_user=house.approver, request=sent(house))
    make_member(house.tenant, "member", house.second)
    with pytest.raises(FourEyes):
        confirm_request(acting_user=house.second, request=request)
    Membership.objects.filter(user=house.second).update(
        valid_from=timezone.now() - timedelta(days=2), valid_until=timezone.now() - timedelta(days=1)
    )
    delegate_role(
        acting_user=house.approver, membership=AuthorityMembership.objects.get(user=house.approver), to=house.second,
        valid_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(FourEyes):
        confirm_request(acting_user=house.second, request=QuotaRequest.objects.get(pk=request.pk))
    assert not Grant.objects.exists()


def test_a_limit_binds_the_approver_and_who_stands_in(house):
    person, stand_in = make_staff(house.authority, "auditor"), make_staff(house.authority)
    end_role(acting_user=house.second, membership=AuthorityMembership.objects.get(user=person))
    row = give_role(acting_user=house.second, anchor=house.authority, user=person, role="quota_approver", gpu_limit=8)
    delegate_role(acting_user=person, membership=row, to=stand_in, valid_until=timezone.now() + timedelta(days=9))
    for who in (person, stand_in):
        with pytest.raises(OverLimit), transaction.atomic():
            approve_request(acting_user=who, request=sent(house, 9))
    approve_request(acting_user=stand_in, request=sent(house, 8))
    with pytest.raises(Refused):
        approve_request(acting_user=person, request=sent(house, 9))


@pytest.mark.parametrize("why", ["one pair of eyes", "the absent one's own tenant", "own tenant by a second role"])
def test_at_the_door_each_refusal_is_written_down(house, officer, client, why):
    """Four eyes hold through delegation and through a second role, and the attempt stands in the record."""
    make_policy(house.authority, "quota.second_person_gpus", 1)
    who, act = (house.approver, "confirm") if why == "one pair of eyes" else (officer, "approve")
    request = sent(house)
    if why == "one pair of eyes":
        approve_request(acting_user=officer, request=request)
    else:
        make_member(house.tenant, "member", officer if "second role" in why else house.approver)
    client.force_login(who)
    answer = client.post(
        f"/api/v1/requests/{request.public_id}/{act}/", {"reason": "Seen"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.four_eyes")
    event = AuditEvent.objects.get(act="refused.attempt")
    assert (event.actor, event.target_public_id, event.after["code"]) == (who, request.public_id, "tenants.four_eyes")
    assert not Grant.objects.exists()
