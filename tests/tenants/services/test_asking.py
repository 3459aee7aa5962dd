"""Asking the applicant: for single answers, with a day after which the case lapses, in as many rounds as it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import Refused
from portal.models import AuditEvent, Notification
from tenants import tasks
from tenants.models import OnboardingCase
from tenants.queries.cases import last_question
from tenants.queries.outcomes import pointed_at
from tenants.services.admission import approve_case, ask_applicant
from tenants.services.answers import keep_answer
from tenants.services.onboarding import answer_case
from tests.factories.tenants import make_case, make_policy, make_staff, settle_checks

pytestmark = pytest.mark.django_db


def asked(days=None, answers=None, **fields):
    case = make_case("in_review", **fields)
    officer = make_staff(case.authority)
    case = ask_applicant(acting_user=officer, case=case, reason="Please look again.", answers=answers, days=days)
    return case, officer


def waits(case, days):
    """So many days go by."""
    OnboardingCase.objects.filter(pk=case.pk).update(answer_by=case.answer_by - timedelta(days=days))


def state(case):
    return OnboardingCase.objects.get(pk=case.pk).state


def test_single_answers_are_pointed_at_until_they_are_answered():
    case, _officer = asked(answers={"legal_form": "Which law?", "purpose": " ", "contact_name": "Full name, please."})
    question = last_question(case)
    assert question.asked == {"legal_form": "Which law?", "contact_name": "Full name, please."}
    assert [(each.key, each.remark) for each in pointed_at(case, question)] == [
        ("legal_form", "Which law?"), ("contact_name", "Full name, please."),
    ]  # fmt: skip
    assert AuditEvent.objects.get(act="case.info_requested").after["questions"] == ["contact_name", "legal_form"]


def test_what_is_not_asked_cannot_be_pointed_at():
    case = make_case("in_review")
    with pytest.raises(Refused) as refusal:
        ask_applicant(acting_user=make_staff(case.authority), case=case, reason="x", answers={"nothing_like_it": "y"})
    assert refusal.value.field == "answers"
    assert state(case) == "in_review"


@pytest.mark.parametrize(("policy", "days", "wanted"), [(None, None, 30), (14, None, 14), (14, 3, 3)])
def test_the_applicant_has_the_officers_days_or_the_policys(policy, days, wanted):
    case = make_case("in_review")
    if policy:
        make_policy(case.authority, "onboarding.answer_days", policy)
    case = ask_applicant(acting_user=make_staff(case.authority), case=case, reason="x", days=days)
    assert abs(case.answer_by - timezone.now() - timedelta(days=wanted)) < timedelta(minutes=5)
    assert last_question(case).answer_by == case.answer_by


@pytest.mark.parametrize("days", [0, -1, 366])
def test_days_that_make_no_sense_are_refused(days):
    case = make_case("in_review")
    with pytest.raises(Refused) as refusal:
        ask_applicant(acting_user=make_staff(case.authority), case=case, reason="x", days=days)
    assert refusal.value.field == "days"


def test_several_rounds_and_then_a_decision_with_the_clock_standing_still_meanwhile():
    case, officer = asked(answers={"legal_form": "Which law?"})
    due_at = case.due_at
    for text in ("First answer.", "Second answer."):
        case.decisions.filter(outcome="ask").update(created_at=timezone.now() - timedelta(days=4))
        keep_answer(acting_user=case.submitted_by, case=case, key="legal_form", value=f"Body, {text}")
        case = answer_case(acting_user=case.submitted_by, case=OnboardingCase.objects.get(pk=case.pk), text=text)
        assert (case.state, case.answer_by, case.reminded) == ("in_review", None, None)
        assert timedelta(days=4) <= case.due_at - due_at < timedelta(days=4, minutes=5)
        due_at = case.due_at
        if text.startswith("First"):
            case = ask_applicant(acting_user=officer, case=case, reason="And who signs?")
    settle_checks(case)
    assert approve_case(acting_user=officer, case=case).state == "approved"
    assert [each.number for each in case.submissions.order_by("number")] == [1, 2]


def test_reminders_come_and_then_it_lapses_by_itself():
    case, officer = asked(days=20)
    OnboardingCase.objects.filter(pk=case.pk).update(officer=officer)
    for gone, told in ((12, 0), (13, 1), (14, 1), (17, 2), (19, 3), (19.5, 3)):
        waits(case, gone)
        tasks.sweep_deadlines()
        tasks.sweep_deadlines()
        assert (AuditEvent.objects.filter(act="case.answer_reminded").count(), state(case)) == (
            told,
            "info_requested",
        ), gone
    waits(case, 20)
    tasks.sweep_deadlines()
    tasks.sweep_deadlines()
    assert state(case) == "lapsed"
    event = AuditEvent.objects.get(act="case.lapsed")
    assert (event.actor, event.before["state"], event.after["state"]) == (None, "info_requested", "lapsed")
    told = Notification.objects.filter(act="case.lapsed").values_list("user", flat=True)
    assert set(told) == {case.submitted_by.pk, officer.pk}


def test_what_was_answered_in_time_does_not_lapse():
    case, _officer = asked(days=2)
    answer_case(acting_user=case.submitted_by, case=case, text="Here.")
    OnboardingCase.objects.filter(pk=case.pk).update(answer_by=timezone.now() - timedelta(days=1))
    tasks.sweep_deadlines()
    assert state(case) == "in_review"


def test_a_case_that_was_asked_before_there_were_days_waits_on():
    case = make_case("info_requested")
    tasks.sweep_deadlines()
    assert state(case) == "info_requested"
