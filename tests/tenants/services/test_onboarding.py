from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.access import fetch, may
from portal.core.errors import MovedMeanwhile, NotFound, Refused, UnlawfulMove
from portal.models import AuditEvent
from tenants.errors import FourEyes
from tenants.models import CaseAnswer, CaseDecision, CaseSubmission, Membership, OnboardingCase, Tenant
from tenants.queries.cases import history
from tenants.queries.questions import as_read
from tenants.services import admission, onboarding
from tenants.services.answers import keep_answer
from tenants.signals import tenant_activated
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import (
    case_answers,
    case_facts,
    make_authority,
    make_case,
    make_member,
    make_policy,
    make_staff,
    make_tenant,
)

pytestmark = pytest.mark.django_db


def acts(case) -> list[str]:
    rows = AuditEvent.objects.filter(target_type="tenants.OnboardingCase", target_id=case.pk).order_by("pk")
    return list(rows.values_list("act", flat=True))


def reloaded(case) -> OnboardingCase:
    return OnboardingCase.objects.get(pk=case.pk)


def test_draft_case_is_seen_by_its_writer_alone():
    authority, writer = make_authority(), make_user()
    officer, admin = make_staff(authority), make_admin()
    case = onboarding.draft_case(acting_user=writer, authority=authority, facts=case_facts())
    assert [may(person, "view", case) for person in (writer, officer, admin)] == [True, False, False]
    assert acts(case) == ["case.drafted", "case.revised"]
    assert case.reference.startswith("ON-")


def test_a_vat_number_that_fails_its_check_is_kept_and_cannot_be_sent():
    writer = make_user()
    case = onboarding.draft_case(
        acting_user=writer, authority=make_authority(), facts=case_answers(legal_id="LU12345614")
    )
    assert (case.answers["legal_id"], case.legal_id) == ("LU12345614", "")
    with pytest.raises(Refused) as refusal:
        onboarding.submit_case(acting_user=writer, case=case)
    assert (refusal.value.field, refusal.value.code) == ("legal_id", "tenants.incomplete")
    assert "VAT number of LU" in str(refusal.value)
    assert (reloaded(case).state, CaseSubmission.objects.count()) == ("draft", 0)


def test_draft_case_keeps_the_number_as_registers_write_it():
    case = onboarding.draft_case(
        acting_user=make_user(),
        authority=make_authority(),
        facts=case_facts(legal_id="lu 1234 5613", residency=["LU", "FR"]),
    )
    assert (case.legal_id, case.residency) == ("LU12345613", ["FR", "LU"])


def test_revise_case_changes_a_draft_and_its_authority():
    writer, other = make_user(), make_authority()
    case = make_case("draft", writer)
    facts = {"organisation": "Another name"}
    onboarding.revise_case(acting_user=writer, case=case, authority=other, facts=facts)
    assert (reloaded(case).organisation, reloaded(case).authority) == ("Another name", other)
    assert reloaded(case).question_set is not None
    assert acts(case) == ["case.redirected", "case.revised"]


def test_revise_case_after_it_was_sent_is_refused():
    case = make_case("submitted")
    with pytest.raises(UnlawfulMove):
        onboarding.revise_case(
            acting_user=case.submitted_by, case=case, authority=case.authority, facts={"organisation": "x"}
        )
    assert reloaded(case).organisation == case.organisation


def test_submit_case_starts_the_clock_of_the_authoritys_policy():
    authority, writer = make_authority(), make_user()
    make_policy(authority, "decision.days", 5)
    case = make_case("draft", writer, authority=authority)
    before = timezone.now()
    onboarding.submit_case(acting_user=writer, case=case)
    assert case.state == "submitted"
    assert case.submitted_by == writer
    assert timedelta(days=5) <= case.due_at - before < timedelta(days=5, minutes=1)
    assert AuditEvent.objects.get(act="case.submitted").authority_id == authority.pk


