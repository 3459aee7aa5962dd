"""A machine × doors: the token of one tenant's owner, who is also owner of another and works for the authority."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import ApiToken, TokenScope
from tenants.services.memberships import give_role
from tenants.services.tokens import create_token
from tests.factories.people import make_user
from tests.factories.resources import make_operator
from tests.matrix.asking import ask, said, status, wrote
from tests.matrix.doors import address, doors
from tests.matrix.people import KEYS
from tests.matrix.rows import ROWS
from tests.matrix.test_bodies import PROJECT, ident, request_facts
from tests.matrix.test_doors import UNSAFE

API = sorted(name for name, door in doors().items() if door.is_api)
OWN = {"one", "one draft"}
WEBHOOKS = {"list", "detail", "deliveries", "secret", "test", "pause", "resume", "again"}
NEVER = {"api-token-list", "api-token-detail", "api-token-revoke"} | {f"api-webhook-{each}" for each in WEBHOOKS}
"""A token neither sees tokens nor makes any, nor webhooks."""
WRITES = {
    "api-request-list": "POST", "api-request-detail": "PUT", "api-request-submit": "POST",
    "api-request-withdraw": "POST", "api-request-answer-question": "POST", "api-project-list": "POST",
    "api-project-detail": "PUT", "api-application-list": "POST", "api-application-detail": "PUT",
    "api-request-copy": "POST", "api-request-documents": "POST", "api-request-document-detail": "DELETE",
    "api-grant-release": "POST", "api-grant-transfer": "POST", "api-idle-justify": "POST", "api-idle-release": "POST",
    "api-grant-condition-say-met": "POST", "api-cluster-state": "POST", "api-application-submit": "POST", "api-application-answer": "POST", "api-application-withdraw": "POST",
    "api-application-keep": "PUT", "api-application-documents": "POST", "api-document-detail": "DELETE",
    "api-maintenance-list": "POST", "api-maintenance-detail": "PUT", "api-maintenance-cancel": "POST",
    "api-maintenance-end": "POST",
}  # fmt: skip
"""All that a token with every scope may attempt."""


@pytest.fixture
def robot(world):
    """Its person may much more than it may: they own tenant two as well, and are the authority's auditor."""
    owner = world.houses["one"].owner
    give_role(acting_user=None, anchor=world.houses["two"].tenant, user=owner, role="owner")
    give_role(acting_user=None, anchor=world.authorities["north"], user=owner, role="auditor")
    return machine(world)


def machine(world) -> Client:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Token {world.token_texts['one']}"})
    client.get("/api/v1/projects/")  # its use is written down once a minute, so not by what follows
    return client


@pytest.fixture
def operators_machine(world):
    """Of somebody who works for both providers and belongs to a tenant and to an authority; bound to one provider."""
    person = make_operator(world.providers["hill"], make_user("robot@hill.test", full_name="Machine Room"))
    give_role(acting_user=None, anchor=world.providers["dale"], user=person, role="operator")
    give_role(acting_user=None, anchor=world.houses["three"].tenant, user=person, role="owner")
    give_role(acting_user=None, anchor=world.authorities["south"], user=person, role="auditor")
    _row, text = create_token(
        acting_user=person, name="machine room", place=world.providers["hill"], scopes=TokenScope.values,
        expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    client = Client(raise_request_exception=False, headers={"Authorization": f"Token {text}"})
    client.get("/api/v1/clusters/")
    return client


@pytest.mark.parametrize("name", API)
def test_an_operators_token_reads_what_an_operator_of_that_provider_sees(world, browsers, operators_machine, name):
    """Nothing of its person's other places, and nothing that a colleague without them would not find."""
    if not ROWS[name].gets:
        return
    more = []
    for thing, path in visits(world, name):
        answer, colleague = ask(operators_machine, "GET", path), ask(browsers["hill operator"], "GET", path)
        if name not in NEVER and status(answer) not in {status(colleague), 403, 404}:
            more.append((path, status(answer), status(colleague)))
        theirs = said(colleague)
        more += [
            (key, thing.label)
            for key in KEYS
            if world.marks(key).search(said(answer)) and not world.marks(key).search(theirs)
        ]
    assert more == []


def visits(world, name):
    for thing in ROWS[name].things:
        yield thing, address(doors()[name], thing.kwargs(world)) + thing.query(world)


@pytest.mark.parametrize("name", API)
def test_a_token_reads_its_own_tenant_and_nothing_of_others(world, robot, name):
    if not ROWS[name].gets:
        return
    found, leaked = {}, []
    for thing, path in visits(world, name):
        answer = ask(robot, "GET", path)
        found[thing.label] = status(answer)
        text = said(answer)
        leaked += [(key, thing.label) for key in KEYS if key not in OWN and world.marks(key).search(text)]
    assert leaked == []
    for thing in ROWS[name].things:
        if name in NEVER:
            assert found[thing.label] == 403
        elif thing.label == "one" and "one owner" in thing.may:
            assert found[thing.label] == thing.status
        elif thing.label in {"two", "three", "asking", "drafting", "elsewhere"}:
            assert found[thing.label] in {403, 404}
        else:
            assert found[thing.label] in {200, 403, 404}


@pytest.mark.parametrize("name", API)
def test_a_reading_token_writes_nowhere(world, robot, name):
    ApiToken.objects.filter(pk=world.tokens["one"].pk).update(scopes=[TokenScope.READ])
    for _thing, path in visits(world, name):
        for method in UNSAFE:
            answer, statements = wrote(robot, method, path, {})
            assert (status(answer), statements) == (403, []), (method, path)


@pytest.mark.parametrize("name", API)
def test_a_token_with_every_scope_decides_nothing(world, robot, name):
    for thing, path in visits(world, name):
        for method in UNSAFE:
            answer, statements = wrote(robot, method, path, {})
            if WRITES.get(name) == method:
                assert thing.label == "one" or statements == [], (method, path)
                assert answer.status_code < 500
            else:
                assert (answer.status_code, "token.not_for_tokens" in said(answer)) == (403, True), (method, path)
                assert statements == []


def test_a_token_asks_for_its_tenant_and_not_for_the_persons_other_one(world, robot):
    def attempt(path, body):
        return status(ask(robot, "POST", path, body))

    assert attempt("/api/v1/requests/", request_facts(world, "one")) == 201
    assert attempt("/api/v1/requests/", request_facts(world, "two")) in {404, 422}
    houses = world.houses
    assert attempt("/api/v1/projects/", {**PROJECT, "tenant": ident(houses["one"].tenant)}) == 201
    assert attempt("/api/v1/projects/", {**PROJECT, "tenant": ident(houses["two"].tenant)}) == 404


def test_a_token_opens_no_page(world, robot):
    for path in ("/", "/tokens/", "/roles/", "/live/ticket/?topic=events"):
        assert ask(robot, "GET", path).status_code == 302


def test_a_token_is_worth_what_its_person_may_now(world, robot):
    """The role ends, and with it everything that the token opened."""
    path = f"/api/v1/tenants/{ident(world.houses['one'].tenant)}/"
    assert ask(robot, "GET", path).status_code == 200
    world.houses["one"].owner.memberships.filter(tenant=world.houses["one"].tenant).update(
        valid_from="2020-01-01T00:00Z", valid_until="2020-01-02T00:00Z"
    )
    assert ask(robot, "GET", path).status_code == 404
