"""Why no rule decided a request, for machines: the same as its page says, to the same people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from resources.services.rule_decisions import look_at_request
from tests.factories.resources import make_draft, make_request, make_rule, make_share, playground
from tests.factories.tenants import make_authority, make_staff


def ask(house, amount):
    return make_request(house.project, house.pool, house.owner, amount, days=14, **playground())


def rules_of(user, request):
    browser = Client()
    browser.force_login(user)
    return browser.get(reverse("api-request-rules", args=[request.public_id]))


@pytest.fixture
def left(house):
    """A request that both rules leave to people, one for its GPUs, the other for its tenant."""
    make_rule(house.authority, house.approver, house.second, slug="first", name="First", position=1)
    make_rule(
        house.authority, house.approver, house.second, slug="second", name="Second", position=2,
        tenant_kinds=["public_agency"],
    )  # fmt: skip
    request = ask(house, 5)
    assert not look_at_request(request.pk)
    return request


def test_says_of_each_rule_what_did_not_hold(house, left):
    answer = rules_of(house.approver, left).json()
    assert (answer["approved_by"], answer["responsible"], answer["held"], answer["revision"]) == (None, None, [], 1)
    assert answer["looked_at"] is not None
    said = [(each["name"], each["version"], [miss["code"] for miss in each["missing"]]) for each in answer["rules"]]
    assert said == [("First", 1, ["gpus"]), ("Second", 1, ["tenant_kind", "gpus"])]


def test_the_sentences_are_those_of_the_page(house, left):
    browser = Client()
    browser.force_login(house.auditor)
    page = browser.get(reverse("request", args=[left.public_id])).content.decode()
    found = [miss["sentence"] for each in rules_of(house.auditor, left).json()["rules"] for miss in each["missing"]]
    assert len(found) == 3
    for sentence in found:
        assert sentence in page


def test_which_rule_approved_it_and_who_answers_for_it(house):
    rule = make_rule(house.authority, house.approver, house.second)
    request = ask(house, 2)
    assert look_at_request(request.pk)
    answer = rules_of(house.auditor, request).json()
    assert answer["approved_by"]["public_id"] == str(rule.public_id)
    assert answer["responsible"] == house.second.get_full_name()
    assert answer["held"]
    assert [each["missing"] for each in answer["rules"]] == [[]]


def test_before_a_rule_looked_nothing_is_said(house):
    answer = rules_of(house.approver, make_request(house.project, house.pool, house.owner)).json()
    assert answer == {
        "looked_at": None, "revision": None, "approved_by": None, "responsible": None, "held": [], "rules": [],
    }  # fmt: skip


def test_who_may_not_see_the_rules_learns_nothing_of_them(house, left):
    neighbour = make_authority()
    make_share(house.pool, neighbour, 0)
    for user in (house.owner, house.member, make_staff(neighbour, "quota_approver")):
        assert rules_of(user, left).status_code == 403
        browser = Client()
        browser.force_login(user)
        page = browser.get(reverse("request", args=[left.public_id])).content.decode()
        assert "Why no rule decided it" not in page
    draft = make_draft(house.project, house.pool, house.owner)
    assert [rules_of(user, draft).status_code for user in (house.approver, house.owner)] == [404, 403]
