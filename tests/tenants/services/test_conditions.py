"""Admission with conditions: proposed, agreed to, met with evidence, watched by the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.access import may
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, Notification
from tenants import tasks
from tenants.errors import FourEyes
from tenants.models import CaseCondition, CaseLetter, OnboardingCase, Tenant
from tenants.services.admission import approve_case, reject_case, send_back_case
from tenants.services.conditions import Condition, meet_condition
from tenants.services.tenants import suspend_tenant
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_policy, make_staff

pytestmark = pytest.mark.django_db


def wish(days=60, text="Name a data protection officer", responsible="Management"):
    return Condition(text, timezone.localdate() + timedelta(days=days), responsible)


@pytest.fixture
def admitted():
    """A case with two conditions, its officer, and its tenant."""
    case = make_case("in_review")
    officer = make_staff(case.authority)
    case = approve_case(acting_user=officer, case=case, conditions=[wish(), wish(90, "Sign the agreement")])
    return case, officer


def days_pass(case, days):
    """Everything that has a day moves nearer by so many."""
    for row in CaseCondition.objects.filter(case=case):
        CaseCondition.objects.filter(pk=row.pk).update(due_at=row.due_at - timedelta(days=days))


def states(case):
    return list(CaseCondition.objects.filter(case=case).order_by("number").values_list("state", flat=True))


def reloaded(case):
    return OnboardingCase.objects.select_related("tenant").get(pk=case.pk)


def acts(prefix):
    return list(AuditEvent.objects.filter(act__startswith=prefix).order_by("pk").values_list("act", flat=True))


def test_approving_with_conditions_makes_the_tenant_and_says_so_in_the_letter(admitted):
    case, _officer = admitted
    assert (case.state, case.tenant.state, states(case)) == ("conditionally_approved", "active", ["open", "open"])
    letter = CaseLetter.objects.get()
    assert letter.kind == "case.conditionally_approved"
    assert "- Name a data protection officer, by " in letter.body
    assert "7 days after its day" in letter.body
    assert {row.tenant_id for row in case.conditions.all()} == {case.tenant_id}
    assert case.decisions.get().outcome == "conditions"


def test_the_second_officer_agrees_to_what_the_first_proposed():
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = make_staff(case.authority), make_staff(case.authority)
    case = approve_case(acting_user=first, case=case, conditions=[wish()])
    assert (case.state, states(case), Tenant.objects.count()) == ("awaiting_second", ["proposed"], 0)
    with pytest.raises(Refused):
        approve_case(acting_user=second, case=case, conditions=[wish()])
    case = approve_case(acting_user=second, case=case)
    assert (case.state, states(case)) == ("conditionally_approved", ["open"])
    assert list(case.decisions.order_by("step").values_list("outcome", flat=True)) == ["conditions", "conditions"]


@pytest.mark.parametrize("act", [send_back_case, reject_case])
def test_what_the_second_officer_does_not_agree_to_is_dropped(act):
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    case = approve_case(acting_user=make_staff(case.authority), case=case, conditions=[wish()])
    act(acting_user=make_staff(case.authority), case=case, reason="Not like this.")
    assert states(case) == ["dropped"]
    days_pass(case, 100)
    tasks.sweep_deadlines()
    assert states(case) == ["dropped"]


@pytest.mark.parametrize(
    "wrong", [wish(0), wish(-3), wish(366 * 6), wish(text="  "), wish(responsible=" ")], ids=range(5)
)
def test_a_condition_that_nobody_could_meet_is_refused_and_nothing_happens(wrong):
    case = make_case("in_review")
    with pytest.raises(Refused) as refusal:
        approve_case(acting_user=make_staff(case.authority), case=case, conditions=[wish(), wrong])
    assert refusal.value.field == "conditions"
    assert (reloaded(case).state, Tenant.objects.count(), CaseCondition.objects.count()) == ("in_review", 0, 0)


def test_meeting_all_conditions_makes_it_a_plain_admission(admitted):
    case, officer = admitted
    one, two = case.conditions.order_by("number")
    meet_condition(acting_user=officer, condition=one, evidence="The letter of 3 March names her.")
    assert (reloaded(case).state, states(case)) == ("conditionally_approved", ["met", "open"])
    meet_condition(acting_user=officer, condition=two, evidence="Signed, in the file.")
    assert (reloaded(case).state, states(case)) == ("approved", ["met", "met"])
    assert acts("condition.") == ["condition.met", "condition.met"]
    event = AuditEvent.objects.get(act="case.conditions_met")
    assert (event.before["state"], event.after["state"], event.actor) == ("conditionally_approved", "approved", officer)


def test_meeting_a_condition_asks_for_evidence_of_this_case_by_somebody_apart(admitted):
    case, officer = admitted
    row = case.conditions.earliest("number")
    with pytest.raises(Refused) as refusal:
        meet_condition(acting_user=officer, condition=row, evidence=" ")
    assert refusal.value.field == "evidence"
    foreign = make_case("submitted").documents.create(
        name="a.txt", ending="txt", size=1, sha256="0" * 64, key="k" * 32, added_by=officer
    )
    with pytest.raises(Refused):
        meet_condition(acting_user=officer, condition=row, evidence="x", document=foreign)
    near = make_staff(case.authority, user=make_member(case.tenant))
    for person in (case.submitted_by, near):
        with pytest.raises(FourEyes):
            meet_condition(acting_user=person, condition=row, evidence="Mine")
    assert states(case) == ["open", "open"]


def test_the_database_knows_no_met_condition_without_evidence(admitted):
    case, _officer = admitted
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseCondition.objects.filter(case=case).update(state="met")


def test_a_condition_is_met_once(admitted):
    case, officer = admitted
    row = case.conditions.earliest("number")
    again = CaseCondition.objects.get(pk=row.pk)
    meet_condition(acting_user=officer, condition=row, evidence="x")
    with pytest.raises(Conflict):
        meet_condition(acting_user=officer, condition=again, evidence="y")
    assert CaseCondition.objects.get(pk=row.pk).evidence == "x"


def test_reminders_come_once_for_each_day_that_they_are_due(admitted):
    case, _officer = admitted
    for days, told in ((0, 0), (35, 1), (0, 1), (12, 2), (0, 2), (8, 3), (5, 4), (0, 4)):
        days_pass(case, days)
        tasks.sweep_deadlines()
        first = AuditEvent.objects.filter(act="case.condition_reminded", reason__startswith="Name a data")
        assert first.count() == told, days
    assert Notification.objects.filter(act="case.condition_reminded", user=case.submitted_by).exists()


def test_a_missed_condition_is_escalated_and_costs_the_quotas_only_after_the_grace(admitted):
    case, officer = admitted
    OnboardingCase.objects.filter(pk=case.pk).update(officer=officer)
    days_pass(case, 62)
    tasks.sweep_deadlines()
    assert (states(case), reloaded(case).tenant.state) == (["overdue", "open"], "active")
    assert reloaded(case).escalated_at is not None
    told = Notification.objects.filter(act="case.condition_overdue").values_list("user", flat=True)
    assert set(told) == {case.submitted_by.pk, officer.pk}
    days_pass(case, 5)
    tasks.sweep_deadlines()
    assert reloaded(case).tenant.state == "active"
    days_pass(case, 2)
    tasks.sweep_deadlines()
    assert reloaded(case).tenant.state == "suspended"
    event = AuditEvent.objects.get(act="tenant.suspended")
    assert (event.actor, event.tenant_id) == (None, case.tenant_id)
    assert "Name a data protection officer" in event.reason
    tasks.sweep_deadlines()
    assert AuditEvent.objects.filter(act__in=["tenant.suspended", "case.suspended"]).count() == 2
    assert case.conditions.earliest("number").suspended_at is not None


def test_what_is_met_after_its_day_ends_the_matter_and_leaves_reactivating_to_an_officer(admitted):
    case, officer = admitted
    days_pass(case, 99)
    tasks.sweep_deadlines()
    tasks.sweep_deadlines()
    assert reloaded(case).tenant.state == "suspended"
    for row in case.conditions.all():
        meet_condition(acting_user=officer, condition=row, evidence="Late, but met.")
    assert (reloaded(case).state, reloaded(case).tenant.state) == ("approved", "suspended")


def test_a_tenant_that_is_suspended_already_is_not_suspended_again(admitted):
    case, officer = admitted
    suspend_tenant(acting_user=officer, tenant=case.tenant, reason="Other reasons")
    days_pass(case, 99)
    tasks.sweep_deadlines()
    tasks.sweep_deadlines()
    assert AuditEvent.objects.filter(act="tenant.suspended").count() == 1
    assert acts("case.suspended") == []


def test_the_grace_is_the_authoritys(admitted):
    case, _officer = admitted
    make_policy(case.authority, "onboarding.grace_days", 30)
    days_pass(case, 80)
    tasks.sweep_deadlines()
    tasks.sweep_deadlines()
    assert (states(case)[0], reloaded(case).tenant.state) == ("overdue", "active")


def test_conditions_are_seen_by_those_who_meet_and_those_who_watch(admitted):
    case, officer = admitted
    row = case.conditions.earliest("number")
    seen = [case.submitted_by, officer, make_staff(case.authority, "auditor"), make_member(case.tenant, "owner")]
    unseen = [
        make_user(),
        make_staff(make_authority()),
        make_staff(case.authority, "quota_approver"),
        make_member(case.tenant),
    ]
    assert [may(person, "view", row) for person in seen] == [True] * 4
    assert [may(person, "view", row) for person in unseen] == [False] * 4
    assert [may(person, "decide", row) for person in seen] == [False, True, False, False]
