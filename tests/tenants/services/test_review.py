"""Whose application it is, what officers note about it, and what happens when its day passes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.isolation import role
from portal.models import AuditEvent
from tenants import tasks
from tenants.errors import FourEyes
from tenants.models import CaseNote, OnboardingCase
from tenants.queries.cases import history
from tenants.queries.review import loads
from tenants.services import admission, onboarding, review
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff

pytestmark = pytest.mark.django_db
STATES = OnboardingCase.State.values
OPEN = {"submitted", "in_review", "info_requested", "awaiting_second", "appealed"}
WORKING = OPEN - {"info_requested"}


def reloaded(case):
    return OnboardingCase.objects.get(pk=case.pk)


def yesterday():
    return timezone.now() - timedelta(days=1)


@pytest.mark.parametrize("state", [state for state in STATES if state != "draft"])
def test_assign_case_goes_for_what_is_open_and_moves_nothing_else(state):
    case = make_case(state)
    officer, colleague = make_staff(case.authority), make_staff(case.authority)
    if state in OPEN:
        review.assign_case(acting_user=officer, case=case, officer=colleague.public_id)
    else:
        with pytest.raises(Refused, match="is over"):
            review.assign_case(acting_user=officer, case=case, officer=colleague.public_id)
    after = reloaded(case)
    assert (after.state, after.due_at) == (state, case.due_at)
    assert after.officer == (colleague if state in OPEN else None)


@pytest.mark.parametrize("who", ["auditor", "elsewhere", "stranger"])
def test_assign_case_to_somebody_who_is_no_officer_there_is_refused(who):
    case = make_case("in_review")
    person = {
        "auditor": lambda: make_staff(case.authority, "auditor"),
        "elsewhere": lambda: make_staff(make_authority()),
        "stranger": make_user,
    }[who]()
    with pytest.raises(Refused, match="no onboarding officer"):
        review.assign_case(acting_user=make_staff(case.authority), case=case, officer=person.public_id)
    assert reloaded(case).officer is None


def test_assign_case_to_somebody_named_on_it_is_refused():
    case = make_case("in_review")
    make_staff(case.authority, user=case.submitted_by)
    with pytest.raises(Refused, match="stands too near"):
        review.assign_case(
            acting_user=make_staff(case.authority), case=case, officer=case.submitted_by.public_id
        )  # fmt: skip


def test_assign_case_by_somebody_named_on_it_is_refused():
    case = make_case("in_review")
    make_staff(case.authority, user=case.submitted_by)
    colleague = make_staff(case.authority)
    with pytest.raises(FourEyes):
        review.assign_case(acting_user=case.submitted_by, case=case, officer=colleague.public_id)


def test_assign_case_that_a_colleague_took_meanwhile_is_told():
    case = make_case("in_review")
    first, second = make_staff(case.authority), make_staff(case.authority)
    stale = reloaded(case)
    admission.take_case(acting_user=first, case=case)
    with pytest.raises(MovedMeanwhile):
        review.assign_case(acting_user=second, case=stale, officer=second.public_id)
    assert reloaded(case).officer == first


def test_loads_count_what_each_officer_has_in_hand():
    authority = make_authority()
    busy, free = make_staff(authority), make_staff(authority)
    make_case("in_review", authority=authority, officer=busy)
    make_case("in_review", authority=authority, officer=busy, due_at=yesterday())
    make_case("info_requested", authority=authority, officer=busy, due_at=yesterday())
    make_case("approved", authority=authority, officer=busy, due_at=yesterday())
    make_case("in_review", officer=busy)
    found = {load.person: (load.open, load.late) for load in loads(authority)}
    assert found == {busy: (3, 1), free: (0, 0)}


def test_note_case_is_read_by_officers_and_never_by_the_applicant():
    case = make_case("in_review")
    review.note_case(acting_user=make_staff(case.authority), case=case, text=" Ask the ministry. ")
    assert [step.text for step in history(case, for_applicant=False)] == ["Ask the ministry."]
    assert history(case, for_applicant=True) == []
    event = AuditEvent.objects.get(act="case.noted")
    assert "ministry" not in f"{event.after} {event.reason}"


def test_notes_are_out_of_reach_of_the_role_in_which_applicants_read():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'tenants_casenote', 'SELECT'), "
            "has_table_privilege(%s, 'tenants_casenote', 'SELECT')",
            [role("tenant"), role("officer")],
        )
        assert cursor.fetchone() == (False, True)


def test_note_case_by_somebody_named_on_it_is_refused():
    case = make_case("in_review")
    make_staff(case.authority, user=case.submitted_by)
    with pytest.raises(FourEyes):
        review.note_case(acting_user=case.submitted_by, case=case, text="Be kind")
    assert not CaseNote.objects.exists()


def test_note_case_without_a_word_is_refused():
    case = make_case("in_review")
    with pytest.raises(Refused):
        review.note_case(acting_user=make_staff(case.authority), case=case, text="  ")


@pytest.mark.parametrize("state", [state for state in STATES if state != "draft"])
def test_escalate_cases_marks_what_waits_for_officers_once_and_decides_nothing(state):
    case = make_case(state, due_at=yesterday())
    tasks.escalate_cases()
    marked = reloaded(case).escalated_at
    tasks.escalate_cases()
    after = reloaded(case)
    assert (marked is not None) == (state in WORKING)
    assert (after.escalated_at, after.state) == (marked, state)
    assert AuditEvent.objects.filter(act="case.escalated").count() == (state in WORKING)


def test_escalate_cases_leaves_what_has_time():
    case = make_case("in_review")
    assert review.escalate_cases() == 0
    assert reloaded(case).escalated_at is None


def test_an_answer_that_comes_late_gives_the_officer_the_time_the_applicant_took():
    case = make_case("in_review", due_at=timezone.now() + timedelta(days=1))
    admission.ask_applicant(acting_user=make_staff(case.authority), case=case, reason="Who signs?")
    case.decisions.update(created_at=timezone.now() - timedelta(days=3))
    OnboardingCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=2))
    assert review.escalate_cases() == 0
    onboarding.answer_case(acting_user=case.submitted_by, case=reloaded(case), text="The director.")
    assert review.escalate_cases() == 0
