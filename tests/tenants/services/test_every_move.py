"""Every act on an application in every state: done where the domain lets it, refused and without a trace elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.core.errors import PortalError
from tenants.models import CaseCondition, CaseDecision, CaseLetter, OnboardingCase, Tenant
from tenants.services import admission, appeals, conditions, deadlines, onboarding
from tests.factories.tenants import make_case, make_policy, make_staff, make_tenant

pytestmark = pytest.mark.django_db
STATES = OnboardingCase.State.values


@dataclass
class Desk:
    """A case in some state, with everybody around it."""

    case: OnboardingCase
    officer: Any
    colleague: Any


def desk_with(state: str) -> Desk:
    now = timezone.now()
    facts: dict[str, Any] = {}
    if state in {"rejected", "approved", "conditionally_approved"}:
        facts["decided_at"] = now
    if state == "info_requested":
        facts["answer_by"] = now - timedelta(hours=1)
    case = make_case(state, **facts)
    desk = Desk(case, make_staff(case.authority), make_staff(case.authority))
    if state == "awaiting_second":
        case.decisions.create(authority=case.authority, step=1, decider=desk.officer, outcome="approve")
    if state == "conditionally_approved":
        tenant = make_tenant(authority=case.authority)
        OnboardingCase.objects.filter(pk=case.pk).update(tenant=tenant)
        step = case.decisions.create(authority=case.authority, step=1, decider=desk.officer, outcome="conditions")
        case.conditions.create(
            authority=case.authority, decision=step, tenant=tenant, number=1, text="x", responsible="y", state="open",
            due_at=now + timedelta(days=90),
        )  # fmt: skip
        case.refresh_from_db()
    return desk


def meet(desk: Desk) -> None:
    row = CaseCondition.objects.filter(case=desk.case).first()
    if row is None:
        raise PortalError("There is no condition.")
    conditions.meet_condition(acting_user=desk.colleague, condition=row, evidence="Seen.")


def lapse(desk: Desk) -> None:
    if not deadlines.sweep_answers():
        raise PortalError("Nothing lapsed.")


def two(desk: Desk) -> None:
    make_policy(desk.case.authority, "onboarding.second_person", 1)
    admission.approve_case(acting_user=desk.colleague, case=desk.case)


def with_condition(desk: Desk) -> None:
    wish = conditions.Condition("x", timezone.localdate() + timedelta(days=9), "y")
    admission.approve_case(acting_user=desk.colleague, case=desk.case, conditions=[wish])


def officers(service: Callable[..., Any], **facts: Any) -> Callable[[Desk], Any]:
    return lambda desk: service(acting_user=desk.colleague, case=desk.case, **facts)


def applicants(service: Callable[..., Any], **facts: Any) -> Callable[[Desk], Any]:
    return lambda desk: service(acting_user=desk.case.members.get().user, case=desk.case, **facts)


WORKED_ON = ("submitted", "in_review", "appealed")
ACTS: dict[str, tuple[Callable[[Desk], Any], dict[str, str]]] = {
    "submit": (applicants(onboarding.submit_case), {"draft": "submitted"}),
    "answer": (applicants(onboarding.answer_case, text="x"), {"info_requested": "in_review"}),
    "withdraw": (
        applicants(onboarding.withdraw_case),
        dict.fromkeys(("draft", "submitted", "in_review", "info_requested"), "withdrawn"),
    ),
    "appeal": (applicants(appeals.appeal_case, text="x"), {"rejected": "appealed"}),
    "ask": (officers(admission.ask_applicant, reason="x"), dict.fromkeys(WORKED_ON, "info_requested")),
    "approve": (officers(admission.approve_case), dict.fromkeys((*WORKED_ON, "awaiting_second"), "approved")),
    "approve, one of two": (two, {**dict.fromkeys(WORKED_ON, "awaiting_second"), "awaiting_second": "approved"}),
    "approve with a condition": (with_condition, dict.fromkeys(WORKED_ON, "conditionally_approved")),
    "reject": (officers(admission.reject_case, reason="x"), dict.fromkeys((*WORKED_ON, "awaiting_second"), "rejected")),
    "send back": (officers(admission.send_back_case, reason="x"), {"awaiting_second": "in_review"}),
    "meet the last condition": (meet, {"conditionally_approved": "approved"}),
    "lapse": (lapse, {"info_requested": "lapsed"}),
}
"""Act → how it is done, and the states from which it leads where."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_in_a_state_leads_where_the_domain_says_or_nowhere(act: str, state: str) -> None:
    do, lawful = ACTS[act]
    desk = desk_with(state)
    counted = [CaseDecision.objects.count(), Tenant.objects.count(), CaseLetter.objects.count()]
    if state in lawful:
        do(desk)
        assert OnboardingCase.objects.get(pk=desk.case.pk).state == lawful[state]
        return
    with pytest.raises(PortalError):
        do(desk)
    assert OnboardingCase.objects.get(pk=desk.case.pk).state == state
    assert [CaseDecision.objects.count(), Tenant.objects.count(), CaseLetter.objects.count()] == counted


def test_together_the_acts_make_every_move_of_the_table_and_no_other() -> None:
    made = {(old, new) for _do, lawful in ACTS.values() for old, new in lawful.items()}
    via_review = {(old, new) for old, new in made if old in {"submitted", "appealed"} and new != "withdrawn"}
    table = {(old, new) for old, news in OnboardingCase.moves.table.items() for new in news}
    # deciding what nobody has taken up goes through review; taking it up is tested with the queue
    taken = {(old, "in_review") for old, _new in via_review}
    assert (made - via_review) | taken | {("awaiting_second", "conditionally_approved")} == table


def test_the_second_of_two_agrees_to_conditions() -> None:
    desk = desk_with("in_review")
    make_policy(desk.case.authority, "onboarding.second_person", 1)
    with_condition(desk)
    assert desk.case.state == "awaiting_second"
    assert admission.approve_case(acting_user=desk.officer, case=desk.case).state == "conditionally_approved"