def test_submit_case_keeps_what_was_sent_without_what_other_answers_have_made_moot():
    writer = make_user()
    case = make_case("draft", writer)
    case.answers = {**case.answers, "employees": "40", "residency": []}
    case.save()
    onboarding.submit_case(acting_user=writer, case=case)
    sent = case.submissions.get()
    assert (sent.number, sent.sent_by, sent.question_set) == (1, writer, case.question_set)
    assert "employees" not in sent.answers
    assert sent.answers == reloaded(case).answers
    assert reloaded(case).marks == {}


def test_submit_case_after_its_last_question_was_answered_elsewhere_meanwhile_takes_that_too():
    writer = make_user()
    case = make_case("draft", writer, purpose="")
    stale = reloaded(case)
    keep_answer(acting_user=writer, case=case, key="purpose", value="Rivers.")
    onboarding.submit_case(acting_user=writer, case=stale)
    assert (stale.state, stale.purpose) == ("submitted", "Rivers.")


def test_submit_case_shows_it_to_the_officers():
    authority, writer = make_authority(), make_user()
    officer, foreign = make_staff(authority), make_staff(make_authority())
    case = make_case("draft", writer, authority=authority)
    onboarding.submit_case(acting_user=writer, case=case)
    assert [may(person, "decide", case) for person in (officer, foreign, writer)] == [True, False, False]
    with pytest.raises(NotFound):
        fetch(OnboardingCase.objects, foreign, pk=case.pk)


def test_answer_case_lets_the_clock_run_on_by_what_it_stood_still():
    case = make_case("in_review")
    officer = make_staff(case.authority)
    due = case.due_at
    admission.ask_applicant(acting_user=officer, case=case, reason="Who signs for you?")
    CaseDecision.objects.filter(case=case).update(created_at=timezone.now() - timedelta(days=3))
    onboarding.answer_case(acting_user=case.submitted_by, case=case, text="  Our director.  ")
    assert case.state == "in_review"
    assert timedelta(days=3) <= case.due_at - due < timedelta(days=3, minutes=1)
    assert CaseAnswer.objects.get(case=case).text == "Our director."
    assert acts(case) == ["case.info_requested", "case.answered"]


