"""What the database refuses of conditions of grants when nobody asks a service."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from resources.models import GrantCondition
from resources.services.conditions import confirm_met, say_met
from resources.services.decisions import approve_request
from tenants.models import PolicyRule
from tests.factories.resources import make_request
from tests.factories.tenants import make_member, make_policy, make_project, make_tenant
from tests.resources.services.test_conditions import granted, in_days, one

pytestmark = pytest.mark.django_db


def refused(text):
    return pytest.raises(IntegrityError, match=text)


def facts(request, decision, number=9, **more):
    return {
        "tenant": request.tenant, "authority": request.authority, "request": request, "decision": decision,
        "number": number, "text": "Something more", "due_at": timezone.now() + timedelta(days=3), **more,
    }  # fmt: skip


@pytest.mark.parametrize("fields", [{"text": "Something softer"}, {"due_at": timezone.now()}, {"number": 2}])
def test_what_a_condition_says_stays(house, fields):
    granted(house)
    with refused("stays as it was written"), transaction.atomic():
        GrantCondition.objects.update(**fields)


def test_a_condition_is_not_removed(house):
    granted(house)
    with refused("stays as it was written"), transaction.atomic():
        GrantCondition.objects.all()._raw_delete("default")


def test_none_is_added_to_what_is_decided(house):
    request = granted(house)
    with refused("is set with the step that it is part of"), transaction.atomic():
        GrantCondition.objects.create(**facts(request, one().decision))


def test_none_is_added_while_a_second_person_looks_at_it(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    request = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=request, conditions=[in_days(house, 9)])
    with refused("is set with the step that it is part of"), transaction.atomic():
        GrantCondition.objects.create(**facts(request, one().decision))


def test_none_begins_as_one_that_holds_already(house):
    request = granted(house)
    with refused("begins as proposed"), transaction.atomic():
        GrantCondition.objects.create(**facts(request, one().decision, state="open"))


def test_none_is_of_another_tenant_than_its_request(house):
    request = granted(house)
    other = make_project(make_tenant(authority=house.authority)).tenant
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantCondition.objects.create(**facts(request, one().decision, tenant=other))


def test_nobody_of_the_tenant_settles_it(house):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="x")
    for person in (house.owner, house.member, make_member(house.tenant, "member")):
        for state in ("met", "lifted"):
            with refused("neither asked nor belongs"), transaction.atomic():
                GrantCondition.objects.filter(pk=row.pk).update(state=state, closed_by=person, closed_at=timezone.now())


def test_nothing_is_met_that_nobody_said_is_met_and_nothing_settled_moves(house):
    granted(house)
    settled = {"state": "met", "closed_by": house.approver, "closed_at": timezone.now()}
    with refused("nobody has said"), transaction.atomic():
        GrantCondition.objects.update(**settled)
    row = say_met(acting_user=house.owner, condition=one(), note="x")
    with refused("grant_condition_closed_by_somebody"), transaction.atomic():
        GrantCondition.objects.update(state="met")
    confirm_met(acting_user=house.approver, condition=row)
    with refused("is settled"), transaction.atomic():
        GrantCondition.objects.update(state="open")
