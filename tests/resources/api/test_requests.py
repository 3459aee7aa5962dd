"""The API's twins of the pages: the same services, the same refusals as problem+json."""

from typing import Any

import pytest
from django.urls import reverse

from resources.models import Grant, QuotaRequest
from resources.services.decisions import ask_for_changes
from tests.factories.people import make_user
from tests.factories.resources import make_request, period
from tests.factories.tenants import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client):
    """call(user, method, name, row, body) → (status, JSON)."""

    def call(user, method, name, row=None, body: Any = None, query=""):
        client.force_login(user)
        url = reverse(name, args=[row.public_id] if row else []) + query
        send = getattr(client, method)
        answer = send(url) if method == "get" else send(url, body or {}, content_type="application/json")
        return answer.status_code, answer.json()

    return call


def wished(house, gpus=12):
    begin, end = period()
    line = {
        "pool": str(house.pool.public_id),
        "amount": gpus,
        "starts_at": begin.isoformat(),
        "ends_at": end.isoformat(),
    }
    return {"project": str(house.project.public_id), "purpose": "Train", "lines": [line]}


def test_a_request_goes_its_whole_way(house, call):
    code, made = call(house.owner, "post", "api-request-list", body=wished(house))
    assert (code, made["state"], made["lines"][0]["amount"]) == (201, "draft", 12)
    request = QuotaRequest.objects.get(public_id=made["public_id"])
    assert call(house.owner, "put", "api-request-detail", request, wished(house, 20))[1]["lines"][0]["amount"] == 20
    assert call(house.owner, "post", "api-request-submit", request)[1]["state"] == "submitted"
    line = str(request.current_lines.get().public_id)
    code, effects = call(house.approver, "post", "api-request-preview", request, {"amounts": {line: 15}})
    assert (code, effects[0]["before"], effects[0]["after"], effects[0]["most"]) == (200, 0, 15, 100)
    body = {"amounts": {line: 15}, "reason": "Fifteen for now"}
    code, decided = call(house.approver, "post", "api-request-approve", request, body)
    assert (code, decided["state"], decided["decisions"][0]["reason"]) == (200, "partially_approved", "Fifteen for now")
    assert Grant.objects.get().amount == 15
    assert call(house.owner, "get", "api-quota-list")[1]["results"][0]["wanted"] == 15
    assert call(house.operator, "get", "api-grant-list")[1]["results"][0]["amount"] == 15


def test_two_people_and_sending_back(house, call):
    request = make_request(house.project, house.pool, house.owner, amount=95)
    assert call(house.approver, "post", "api-request-approve", request)[0] == 422
    assert (
        call(house.approver, "post", "api-request-approve", request, {"reason": "x"})[1]["state"] == "awaiting_second"
    )
    assert call(house.approver, "post", "api-request-confirm", request)[0] == 403
    assert call(house.second, "post", "api-request-send-back", request, {"reason": "No"})[1]["state"] == "in_review"
    assert call(house.second, "post", "api-request-reject", request, {"reason": "No"})[1]["state"] == "rejected"


def test_question_and_answer(house, call):
    request = make_request(house.project, house.pool, house.owner)
    assert call(house.approver, "post", "api-request-review", request)[1]["state"] == "in_review"
    ask_for_changes(acting_user=house.approver, request=QuotaRequest.objects.get(), reason="Fewer?")
    body = {"text": "Five", "lines": wished(house, 5)["lines"]}
    answered = call(house.owner, "post", "api-request-answer-question", request, body)[1]
    assert (answered["state"], answered["revision"], answered["lines"][0]["amount"]) == ("in_review", 2, 5)
    assert call(house.owner, "post", "api-request-withdraw", request)[1]["state"] == "withdrawn"


def test_refusals_are_problems_with_code_and_facts(house, call):
    code, problem = call(house.owner, "post", "api-request-list", body=wished(house, 500))
    assert (code, list(problem["fields"])) == (422, ["amount"])
    request = make_request(house.project, house.pool, house.owner, amount=95)
    code, problem = call(house.approver, "post", "api-request-approve", request)
    assert (code, problem["code"], problem["facts"]["fits"]) == (422, "capacity.over_line", 90)


def test_what_one_may_not_see_cannot_be_named(house, call):
    stranger = make_user()
    request = make_request(house.project, house.pool, house.owner)
    assert call(stranger, "post", "api-request-list", body=wished(house))[0] == 422
    assert call(stranger, "get", "api-request-detail", request)[0] == 404
    assert call(stranger, "post", "api-request-approve", request)[0] == 404
    assert call(house.member, "post", "api-request-approve", request)[0] == 403
    assert call(stranger, "get", "api-request-list")[1]["results"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(house, call, rows, django_assert_num_queries):
    for _each in range(rows):
        make_request(make_project(house.tenant), house.pool, house.owner)
    call(house.approver, "get", "api-request-list")
    with django_assert_num_queries(11):
        code, answer = call(house.approver, "get", "api-request-list")
    assert (code, len(answer["results"])) == (200, rows)