def test_answer_case_sends_what_was_changed_meanwhile_and_not_before():
    case = make_case("draft", make_user())
    writer = case.members.get().user
    officer = make_staff(case.authority)
    onboarding.submit_case(acting_user=writer, case=case)
    first = case.data_class
    admission.ask_applicant(acting_user=officer, case=case, reason="Really internal?")
    keep_answer(acting_user=writer, case=case, key="data_class", value="public")
    assert (first, reloaded(case).data_class) == ("internal", "internal")
    told = [answer.text for chapter in as_read(reloaded(case), for_applicant=False) for answer in chapter.answers]
    assert "Public" not in told
    onboarding.answer_case(acting_user=writer, case=case, text="No.")
    assert reloaded(case).data_class == "public"
    changed = [
        (answer.question.key, answer.text, answer.before)
        for chapter in as_read(reloaded(case), for_applicant=False)
        for answer in chapter.answers
        if answer.before is not None
    ]
    assert changed == [("data_class", "Public", "Internal")]
    assert list(case.submissions.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_answer_case_with_a_change_that_leaves_a_gap_is_refused():
    case = make_case("draft", make_user())
    writer = case.members.get().user
    onboarding.submit_case(acting_user=writer, case=case)
    admission.ask_applicant(acting_user=make_staff(case.authority), case=case, reason="Who?")
    keep_answer(acting_user=writer, case=case, key="purpose", value="")
    with pytest.raises(Refused) as refusal:
        onboarding.answer_case(acting_user=writer, case=case, text="Nobody.")
    assert (refusal.value.field, reloaded(case).state) == ("purpose", "info_requested")


def test_answer_case_without_words_is_refused():
    case = make_case("info_requested")
    with pytest.raises(Refused) as refusal:
        onboarding.answer_case(acting_user=case.submitted_by, case=case, text="  ")
    assert refusal.value.field == "text"


def test_withdraw_case_is_final():
    case = make_case("in_review")
    onboarding.withdraw_case(acting_user=case.submitted_by, case=case, reason="We merge.")
    assert reloaded(case).state == "withdrawn"
    with pytest.raises(UnlawfulMove):
        admission.approve_case(acting_user=make_staff(case.authority), case=reloaded(case))


def test_take_case_makes_a_new_one_ones_own():
    case = make_case("submitted")
    officer = make_staff(case.authority)
    admission.take_case(acting_user=officer, case=case)
    assert (reloaded(case).state, reloaded(case).officer) == ("in_review", officer)
    colleague = make_staff(case.authority)
    admission.take_case(acting_user=colleague, case=case)
    assert (reloaded(case).state, reloaded(case).officer) == ("in_review", colleague)


def test_approve_case_makes_the_tenant_its_owner_and_its_trail_at_once():
    case = make_case("submitted", organisation="Institut für Ströme", data_class="restricted", residency=["LU"])
    officer = make_staff(case.authority)
    heard = []
    tenant_activated.connect(
        lambda **facts: heard.append((facts["tenant"], facts["acting_user"])), weak=False, dispatch_uid="t"
    )
    try:
        admission.approve_case(acting_user=officer, case=case, reason="All in order.")
    finally:
        tenant_activated.disconnect(dispatch_uid="t")
    tenant = Tenant.objects.get()
    assert (tenant.name, tenant.slug, tenant.state, tenant.data_class, tenant.residency, tenant.authority) == (
        "Institut für Ströme",
        "institut-fur-strome",
        "active",
        "restricted",
        ["LU"],
        case.authority,
    )
    assert reloaded(case).tenant == tenant
    assert list(Membership.objects.values_list("user", "role")) == [(case.submitted_by.pk, "owner")]
    assert may(case.submitted_by, "manage_members", tenant)
    assert heard == [(tenant, officer)]
    assert acts(case) == ["case.taken", "case.approved"]
    trail = AuditEvent.objects.filter(tenant_id=tenant.pk).order_by("pk").values_list("act", flat=True)
    assert list(trail) == ["tenant.admitted", "membership.given", "case.approved", "letter.written"]


def test_approve_case_whose_signal_fails_leaves_nothing_behind():
    case = make_case("in_review")
    officer = make_staff(case.authority)

    def break_it(**facts: object):
        raise RuntimeError("a receiver said no")

    tenant_activated.connect(break_it, dispatch_uid="broken")
    try:
        with pytest.raises(RuntimeError):
            admission.approve_case(acting_user=officer, case=case)
    finally:
        tenant_activated.disconnect(dispatch_uid="broken")
    assert (reloaded(case).state, Tenant.objects.count(), CaseDecision.objects.count()) == ("in_review", 0, 0)


def test_approve_case_twice_is_told_and_makes_one_tenant():
    case = make_case("in_review")
    officer, stale = make_staff(case.authority), reloaded(case)
    admission.approve_case(acting_user=officer, case=case)
    with pytest.raises(MovedMeanwhile):
        admission.approve_case(acting_user=make_staff(case.authority), case=stale)
    assert Tenant.objects.count() == 1


def test_approve_case_of_a_name_that_is_taken_finds_another_short_name():
    make_tenant(slug="delta")
    case = make_case("in_review", organisation="Delta")
    admission.approve_case(acting_user=make_staff(case.authority), case=case)
    assert case.tenant.slug == "delta-2"


def test_approve_case_in_greek_letters_still_gets_a_short_name():
    case = make_case("in_review", organisation="Ινστιτούτο")
    admission.approve_case(acting_user=make_staff(case.authority), case=case)
    assert case.tenant.slug == "tenant"


def test_approve_case_with_two_persons_waits_for_another_officer():
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = make_staff(case.authority), make_staff(case.authority)
    admission.approve_case(acting_user=first, case=case)
    assert (reloaded(case).state, Tenant.objects.count()) == ("awaiting_second", 0)
    with pytest.raises(FourEyes):
        admission.approve_case(acting_user=first, case=reloaded(case))
    admission.approve_case(acting_user=second, case=reloaded(case))
    assert (reloaded(case).state, Tenant.objects.count()) == ("approved", 1)
    assert list(case.decisions.order_by("step").values_list("step", "outcome", "decider")) == [
        (1, "approve", first.pk),
        (2, "approve", second.pk),
    ]


def test_send_back_case_returns_it_to_review_and_both_steps_are_needed_again():
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = make_staff(case.authority), make_staff(case.authority)
    admission.approve_case(acting_user=first, case=case)
    admission.send_back_case(acting_user=second, case=case, reason="Look at the residency again.")
    assert reloaded(case).state == "in_review"
    admission.approve_case(acting_user=second, case=case)
    assert reloaded(case).state == "awaiting_second"
    admission.approve_case(acting_user=first, case=case)
    assert reloaded(case).state == "approved"


def test_history_hides_the_steps_between_officers_from_the_applicant():
    case = make_case("submitted")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = make_staff(case.authority), make_staff(case.authority)
    admission.approve_case(acting_user=first, case=case)
    admission.send_back_case(acting_user=second, case=case, reason="Look again.")
    admission.ask_applicant(acting_user=first, case=case, reason="Where is the data?")
    onboarding.answer_case(acting_user=case.submitted_by, case=case, text="In Metz.")
    told = [(step.label, step.text) for step in history(case, for_applicant=True)]
    assert told == [("Review begun", ""), ("The authority asked", "Where is the data?"), ("Answered", "In Metz.")]
    assert len(history(case, for_applicant=False)) == 5


@pytest.mark.parametrize("decide", ["ask_applicant", "reject_case"])
def test_decisions_that_need_a_reason_are_refused_without(decide):
    case = make_case("in_review")
    with pytest.raises(Refused) as refusal:
        getattr(admission, decide)(acting_user=make_staff(case.authority), case=case, reason=" ")
    assert refusal.value.field == "reason"
    assert reloaded(case).state == "in_review"


def test_reject_case_keeps_the_reason():
    case = make_case("submitted")
    admission.reject_case(acting_user=make_staff(case.authority), case=case, reason="No public purpose.")
    assert reloaded(case).state == "rejected"
    assert case.decisions.get().reason == "No public purpose."
    assert AuditEvent.objects.get(act="case.rejected").reason == "No public purpose."


ALL = ["take_case", "ask_applicant", "approve_case", "reject_case"]


def decide(act, officer, case):
    words = {} if act == "take_case" else {"reason": "Because."}
    return getattr(admission, act)(acting_user=officer, case=case, **words)


@pytest.mark.parametrize("act", ALL)
def test_no_officer_decides_about_what_they_sent(act):
    case = make_case("submitted")
    make_staff(case.authority, user=case.submitted_by)
    with pytest.raises(FourEyes):
        decide(act, case.submitted_by, case)
    assert reloaded(case).state == "submitted"


@pytest.mark.parametrize("act", ALL)
def test_no_officer_decides_about_a_case_they_are_named_on(act):
    case = make_case("in_review")
    officer = make_staff(case.authority)
    case.members.create(user=officer)
    with pytest.raises(FourEyes):
        decide(act, officer, case)


@pytest.mark.parametrize("act", ALL)
def test_no_officer_decides_about_the_organisation_they_belong_to(act):
    case = make_case("in_review", legal_id="LU12345613")
    officer = make_staff(case.authority)
    make_member(make_tenant(legal_id="LU12345613", country="LU"), "member", officer)
    with pytest.raises(FourEyes):
        decide(act, officer, case)


def test_a_platform_admin_sees_and_decides_nothing_by_that_flag():
    case, admin = make_case("in_review"), make_admin()
    assert not may(admin, "view", case)
    with pytest.raises(NotFound):
        fetch(OnboardingCase.objects, admin, "decide", pk=case.pk)


def test_an_auditor_reads_and_decides_nothing():
    case = make_case("in_review")
    auditor = make_staff(case.authority, "auditor")
    assert (may(auditor, "view", case), may(auditor, "decide", case)) == (True, False)
