"""Organisations that are known here already: told to applicants without telling which, or whose."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from tenants.models import Tenant
from tenants.queries.cases import other_cases, other_tenants
from tenants.queries.known import MOST_ASKED, known_here
from tests.factories.people import make_user
from tests.factories.tenants import make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
NUMBER, NAME = "B 4711", "Institute of Hidden Rivers"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def writer():
    return make_user()


@pytest.fixture
def draft(writer):
    return make_case("draft", writer, country="LU", legal_id=NUMBER, organisation=NAME)


def test_a_number_that_a_tenant_has_is_told_without_its_name(draft, writer):
    make_tenant(name="Something Else", country="LU", legal_id=NUMBER, contact_email="secret@tenant.test")
    said = known_here(draft, writer)
    assert said.startswith("An organisation with this register number is already known here.")
    assert draft.authority.contact_email in said
    assert not any(word in said for word in ("Something Else", "secret@", "tenant.test"))


def test_the_same_number_in_another_country_is_another_organisation(draft, writer):
    make_tenant(country="FR", legal_id=NUMBER)
    assert known_here(draft, writer) == ""


def test_an_open_application_with_the_number_is_told_and_a_draft_is_not(draft, writer):
    other = make_case("draft", country="LU", legal_id=NUMBER, organisation="Other")
    assert known_here(draft, writer) == ""
    type(other).objects.filter(pk=other.pk).update(state="in_review")
    assert "register number" in known_here(draft, writer)
    type(other).objects.filter(pk=other.pk).update(state="withdrawn")
    assert known_here(draft, writer) == ""


WRITTEN = [
    NAME.upper(), "Institute  of Hidden Rivers S.A.", "Hidden Rivers, Institute of", "Institut\u0435 of Hidden Rivers",
    "Institute of\u200b Hidden Rivers", "Ínstitute of Hïdden Rivers", "\uff29nstitute of Hidden Rivers",
]  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_a_name_is_told_however_it_is_written(draft, writer, name):
    make_tenant(name=name, country="LU", legal_id="B 1", authority=draft.authority)
    assert known_here(draft, writer).startswith("An organisation with this name is already known here.")
    assert [tenant.name for tenant in other_tenants(draft)] == [name]


@pytest.mark.parametrize("name", WRITTEN)
def test_an_application_of_the_same_name_is_told_however_it_is_written(draft, writer, name):
    other = make_case("submitted", country="LU", legal_id="B 1", organisation=name, authority=draft.authority)
    assert known_here(draft, writer).startswith("An organisation with this name is already known here.")
    assert list(other_cases(draft, make_staff(draft.authority))) == [other]


def test_another_name_is_nobodys_business(draft, writer):
    make_tenant(name="Institute of Hidden Livers", country="LU", legal_id="B 1", authority=draft.authority)
    assert (known_here(draft, writer), list(other_tenants(draft))) == ("", [])
    draft.organisation = "\u200b "
    assert list(other_tenants(draft)) == []


def test_ones_own_tenant_and_applications_are_not_news(draft, writer):
    make_member(make_tenant(country="LU", legal_id=NUMBER), user=writer)
    make_case("submitted", writer, country="LU", legal_id=NUMBER, authority=draft.authority)
    assert known_here(draft, writer) == ""


def test_a_closed_tenant_is_over(draft, writer):
    Tenant.objects.filter(pk=make_tenant(country="LU", legal_id=NUMBER).pk).update(state="closed")
    assert known_here(draft, writer) == ""


def test_who_goes_through_a_list_of_numbers_is_told_nothing_any_more(draft, writer):
    make_tenant(country="LU", legal_id=NUMBER)
    for number in range(MOST_ASKED - 1):
        draft.legal_id = f"B {number}"
        known_here(draft, writer)
    draft.legal_id = NUMBER
    assert (bool(known_here(draft, writer)), bool(known_here(draft, writer))) == (True, True)
    draft.legal_id = "B 9999"
    known_here(draft, writer)
    draft.legal_id = NUMBER
    assert known_here(draft, writer) == ""
    assert known_here(draft, make_user()) != ""


def test_it_is_told_while_it_is_typed_and_before_it_is_sent(draft, writer, signed_in):
    make_tenant(name="Something Else", country="LU", legal_id="B 5000")
    client = signed_in(writer)
    kept = client.post(
        reverse("case-keep", args=[draft.public_id]), {"key": "legal_id", "value": "B 5000", "since": ""}
    )
    assert "register number is already known here" in kept.json()["known"]
    kept = client.post(reverse("case-keep", args=[draft.public_id]), {"key": "purpose", "value": "x", "since": ""})
    assert kept.json()["known"] is None
    text = client.get(reverse("case-send", args=[draft.public_id])).content.decode()
    assert ("already known here" in text, "Something Else" in text) == (True, False)
    told = client.get(reverse("api-application-standing", args=[draft.public_id])).json()
    assert "already known here" in told["known"]
