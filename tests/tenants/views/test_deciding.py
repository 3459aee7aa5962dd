"""The decision in the browser: which way, what belongs to it, what follows; and what comes afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tenants.models import CaseCondition, OnboardingCase, StockText
from tenants.services.admission import approve_case, ask_applicant, reject_case
from tenants.services.conditions import Condition
from tests.factories.people import make_user
from tests.factories.tenants import make_case, make_policy, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(signed_in):
    case = make_case("in_review")
    officer = make_staff(case.authority)
    return case, signed_in(officer), officer


def at(name, row, *more):
    return reverse(name, args=[row.public_id, *more])


def tomorrow(days=30):
    return str(timezone.localdate() + timedelta(days=days))


def state(case):
    return OnboardingCase.objects.get(pk=case.pk).state


def test_the_page_offers_four_ways_and_says_what_follows(desk):
    case, client, _officer = desk
    text = client.get(at("case", case)).content.decode()
    for value in ("approve", "conditions", "ask", "reject"):
        assert f'value="{value}"' in text
    assert f"{case.submitted_by.full_name} becomes its owner" in text
    part = client.get(at("case-effect", case), {"outcome": "reject"}).content.decode()
    assert "They may appeal within 30 days" in part
    assert "<html" not in part
    assert "Choose a way" in client.get(at("case-effect", case), {"outcome": "nonsense"}).content.decode()


def test_nothing_is_decided_before_it_is_confirmed(desk):
    case, client, _officer = desk
    for outcome, asked in (
        ("approve", "Approve the application"), ("conditions", "Approve with these conditions"), ("ask", "Ask the applicant"),
        ("reject", "Refuse the application"),
    ):  # fmt: skip
        answer = client.post(at("case-decide", case), {"outcome": outcome, "reason": "Because of this."})
        assert answer.status_code == 200
        assert asked in answer.content.decode()
        assert "Because of this." in answer.content.decode()
    assert (state(case), case.decisions.count()) == ("in_review", 0)
    assert client.post(at("case-decide", case), {"reason": "x"}).status_code == 422


def test_texts_of_the_authority_go_before_what_is_typed_in_the_applicants_language(signed_in):
    case = make_case("in_review", make_user(language="fr"))
    officer = make_staff(case.authority)
    row = StockText.objects.create(
        authority=case.authority, use="question", texts={"en": "Who signs?", "fr": "Qui signe ?"}, set_by=officer
    )
    typed = {"outcome": "ask", "reason": "Vite.", "phrases": f"question:{row.public_id}"}
    text = signed_in(officer).post(at("case-decide", case), typed).content.decode()
    assert "Qui signe ?\n\nVite." in text


def test_approving_with_conditions_takes_several_and_shows_them_to_both_sides(desk, signed_in):
    case, client, _officer = desk
    typed = {
        "confirmed": "1", "outcome": "conditions", "reason": "Fine.",
        "text_1": "Name an officer", "due_1": tomorrow(), "who_1": "Management",
        "text_3": "Sign it", "due_3": tomorrow(60), "who_3": "Director",
    }  # fmt: skip
    assert client.post(at("case-decide", case), typed).status_code == 302
    assert state(case) == "conditionally_approved"
    assert list(case.conditions.order_by("number").values_list("text", "responsible")) == [
        ("Name an officer", "Management"), ("Sign it", "Director"),
    ]  # fmt: skip
    for reader in (client, signed_in(case.submitted_by)):
        assert "Name an officer" in reader.get(at("case", case)).content.decode()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, "text_1"),
        ({"text_1": "x", "who_1": "y"}, "due_1"),
        ({"text_1": "x", "due_1": "2020-01-01", "who_1": "y"}, "future"),
        ({"text_1": "x", "due_1": "T", "who_1": "y", "text_2": "z"}, "due_2"),
        ({"text_1": "x", "due_1": "T", "who_1": "y", "due_2": "T"}, "text_2"),
    ],
)
def test_conditions_that_are_not_complete_keep_the_page(desk, typed, wrong):
    case, client, _officer = desk
    filled = {name: tomorrow() if value == "T" else value for name, value in typed.items()}
    answer = client.post(at("case-decide", case), {"confirmed": "1", "outcome": "conditions", **filled})
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert (state(case), CaseCondition.objects.count()) == ("in_review", 0)


def test_asking_marks_single_answers_in_the_applicants_form(desk, signed_in):
    case, client, _officer = desk
    typed = {
        "confirmed": "1",
        "outcome": "ask",
        "reason": "Two things.",
        "days": "10",
        "remark_legal_form": "Of which law?",
    }
    assert client.post(at("case-decide", case), typed).status_code == 302
    applicant = signed_in(case.submitted_by)
    text = applicant.get(at("case", case)).content.decode()
    assert "Of which law?" in text
    assert "without an answer the application lapses" in text
    page = applicant.get(at("case-write", case, "organisation")).content.decode()
    assert "Of which law?" in page
    assert page.count("The authority asks:") == 1
    detail = applicant.get(reverse("api-application-detail", args=[case.public_id])).json()
    assert detail["to_correct"] == {"legal_form": "Of which law?"}


def test_refusing_takes_grounds_and_the_applicant_may_appeal(desk, signed_in):
    case, client, _officer = desk
    typed = {"confirmed": "1", "outcome": "reject", "reason": "No entry.", "grounds": ["identity", "mandate"]}
    assert client.post(at("case-decide", case), typed).status_code == 302
    assert len(case.decisions.get().grounds) == 2
    applicant = signed_in(case.submitted_by)
    assert at("case-appeal", case) in applicant.get(at("case", case)).content.decode()
    assert "You can appeal until" in applicant.get(at("case-appeal", case)).content.decode()
    assert applicant.post(at("case-appeal", case), {"text": ""}).status_code == 422
    assert applicant.post(at("case-appeal", case), {"text": "It is there."}).status_code == 302
    assert state(case) == "appealed"
    text = client.get(at("case", case)).content.decode()
    assert "You decided this application the first time" in text
    assert "Nobody of this authority could take the next step" in text
    other = signed_in(make_staff(case.authority, user=make_user(full_name="Olga Other")))
    text = other.get(at("case", case)).content.decode()
    assert "It is there." in text
    assert "Olga Other" in text
    assert at("case-decide", case) in text


def test_the_page_says_who_is_awaited_as_the_second(desk, signed_in):
    case, client, officer = desk
    make_policy(case.authority, "onboarding.second_person_class", 2)
    second = make_staff(case.authority, user=make_user(full_name="Sara Second"))
    assert "Sara Second" in client.get(at("case-effect", case), {"outcome": "approve"}).content.decode()
    approve_case(
        acting_user=officer, case=case,
        conditions=[Condition("Name somebody", timezone.localdate() + timedelta(days=9), "Management")],
    )  # fmt: skip
    text = client.get(at("case", case)).content.decode()
    assert "Sara Second" in text
    assert "You gave the first approval" in text
    text = signed_in(second).get(at("case", case)).content.decode()
    assert "Name somebody" in text
    assert "with conditions" in text


def test_an_officer_says_that_a_condition_is_met(desk, signed_in):
    case, client, officer = desk
    wish = Condition("Name somebody", timezone.localdate() + timedelta(days=9), "Management")
    case = approve_case(acting_user=officer, case=case, conditions=[wish])
    row = case.conditions.get()
    assert at("condition-met", row) in client.get(at("case", case)).content.decode()
    assert at("condition-met", row) not in signed_in(case.submitted_by).get(at("case", case)).content.decode()
    assert "It is the last one" in client.get(at("condition-met", row)).content.decode()
    assert client.post(at("condition-met", row), {"evidence": ""}).status_code == 422
    answer = client.post(at("condition-met", row), {"evidence": "The register names her."}, follow=True)
    assert "no conditions any more" in answer.content.decode()
    assert state(case) == "approved"
    assert client.get(at("condition-met", row)).status_code == 422


@pytest.mark.parametrize(
    ("tab", "seen"),
    [
        ("for_me", {"mine", "second", "appealed"}),
        ("appeals", {"appealed", "decided-by-me"}),
        ("decided", {"approved", "rejected"}),
    ],
)
def test_the_queue_has_views_of_what_waits_for_me_appeals_and_what_is_decided(signed_in, tab, seen):
    officer = make_staff((case := make_case("in_review", organisation="org-mine")).authority)
    OnboardingCase.objects.filter(pk=case.pk).update(officer=officer)
    other = make_staff(case.authority)
    for name, at_state, decider in (
        ("second", "awaiting_second", other), ("first-by-me", "awaiting_second", officer), ("appealed", "appealed", other),
        ("decided-by-me", "appealed", officer), ("nobody", "submitted", None),
    ):  # fmt: skip
        row = make_case(at_state, authority=case.authority, organisation=f"org-{name}")
        if decider:
            row.decisions.create(authority=case.authority, step=1, decider=decider, outcome="approve")
    for name in ("approved", "rejected"):
        make_case(name, authority=case.authority, organisation=f"org-{name}", decided_at=timezone.now())
    text = signed_in(officer).get(reverse("cases"), {"tab": tab}).content.decode()
    names = ["mine", "second", "first-by-me", "appealed", "decided-by-me", "nobody", "approved", "rejected"]
    assert {name for name in names if f"org-{name}" in text} == seen


def test_officers_keep_a_list_of_texts(desk):
    case, client, _officer = desk
    home = at("stock-texts", case.authority)
    assert "The portal’s own" in client.get(home).content.decode()
    assert client.post(at("stock-copy", case.authority), {"use": "ground"}).status_code == 302
    assert StockText.objects.filter(use="ground", retired_at=None).count() == 5
    added = {"use": "reason", "text_en": "All fine.", "text_fr": "", "text_de": "Alles gut."}
    assert client.post(at("stock-text-new", case.authority), added).status_code == 302
    row = StockText.objects.get(use="reason")
    assert row.texts == {"en": "All fine.", "de": "Alles gut."}
    assert client.post(at("stock-text-edit", row), {"text_en": ""}).status_code == 422
    assert client.post(at("stock-text-edit", row), {"text_en": "Good."}).status_code == 302
    assert client.post(at("stock-text-retire", row)).status_code == 302
    row.refresh_from_db()
    assert (row.texts, row.retired_at is None) == ({"en": "Good."}, False)
    assert client.post(at("stock-text-edit", row), {"text_en": "Again."}).status_code == 409


@pytest.mark.parametrize(
    ("key", "sent", "kept"),
    [
        ("onboarding.second_person_class", {"value": "3"}, 3),
        ("onboarding.second_person_kinds", {"value": ["industry", "startup"]}, 12),
    ],
)
def test_rules_of_two_people_are_chosen_in_words(signed_in, key, sent, kept):
    authority = make_case("in_review").authority
    client = signed_in(make_user(is_platform_admin=True))
    page = reverse("policy-set", args=[authority.public_id, key])
    assert client.get(page).status_code == 200
    assert client.post(page, {**sent, "reason": "Agreed"}).status_code == 302
    assert authority.policy_rules.get(key=key).value == kept
    assert "Agreed" in client.get(reverse("policies")).content.decode()


def test_machines_decide_nothing_but_people_do_through_the_interface(desk, signed_in):
    case, client, _officer = desk
    path = f"/api/v1/applications/{case.public_id}"
    effect = client.get(f"{path}/effect/conditions/").json()
    assert effect["second"] == ""
    assert any("reminded" in sentence for sentence in effect["sentences"])
    assert {each["key"] for each in client.get(f"{path}/grounds/").json()} >= {"identity"}
    body = {"reason": "x", "conditions": [{"text": "Name somebody", "due_on": tomorrow(), "responsible": "Management"}]}
    answer = client.post(f"{path}/approve/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "conditionally_approved")
    row = client.get("/api/v1/conditions/").json()["results"][0]
    met = client.post(
        f"/api/v1/conditions/{row['public_id']}/met/", {"evidence": "Seen."}, content_type="application/json"
    )
    assert (met.status_code, met.json()["state"], state(case)) == (200, "met", "approved")


def test_an_applicant_appeals_through_the_interface(desk, signed_in):
    case, client, _officer = desk
    path = f"/api/v1/applications/{case.public_id}"
    body = {"reason": "No.", "grounds": ["identity"]}
    assert client.post(f"{path}/reject/", body, content_type="application/json").status_code == 200
    applicant = signed_in(case.submitted_by)
    assert applicant.get(f"{path}/").json()["appeal_until"] is not None
    answer = applicant.post(f"{path}/appeal/", {"text": "Yes."}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "appealed")


@pytest.mark.parametrize("act", [ask_applicant, reject_case])
def test_the_page_of_a_decided_or_waiting_case_has_no_form(desk, act):
    case, client, officer = desk
    act(acting_user=officer, case=case, reason="x")
    assert at("case-decide", case) not in client.get(at("case", case)).content.decode()


def test_what_follows_says_which_checks_stand_in_the_way_and_never_offers_oneself_as_the_second(desk):
    case, client, officer = desk
    make_policy(case.authority, "onboarding.second_person", 1)
    other = make_staff(case.authority)
    part = client.get(at("case-effect", case), {"outcome": "approve"}).content.decode()
    assert other.full_name in part
    assert officer.full_name not in part
    assert "Refused as long as" not in part
    case.checks.update(state="open")
    for outcome in ("approve", "conditions"):
        part = client.get(at("case-effect", case), {"outcome": outcome}).content.decode()
        assert f"not in order or waived: {case.checks.get().title}." in part
    assert "Refused as long as" not in client.get(at("case-effect", case), {"outcome": "reject"}).content.decode()
