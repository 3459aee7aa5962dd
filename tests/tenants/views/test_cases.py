"""The pages of applications, from both sides."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.checks.findings import HIT
from tenants.models import Tenant
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_case, make_check, make_member, make_policy, make_staff

pytestmark = pytest.mark.django_db


def at(name, row):
    return reverse(name, args=[row.public_id])


@pytest.mark.parametrize("count", [1, 3])
def test_queue_costs_the_same_for_one_and_for_three(signed_in, django_assert_num_queries, count):
    authority = make_authority()
    officer = make_staff(authority)
    for _ in range(count):
        make_case("in_review", authority=authority, officer=officer)
    client = signed_in(officer)
    client.get(reverse("cases"))
    with django_assert_num_queries(QUEUE):
        answer = client.get(reverse("cases"))
    assert answer.content.decode().count('class="name"') == count


QUEUE = 7


@pytest.mark.parametrize(
    ("tab", "seen"),
    [
        ("open", {"submitted", "in_review", "info_requested", "awaiting_second"}),
        ("mine", {"in_review"}),
        ("second", {"awaiting_second"}),
        ("all", {"submitted", "in_review", "info_requested", "awaiting_second", "approved"}),
    ],
)
def test_queue_has_tabs(signed_in, tab, seen):
    authority = make_authority()
    officer = make_staff(authority)
    for state in ("draft", "submitted", "in_review", "info_requested", "awaiting_second", "approved"):
        fields = {"officer": officer} if state == "in_review" else {}
        make_case(state, authority=authority, organisation=f"org-{state}", **fields)
    make_case("submitted", organisation="org-foreign")
    text = signed_in(officer).get(reverse("cases"), {"tab": tab}).content.decode()
    states = ["draft", "submitted", "in_review", "info_requested", "awaiting_second", "approved", "foreign"]
    assert {state for state in states if f"org-{state}" in text} == seen


def test_queue_searches_filters_and_exports_what_is_filtered(signed_in):
    authority = make_authority()
    officer = make_staff(authority)
    make_case("submitted", authority=authority, organisation="River Institute")
    make_case("in_review", authority=authority, organisation="River Board")
    make_case("in_review", authority=authority, organisation="Lake Board")
    query = {"tab": "all", "q": "river", "state": "in_review"}
    text = signed_in(officer).get(reverse("cases"), query).content.decode()
    assert ("River Board" in text, "River Institute" in text, "Lake Board" in text) == (True, False, False)
    lines = signed_in(officer).get(reverse("cases"), {**query, "format": "csv"}).content.decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["Organisation", "River Board"]


@pytest.mark.parametrize(
    ("checks", "seen"), [("failing", {"wrong", "hit"}), ("open", {"hit", "open"}), ("", {"fine", "wrong", "hit", "open"})]
)  # fmt: skip
@pytest.mark.parametrize("role", ["onboarding_officer", "auditor"])
def test_queue_narrows_to_what_its_checks_say(signed_in, role, checks, seen):
    authority = make_authority()
    for name, state, finding in STANDINGS:
        case = make_case("submitted", authority=authority, organisation=f"org-{name}")
        make_check(case, state, key="sanctions", finding=finding)
    text = signed_in(make_staff(authority, role)).get(reverse("cases"), {"checks": checks}).content.decode()
    assert {name for name, _state, _finding in STANDINGS if f"org-{name}" in text} == seen


STANDINGS = (("fine", "passed", ""), ("wrong", "failed", ""), ("hit", "open", HIT), ("open", "open", ""))


def test_who_reads_no_checks_cannot_ask_for_what_they_say(signed_in):
    case = make_case("submitted", organisation="org-mine")
    make_check(case, "failed", key="sanctions")
    text = signed_in(case.submitted_by).get(reverse("cases"), {"checks": "failing"}).content.decode()
    assert "org-mine" not in text


def test_case_page_for_the_applicant_says_what_happens_next(signed_in):
    case = make_case("info_requested")
    case.decisions.create(authority=case.authority, step=1, decider=make_user(), outcome="ask", reason="Who signs?")
    text = signed_in(case.submitted_by).get(at("case", case)).content.decode()
    assert "Who signs?" in text
    assert at("case-answer", case) in text
    assert at("case-withdraw", case) in text
    assert at("case-decide", case) not in text


def test_case_page_for_an_officer_has_the_decision(signed_in):
    case = make_case("submitted")
    text = signed_in(make_staff(case.authority)).get(at("case", case)).content.decode()
    assert at("case-decide", case) in text
    assert at("case-take", case) in text
    assert at("case-withdraw", case) not in text


def test_case_page_for_an_officer_who_is_named_on_it_says_why_there_is_no_form(signed_in):
    case = make_case("submitted")
    make_staff(case.authority, user=case.submitted_by)
    text = signed_in(case.submitted_by).get(at("case", case)).content.decode()
    assert at("case-decide", case) not in text


def test_case_page_for_an_auditor_is_for_reading(signed_in):
    case = make_case("submitted")
    text = signed_in(make_staff(case.authority, "auditor")).get(at("case", case)).content.decode()
    assert at("case-decide", case) not in text
    assert "an onboarding officer decides it" in text


@pytest.mark.parametrize("make", [make_user, make_admin, lambda: make_staff(make_authority())])
def test_case_page_for_strangers_is_not_there(signed_in, make):
    case = make_case("in_review")
    client = signed_in(make())
    for name in ("case", "case-facts", "case-aside", "case-edit", "case-answer", "case-decide", "case-take"):
        assert client.get(at(name, case)).status_code == 404


def test_case_page_with_nobody_signed_in_asks_to_sign_in(client):
    case = make_case("in_review")
    answer = client.get(at("case", case))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_case_parts_are_the_page_in_parts(signed_in):
    case = make_case("in_review")
    client = signed_in(case.submitted_by)
    page = client.get(at("case", case)).content.decode()
    for part in ("case-facts", "case-aside"):
        text = client.get(at(part, case), headers={"HX-Request": "true"}).content.decode()
        assert text.strip().startswith(f'<div class="stack" id="{part}"') or f'id="{part}"' in text
        assert "<html" not in text
        assert f'id="{part}"' in page


def test_approve_makes_the_tenant_and_the_applicant_finds_the_way_home(signed_in):
    case = make_case("submitted")
    officer = signed_in(make_staff(case.authority))
    answer = officer.post(at("case-decide", case), {"confirmed": "1", "outcome": "approve"}, follow=True)
    tenant = Tenant.objects.get()
    assert "is a tenant" in answer.content.decode()
    applicant = signed_in(case.submitted_by)
    aside = applicant.get(at("case-aside", case), headers={"HX-Request": "true"}).content.decode()
    assert at("tenant", tenant) in aside
    assert applicant.get(reverse("home"))["Location"] == at("tenant", tenant)
    assert applicant.get(at("tenant", tenant)).status_code == 200


def test_approve_with_two_persons_says_that_a_second_one_is_needed(signed_in):
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = signed_in(make_staff(case.authority)), signed_in(make_staff(case.authority))
    answer = first.post(at("case-decide", case), {"confirmed": "1", "outcome": "approve"}, follow=True)
    assert "A second officer has to approve it too" in answer.content.decode()
    assert at("case-decide", case) not in answer.content.decode()
    assert "gave the first approval" in second.get(at("case", case)).content.decode()
    second.post(at("case-decide", case), {"confirmed": "1", "outcome": "approve"})
    assert Tenant.objects.count() == 1


def test_refusing_without_a_reason_keeps_the_page_and_what_was_typed(signed_in):
    case = make_case("in_review")
    answer = signed_in(make_staff(case.authority)).post(
        at("case-decide", case), {"confirmed": "1", "outcome": "reject", "reason": " "}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the reason" in text
    assert 'name="confirmed"' in text


def test_deciding_what_was_withdrawn_meanwhile_is_told(signed_in):
    case = make_case("withdrawn")
    answer = signed_in(make_staff(case.authority)).post(
        at("case-decide", case), {"confirmed": "1", "outcome": "approve"}
    )
    assert answer.status_code == 409
    assert Tenant.objects.count() == 0


def test_an_officer_with_four_eyes_missing_is_refused_by_the_door_too(signed_in):
    case = make_case("in_review")
    officer = make_staff(case.authority)
    case.members.create(user=officer)
    answer = signed_in(officer).post(at("case-decide", case), {"confirmed": "1", "outcome": "approve"})
    assert answer.status_code == 403
    assert Tenant.objects.count() == 0


def test_answer_and_withdraw_are_the_applicants(signed_in):
    case = make_case("in_review")
    officer, applicant = signed_in(make_staff(case.authority)), signed_in(case.submitted_by)
    officer.post(at("case-decide", case), {"confirmed": "1", "outcome": "ask", "reason": "Who signs?"})
    assert "Who signs?" in applicant.get(at("case-answer", case)).content.decode()
    applicant.post(at("case-answer", case), {"text": "The director."})
    case.refresh_from_db()
    assert case.state == "in_review"
    assert "The director." in officer.get(at("case", case)).content.decode()
    assert officer.post(at("case-withdraw", case)).status_code == 403
    applicant.post(at("case-withdraw", case))
    case.refresh_from_db()
    assert case.state == "withdrawn"


@pytest.mark.parametrize(
    ("person", "where"),
    [("applicant", "case"), ("officer", "cases"), ("nobody", "welcome"), ("member", "tenant")],
)
def test_home_is_where_the_work_of_each_begins(signed_in, person, where):
    case = make_case("in_review")
    make = {
        "applicant": lambda: case.submitted_by,
        "officer": lambda: make_staff(case.authority),
        "nobody": make_user,
    }
    if person == "member":
        tenant = Tenant.objects.create(
            authority=case.authority, name="T", slug="t", kind="industry", country="LU", data_class="public"
        )
        user, target = make_member(tenant), at("tenant", tenant)
    else:
        user = make[person]()
        target = at("case", case) if where == "case" else reverse(where)
    assert signed_in(user).get(reverse("home"))["Location"] == target


def test_who_writes_an_application_finds_it_before_it_is_sent(signed_in):
    writer = make_user()
    mine = make_case("draft", writer, organisation="Mine unsent")
    make_case("draft", organisation="Not mine", authority=mine.authority)
    shown = signed_in(writer).get(reverse("cases")).content.decode()
    assert "Mine unsent" in shown
    assert "Not mine" not in shown
    assert "Mine unsent" not in signed_in(writer).get(reverse("cases") + "?q=other").content.decode()
    assert "Not sent yet" not in signed_in(make_staff(mine.authority)).get(reverse("cases")).content.decode()


def test_who_only_applies_is_offered_no_views_of_a_desk(signed_in):
    case = make_case("in_review")
    seen = [
        signed_in(person).get(reverse("cases")).content.decode()
        for person in (case.submitted_by, make_staff(case.authority))
    ]
    assert ["?tab=unassigned" in text for text in seen] == [False, True]
    assert all("?tab=decided" in text for text in seen)
