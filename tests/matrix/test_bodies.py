"""What is sent: a sound body from everybody (only the right ones change anything), and bodies with another's ids in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from portal.settings.env import Provider
from tests.factories.resources import mode_data
from tests.matrix.asking import leaks, status, wrote
from tests.matrix.people import ADMIN, EVERYBODY, SIGNED_IN
from tests.matrix.rows.resources import HILL, asks, deciders
from tests.matrix.rows.tenants import tenant_claim_of
from tests.world import World

SPAN = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-03-01T00:00:00Z"}
DONE = {200, 201, 204, 302}


@pytest.fixture(autouse=True)
def identity_provider(world, settings):
    """It knows the people of tenants one and two."""
    slugs = tuple(world.houses[key].tenant.slug for key in ("one", "two"))
    settings.OIDC_PROVIDERS = [Provider("work", "Work", "https://id.test", "x", "x", (), "https://id.test", slugs)]


def ident(row: Any) -> str:
    return str(row.public_id)


@dataclass(frozen=True)
class Attempt:
    """A sound request: door, method, the object in the address, the body, and for whom it works."""

    door: str
    works_for: frozenset[str]
    facts: Callable[[World], dict[str, Any]] | dict[str, Any]
    about: Callable[[World], Any] | None = None
    method: str = "POST"

    def body(self, world: World) -> dict[str, Any]:
        return self.facts(world) if callable(self.facts) else self.facts

    def path(self, world: World) -> str:
        return reverse(self.door, kwargs={"public_id": self.about(world).public_id} if self.about else {})


def wish(world: World, pool: str = "shared") -> dict[str, Any]:
    return {"pool": ident(world.pools[pool]), "amount": 5, **SPAN}


PROJECT = {"name": "A new one", "stage": "training", "data_class": "public"}


def request_facts(world: World, project: str = "one", pool: str = "shared") -> dict[str, Any]:
    return {"project": ident(world.houses[project].project), "purpose": "More", "lines": [wish(world, pool)]}


def request_form(world: World, project: str = "one", pool: str = "shared") -> dict[str, Any]:
    return {
        "project": world.houses[project].project.pk, "pool": world.pools[pool].pk, "amount": 5, "since": "2027-01-01",
        "until": "2027-02-28", "purpose": "More", **mode_data(),
    }  # fmt: skip


def site_facts(**facts: Any) -> dict[str, Any]:
    return {"name": "A new one", "slug": "new-one", "country": "LU", "contact_email": "desk@new.test", **facts}


def cluster_facts(world: World, provider: str = "hill") -> dict[str, Any]:
    place = {"city": "Bissen", "data_classes": ["public"], "provider": ident(world.providers[provider])}
    return site_facts(**place, driver="counted")


def one(world: World) -> Any:
    return world.houses["one"]


ONE_OWNER, ONE_ASKS = frozenset({"one owner"}), asks("one")
NORTH_OFFICER = frozenset({"north officer"})

ATTEMPTS = [
    Attempt("api-project-list", ONE_ASKS, lambda w: {**PROJECT, "tenant": ident(one(w).tenant)}),
    Attempt("project-new", ONE_ASKS, PROJECT, lambda w: one(w).tenant),
    Attempt("api-project-detail", ONE_ASKS, PROJECT, lambda w: one(w).project, "PUT"),
    Attempt("project-edit", ONE_ASKS, PROJECT, lambda w: one(w).project),
    Attempt(
        "api-membership-list", ONE_OWNER,
        lambda w: {"tenant": ident(one(w).tenant), "email": "stranger@nowhere.test", "role": "member"},
    ),
    Attempt("member-new", ONE_OWNER, {"email": "stranger@nowhere.test", "role": "member"}, lambda w: one(w).tenant),
    Attempt(
        "api-tenant-claim-list", ONE_OWNER,
        lambda w: {"tenant": ident(one(w).tenant), "provider": "work", "claim": "groups", "value": "a", "role": "member"},
    ),
    Attempt(
        "tenant-claim-new", ONE_OWNER, {"provider": "work", "claim": "groups", "value": "b", "role": "member"},
        lambda w: one(w).tenant,
    ),
    Attempt("api-tenant-claim-end", ONE_OWNER, {}, lambda w: tenant_claim_of(w, "one")),
    Attempt("api-request-list", ONE_ASKS, request_facts),
    Attempt("request-new", ONE_ASKS, request_form),
    Attempt("api-request-detail", ONE_ASKS, request_facts, lambda w: one(w).draft, "PUT"),
    Attempt("api-request-submit", ONE_ASKS, {}, lambda w: one(w).draft),
    Attempt("request-withdraw", ONE_ASKS, {"reason": "No need"}, lambda w: one(w).open),
    Attempt("api-request-approve", deciders("one"), {"reason": "It fits"}, lambda w: one(w).open),
    Attempt("api-request-reject", deciders("one"), {"reason": "It does not"}, lambda w: one(w).open),
    Attempt(
        "request-decide", deciders("one"),
        {"decision": "reject", "reason": "It does not", "confirmed": "1"}, lambda w: one(w).open,
    ),
    Attempt("api-application-approve", NORTH_OFFICER, {"reason": "Known"}, lambda w: w.cases["asking"]),
    Attempt("api-application-reject", NORTH_OFFICER, {"reason": "Unknown"}, lambda w: w.cases["asking"]),
    Attempt("case-decide", NORTH_OFFICER, {"confirmed": "1", "outcome": "approve", "reason": ""}, lambda w: w.cases["asking"]),
    Attempt("api-application-list", SIGNED_IN, lambda w: {"authority": ident(w.authorities["north"]), "answers": {"organisation": "A new one"}}),
    Attempt(
        "case-keep", frozenset({"drafting applicant"}), {"key": "purpose", "value": "Tides"}, lambda w: w.cases["drafting"]
    ),
    Attempt(
        "case-writers", frozenset({"drafting applicant"}), {"email": "stranger@nowhere.test"},
        lambda w: w.cases["drafting"],
    ),
    Attempt(
        "api-application-writers", frozenset({"drafting applicant"}), {"email": "stranger@nowhere.test"},
        lambda w: w.cases["drafting"],
    ),
    Attempt("question-set-publish", NORTH_OFFICER, {"note": "Ours"}, lambda w: w.authorities["north"].question_sets.get()),
    Attempt(
        "api-question-set-list", NORTH_OFFICER, lambda w: {"authority": ident(w.authorities["north"])},
    ),
    Attempt("api-tenant-suspend", NORTH_OFFICER, {"reason": "Unpaid"}, lambda w: one(w).tenant),
    Attempt("tenant-suspend", NORTH_OFFICER, {"reason": "Unpaid"}, lambda w: one(w).tenant),
    Attempt("api-authority-list", ADMIN, site_facts(region="")),
    Attempt(
        "api-policy-list", ADMIN,
        lambda w: {"authority": ident(w.authorities["north"]), "key": "decision.days", "value": 7, "reason": "Faster"},
    ),
    Attempt(
        "api-staff-list", ADMIN,
        lambda w: {"authority": ident(w.authorities["north"]), "email": "stranger@nowhere.test", "role": "auditor",
                   "full_name": "Some Stranger"},
    ),
    Attempt("api-provider-list", ADMIN, site_facts()),
    Attempt("api-cluster-list", HILL | ADMIN, cluster_facts),
    Attempt("api-kind-list", ADMIN, {"slug": "b200", "vendor": "NVIDIA", "name": "B200", "memory_gib": 192,
                                               "aliases": ["NVIDIA B200"]}),
    Attempt("api-pool-detail", HILL | ADMIN, {"installed": 20_000, "healthy": 20_000},
            lambda w: w.pools["shared"], "PUT"),
    Attempt("api-share-detail", ADMIN, {"gpus": 9_000}, lambda w: w.shares["shared", "north"], "PUT"),
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: f"{attempt.door} {attempt.method}")
def test_a_sound_body_works_for_the_right_people_alone(world, browsers, attempt):
    worked, wrong, leaked = set(), [], []
    path, body = attempt.path(world), attempt.body(world)
    for person in sorted(EVERYBODY):
        answer, statements = wrote(browsers[person], attempt.method, path, body)
        if answer.status_code in DONE and "/accounts/login/" not in answer.get("Location", ""):
            worked.add(person)
        elif answer.status_code >= 500 or statements:
            wrong.append((person, status(answer), statements))
        if person not in attempt.works_for:
            leaked += leaks(world, person, f"{path} {body}", answer)
    assert worked == attempt.works_for
    assert wrong == []
    assert leaked == []


SWAPS = {
    "a request for another's project": ("one owner", "api-request-list", None, lambda w: request_facts(w, "two")),
    "a request for a project of another authority": (
        "one owner", "api-request-list", None, lambda w: request_facts(w, "three", "lower"),
    ),
    "a request from a pool that is not offered": (
        "one owner", "api-request-list", None, lambda w: request_facts(w, "one", "closed"),
    ),
    "the form of a request with another's project": ("one owner", "request-new", None, lambda w: request_form(w, "two")),
    "the form of a request with a pool that is not offered": (
        "one owner", "request-new", None, lambda w: request_form(w, "one", "closed"),
    ),
    "a draft moved to another's project": (
        "one owner", "request-edit", lambda w: one(w).draft, lambda w: request_form(w, "two"),
    ),
    "a project for another's tenant": (
        "one owner", "api-project-list", None, lambda w: {**PROJECT, "tenant": ident(w.houses["two"].tenant)},
    ),
    "a member for another's tenant": (
        "one owner", "api-membership-list", None,
        lambda w: {"tenant": ident(w.houses["two"].tenant), "email": "owner@quillon.test", "role": "owner"},
    ),
    "a decision with a line of another's request": (
        "north approver", "api-request-approve", lambda w: one(w).open,
        lambda w: {"amounts": {ident(w.houses["two"].open.current_lines.get()): 5}, "reason": "Part"},
    ),
    "a cluster for another's centre": ("hill operator", "api-cluster-list", None, lambda w: cluster_facts(w, "dale")),
    "a pool on another's cluster": (
        "hill operator", "api-pool-list", None,
        lambda w: {"cluster": ident(w.clusters["lower"]), "kind": ident(w.pools["shared"].kind), "installed": 8,
                   "healthy": 8},
    ),
    "staff for an authority by its own staff": (
        "north officer", "api-staff-list", None,
        lambda w: {"authority": ident(w.authorities["north"]), "email": "officer@north.test", "role": "quota_approver"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SWAPS)
def test_a_body_with_ids_of_others_changes_nothing(world, browsers, what):
    person, door, about, body = SWAPS[what]
    path = reverse(door, kwargs={"public_id": about(world).public_id} if about else {})
    sent = body(world)
    answer, statements = wrote(browsers[person], "POST", path, sent)
    assert answer.status_code in {403, 404, 409, 422}
    assert statements == []
    asked = f"{path} {sent}"
    assert list(leaks(world, person, asked, answer)) == []


FILTERS = ("tenant", "authority", "project", "provider", "cluster", "pool", "q")
LISTS = ("requests", "projects", "tenants", "cases", "clusters", "pools", "shares", "people", "audit", "api-request-list",
         "api-project-list", "api-tenant-list", "api-membership-list", "api-quota-list", "api-grant-list")  # fmt: skip


@pytest.mark.parametrize("door", LISTS)
def test_a_query_with_ids_of_others_finds_nothing(world, browsers, door):
    """Filters narrow what one may see and never widen it, whatever they are given."""
    other = world.houses["two"]
    values = [str(other.tenant.public_id), str(other.tenant.pk), str(other.project.public_id), other.open.reference]
    found = []
    plain, _ = wrote(browsers["one owner"], "GET", reverse(door))
    assert plain.status_code in {200, 404}  # pools and shares are not for tenants at all
    for name in FILTERS:
        for value in values:
            path = f"{reverse(door)}?{name}={value}&tab=all"
            answer, _ = wrote(browsers["one owner"], "GET", path)
            assert answer.status_code in ({200, 400, 422} if plain.status_code == 200 else {404})
            found += [leak for leak in leaks(world, "one owner", path, answer) if value not in leak]
    assert found == []
