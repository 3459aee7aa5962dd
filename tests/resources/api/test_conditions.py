"""Conditions of grants through the API: in the decision, in what is shown, and their acts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from resources.models import Grant, GrantCondition
from tests.factories.resources import make_request
from tests.resources.api.test_requests import call
from tests.resources.services.test_conditions import PAPER, USE, granted, make_overdue, one

pytestmark = pytest.mark.django_db
__all__ = ["call"]


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_an_approval_takes_conditions_and_request_and_grant_show_them(house, call):
    request = make_request(house.project, house.pool, house.owner, days=60)
    body = {"conditions": [{"text": PAPER, "due_on": day(9)}, {"text": USE, "due_on": day(20)}]}
    code, decided = call(house.approver, "post", "api-request-approve", request, body)
    assert (code, [(each["text"], each["due_on"], each["state"]) for each in decided["conditions"]]) == (
        200, [(PAPER, day(9), "open"), (USE, day(20), "open")],
    )  # fmt: skip
    assert decided["conditions"][0]["set_by"] == str(house.authority.public_id)
    grant = Grant.objects.get()
    assert [each["text"] for each in call(house.owner, "get", "api-grant-detail", grant)[1]["conditions"]] == [
        PAPER,
        USE,
    ]
    assert call(house.operator, "get", "api-grant-detail", grant)[1]["conditions"] == []
    query = f"?grant={grant.public_id}"
    found = call(house.owner, "get", "api-grant-condition-list", query=query)[1]["results"]
    assert {each["text"] for each in found} == {PAPER, USE}


def test_a_condition_that_cannot_stand_is_a_problem_at_its_field(house, call):
    request = make_request(house.project, house.pool, house.owner, days=60)
    body = {"conditions": [{"text": PAPER, "due_on": day(9)}, {"text": USE, "due_on": day(-1)}]}
    code, problem = call(house.approver, "post", "api-request-approve", request, body)
    assert (code, problem["code"], GrantCondition.objects.count()) == (422, "condition.refused", 0)
    assert "not in the future" in str(problem)


def test_its_acts_are_those_of_the_pages(house, call):
    granted(house)
    row = one()
    code, said = call(house.owner, "post", "api-grant-condition-say-met", row, {"note": "Here"})
    assert (code, said["state"], said["note"]) == (200, "said_met", "Here")
    assert call(house.owner, "post", "api-grant-condition-confirm", row)[0] == 403
    sent_back = call(house.approver, "post", "api-grant-condition-send-back", row, {"reason": "Page 2"})
    assert (sent_back[0], sent_back[1]["state"]) == (200, "open")
    row.refresh_from_db()
    make_overdue(row)
    assert call(house.approver, "post", "api-grant-condition-suspend", row, {"reason": "x"})[1]["suspended_at"]
    assert Grant.objects.get().state == "suspended"
    facts = {"reason": "x", "last_day": day(3)}
    assert call(house.approver, "post", "api-grant-condition-shorten", row, facts)[0] == 200
    assert call(house.approver, "post", "api-grant-condition-lift", row, {"reason": "x"})[1]["state"] == "lifted"


def test_lists_of_grants_ask_as_much_for_three_as_for_one(house, client, django_assert_num_queries):
    client.force_login(house.approver)
    granted(house)
    client.get("/api/v1/grants/")
    with django_assert_num_queries(6):
        client.get("/api/v1/grants/")
    granted(house)
    granted(house)
    with django_assert_num_queries(6):
        client.get("/api/v1/grants/")
