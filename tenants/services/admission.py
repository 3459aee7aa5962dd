"""The officer's side of an application: look, ask, approve, refuse. Nobody decides about themselves or alone twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.letters import cases as kinds
from tenants.models import CaseDecision, OnboardingCase, PolicyRule
from tenants.queries.cases import last_step
from tenants.queries.outcomes import appeal_until, stock_of
from tenants.queries.policies import policy
from tenants.queries.questions import questions_of
from tenants.queries.standing import Standing
from tenants.queries.thresholds import second_because
from tenants.services.case_letters import write_case_letter
from tenants.services.checks import carry_over, require_checks
from tenants.services.conditions import (
    Condition,
    check_conditions,
    conditions_hold,
    drop_conditions,
    letter_facts,
    propose,
)
from tenants.services.letters import day_in, language_of
from tenants.services.steps import NEW, ON_THE_DESK, begin, decide, four_eyes, require, say, tell
from tenants.services.tenants import admit

State = OnboardingCase.State
Outcome = CaseDecision.Outcome
LONGEST_DAYS = 365


@transaction.atomic
def take_case(*, acting_user: User, case: OnboardingCase) -> OnboardingCase:
    """Become the officer who looks after the case; a new one is in review from then on."""
    right = four_eyes(acting_user, case)
    before = case.state
    if case.state in NEW:
        advance(case, State.IN_REVIEW, officer=acting_user)
    elif not OnboardingCase.objects.filter(pk=case.pk, state=case.state).update(officer=acting_user):
        raise MovedMeanwhile(_("%(case)s changed while you were looking at it. Reload it.") % {"case": case})
    case.officer = acting_user
    tell("case.taken", acting_user, case, before, right=right)
    return case


@transaction.atomic
def ask_applicant(
    *, acting_user: User, case: OnboardingCase, reason: str, answers: Mapping[str, str] | None = None, days: int | None = None
) -> OnboardingCase:  # fmt: skip
    """Ask for what is missing. The clock stands still until the applicant answers; if they never do, the case lapses.

    ``answers``: question key → what is wrong with the answer, which stands beside it in the form. ``days``: how long the
    applicant has; the authority's policy says it otherwise.
    """
    require(case, *ON_THE_DESK)
    say(reason, _("Write what is missing: the applicant reads it and answers."))
    marks = _marks(case, answers or {})
    before, right = begin(acting_user, case)
    until = timezone.now() + timedelta(days=_days(case, days))
    advance(case, State.INFO_REQUESTED, answer_by=until, reminded=None)
    decide(acting_user, case, Outcome.ASK, reason, right, asked=marks, answer_by=until)
    after = {"answer_by": until, "questions": sorted(marks)} if marks else {"answer_by": until}
    tell("case.info_requested", acting_user, case, before, reason, right=right, after=after)
    return case


def _marks(case: OnboardingCase, answers: Mapping[str, str]) -> dict[str, str]:
    questionnaire = questions_of(case)
    unknown = next((key for key in answers if questionnaire.question(key) is None), None)
    if unknown is not None:
        raise Refused(
            _("This application is not asked “%(key)s”. Reload the page.") % {"key": unknown[:60]}, field="answers"
        )
    return {key: remark.strip()[:1000] for key, remark in answers.items() if remark.strip()}


def _days(case: OnboardingCase, days: int | None) -> int:
    if days is None:
        return policy(case.authority_id, PolicyRule.Key.ANSWER_DAYS)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(_("Give the applicant from 1 to %(most)d days.") % {"most": LONGEST_DAYS}, field="days")
    return days


@deciding
@transaction.atomic
def approve_case(
    *, acting_user: User, case: OnboardingCase, reason: str = "", conditions: Sequence[Condition] = ()
) -> OnboardingCase:
    """Approve: the tenant exists with the applicant as its owner, or a second officer is asked where policy wants two.

    With ``conditions`` it exists all the same, and they are watched. The second officer agrees to what the first one
    proposed, and adds nothing.
    """
    require(case, *ON_THE_DESK, State.AWAITING_SECOND)
    first = last_step(case) if case.state == State.AWAITING_SECOND else None
    if first is not None and conditions:
        raise Refused(_("The first officer proposed the conditions. Agree to them, or send the application back."))
    check_conditions(conditions)
    before, right = begin(acting_user, case)
    require_checks(case)
    outcome = first.outcome if first else Outcome.CONDITIONS if conditions else Outcome.APPROVE
    if first is None and (why := second_because(case)):
        advance(case, State.AWAITING_SECOND)
        propose(case, decide(acting_user, case, outcome, reason, right), conditions)
        tell("case.first_approved", acting_user, case, before, reason, right=right, after={"policy": why})
        return case
    return _admit(acting_user, case, before, right, outcome, reason, conditions, first)


def _admit(
    by: User, case: OnboardingCase, before: str, right: Standing, outcome: str, reason: str,
    conditions: Sequence[Condition], first: CaseDecision | None,
) -> OnboardingCase:  # fmt: skip
    conditional = outcome == Outcome.CONDITIONS
    advance(case, State.CONDITIONALLY_APPROVED if conditional else State.APPROVED, decided_at=timezone.now())
    assert case.submitted_by is not None, "only what was sent can be in review"
    tenant = admit(acting_user=by, case=case, owner=case.submitted_by)
    OnboardingCase.objects.filter(pk=case.pk).update(tenant=tenant)
    carry_over(case, tenant)
    case.tenant = tenant
    decision = decide(by, case, outcome, reason, right)
    propose(case, decision, conditions)
    rows = conditions_hold(case, first or decision) if conditional else []
    act = "case.conditionally_approved" if conditional else "case.approved"
    tell(act, by, case, before, reason, tenant=tenant, right=right)
    kind = kinds.CONDITIONAL if conditional else kinds.APPROVED
    write_case_letter(acting_user=by, case=case, decision=decision, kind=kind, facts=letter_facts(case, rows))
    return case


@deciding
@transaction.atomic
def reject_case(*, acting_user: User, case: OnboardingCase, reason: str, grounds: Sequence[str] = ()) -> OnboardingCase:
    """Refuse, with the reason that the applicant reads. ``grounds``: keys of the authority's list of grounds."""
    require(case, *ON_THE_DESK, State.AWAITING_SECOND)
    say(reason, _("Give the reason: the applicant reads it, and it stays in the record."))
    chosen = _grounds(case, grounds)
    before, right = begin(acting_user, case)
    drop_conditions(case)
    advance(case, State.REJECTED, decided_at=timezone.now())
    decision = decide(acting_user, case, Outcome.REJECT, reason, right, grounds=chosen)
    tell("case.rejected", acting_user, case, before, reason, right=right)
    until, language = appeal_until(case), language_of(case.submitted_by)
    facts: dict[str, Any] = {
        "grounds": [each.get(language) or each["en"] for each in chosen],
        "appeal_until": day_in(until, case.authority, language) if until else "",
    }
    write_case_letter(acting_user=acting_user, case=case, decision=decision, kind=kinds.REJECTED, facts=facts)
    return case


def _grounds(case: OnboardingCase, keys: Sequence[str]) -> list[dict[str, str]]:
    known = {each.key: each.texts for each in stock_of(case.authority_id, "ground")}
    unknown = next((key for key in keys if key not in known), None)
    if unknown is not None:
        raise Refused(
            _("One of the grounds is not on the list of the authority any more. Choose among those listed."),
            field="grounds",
        )
    return [known[key] for key in keys]


@deciding
@transaction.atomic
def send_back_case(*, acting_user: User, case: OnboardingCase, reason: str) -> OnboardingCase:
    """The second officer does not agree yet: back to review, with what is to be looked at."""
    require(case, State.AWAITING_SECOND)
    say(reason, _("Write what the first officer should look at again."))
    before, right = begin(acting_user, case)
    advance(case, State.IN_REVIEW)
    drop_conditions(case)
    decide(acting_user, case, Outcome.SEND_BACK, reason, right)
    tell("case.sent_back", acting_user, case, before, reason, right=right)
    return case
