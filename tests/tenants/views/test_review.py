"""Giving an application to an officer and writing internal notes, as pages and as endpoints."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tenants.models import CaseNote
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def at(name, row):
    return reverse(name, args=[row.public_id])


@pytest.mark.parametrize(
    ("tab", "seen"),
    [
        ("mine", {"mine"}),
        ("unassigned", {"new", "late", "asked"}),
        ("overdue", {"late"}),
        ("waiting", {"asked"}),
    ],
)
def test_queue_has_the_views_an_officer_begins_with(signed_in, tab, seen):
    authority = make_authority()
    officer = make_staff(authority)
    past = timezone.now() - timedelta(days=1)
    make_case("submitted", authority=authority, organisation="org-new")
    make_case("in_review", authority=authority, organisation="org-mine", officer=officer)
    make_case("approved", authority=authority, organisation="org-over", officer=officer)
    make_case("submitted", authority=authority, organisation="org-late", due_at=past, escalated_at=past)
    make_case("info_requested", authority=authority, organisation="org-asked", due_at=past)
    text = signed_in(officer).get(reverse("cases"), {"tab": tab}).content.decode()
    assert {name for name in ("new", "mine", "over", "late", "asked") if f"org-{name}" in text} == seen
    assert ("Escalated" in text) == ("late" in seen)


def test_assign_page_names_the_officers_and_what_they_have_in_hand(signed_in):
    case = make_case("submitted")
    officer, colleague = make_staff(case.authority), make_staff(case.authority)
    make_case("in_review", authority=case.authority, officer=colleague)
    client = signed_in(officer)
    assert at("case-assign", case) in client.get(at("case", case)).content.decode()
    text = client.get(at("case-assign", case)).content.decode()
    assert "1 open application" in text
    assert "0 open applications" in text
    answer = client.post(at("case-assign", case), {"officer": str(colleague.public_id)}, follow=True)
    assert "Given to an officer" in answer.content.decode()
    case.refresh_from_db()
    assert (case.officer, case.state) == (colleague, "submitted")


def test_assign_page_without_a_choice_stays(signed_in):
    case = make_case("submitted")
    assert signed_in(make_staff(case.authority)).post(at("case-assign", case), {}).status_code == 422


def test_notes_stand_in_the_history_of_the_authority_alone(signed_in):
    case = make_case("in_review")
    officer, auditor = make_staff(case.authority), make_staff(case.authority, "auditor")
    client = signed_in(officer)
    answer = client.post(at("case-note", case), {"text": "Ask the ministry"}, follow=True)
    assert "Ask the ministry" in answer.content.decode()
    assert "Ask the ministry" in signed_in(auditor).get(at("case", case)).content.decode()
    assert "Ask the ministry" not in signed_in(case.submitted_by).get(at("case", case)).content.decode()


@pytest.mark.parametrize("how", ["named", "belongs"])
def test_notes_are_hidden_from_an_officer_on_the_applicants_side(signed_in, how):
    case = make_case("in_review")
    officer = make_staff(case.authority)
    CaseNote.objects.create(case=case, authority=case.authority, author=officer, text="Ask the ministry")
    near = make_staff(case.authority)
    if how == "named":
        case.members.create(user=near)
    else:
        tenant = make_tenant(authority=case.authority, country=case.country, legal_id=case.legal_id)
        make_member(tenant, user=near)
    client = signed_in(near)
    page = client.get(at("case", case)).content.decode()
    told = client.get(reverse("api-application-detail", args=[case.public_id])).content.decode()
    assert ("Ask the ministry" in page, "Ask the ministry" in told) == (False, False)
    assert at("case-note", case) not in page
    assert client.post(at("case-note", case), {"text": "Be kind"}).status_code == 403


def test_endpoints_do_the_same(signed_in):
    case = make_case("in_review")
    officer, colleague = make_staff(case.authority), make_staff(case.authority)
    client = signed_in(officer)
    listed = client.get(reverse("api-application-officers", args=[case.public_id])).json()
    assert {(each["person"]["email"], each["open"], each["late"]) for each in listed} == {
        (officer.email, 0, 0), (colleague.email, 0, 0),
    }  # fmt: skip
    body = {"officer": str(colleague.public_id)}
    assigned = client.post(reverse("api-application-assign", args=[case.public_id]), body, "application/json")
    assert assigned.status_code == 200
    noted = client.post(reverse("api-application-note", args=[case.public_id]), {"text": "Hm"}, "application/json")
    assert (noted.status_code, noted.json()["text"]) == (201, "Hm")
    told = client.get(reverse("api-application-detail", args=[case.public_id])).json()["history"]
    assert [step["text"] for step in told] == [colleague.get_full_name(), "Hm"]
    case.refresh_from_db()
    assert case.officer == colleague
