"""Conditions of an admission: proposed with the decision, met with evidence, watched until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.letters.text import Fact
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.models import CaseCondition, CaseDecision, CaseDocument, OnboardingCase, PolicyRule
from tenants.queries.policies import policy
from tenants.services.letters import day_in, language_of
from tenants.services.steps import four_eyes, tell

State = CaseCondition.State
MOST = 20
LONGEST_YEARS = 5


@dataclass(frozen=True)
class Condition:
    """What has to be done, by the end of which day, and by whom."""

    text: str
    due_on: date
    responsible: str


def check_conditions(conditions: Sequence[Condition]) -> None:
    """Refuse what nobody could meet or watch over."""
    if len(conditions) > MOST:
        raise Refused(
            _("More than %(most)d conditions are hard to watch over. Put several into one.") % {"most": MOST},
            field="conditions",
        )
    today = timezone.localdate()
    for each in conditions:
        if not each.text.strip() or not each.responsible.strip():
            raise Refused(
                _("A condition says what has to be done, by which day and by whom. Fill in all three."),
                field="conditions",
            )
        if not today < each.due_on <= today + timedelta(days=366 * LONGEST_YEARS):
            raise Refused(
                _("The day of “%(condition)s” has to lie in the future, at most %(years)d years from now.")
                % {"condition": each.text[:80], "years": LONGEST_YEARS},
                field="conditions",
            )


def propose(case: OnboardingCase, decision: CaseDecision, conditions: Sequence[Condition]) -> None:
    """Write the conditions down beside the step; they hold when the decision does (``conditions_hold``)."""
    zone = ZoneInfo(case.authority.time_zone)
    for number, each in enumerate(conditions, 1):
        CaseCondition.objects.create(
            case=case, authority_id=case.authority_id, decision=decision, number=number, text=each.text.strip()[:500],
            responsible=each.responsible.strip()[:150],
            due_at=datetime.combine(each.due_on + timedelta(days=1), time(), zone),
        )  # fmt: skip


@transaction.atomic
def conditions_hold(case: OnboardingCase, decision: CaseDecision) -> list[CaseCondition]:
    """From now on they are watched: those that ``decision`` proposed, for the tenant that the case has become."""
    rows = list(CaseCondition.objects.filter(case=case, decision=decision).order_by("number"))
    return [advance(row, State.OPEN, tenant=case.tenant) for row in rows]


@transaction.atomic
def drop_conditions(case: OnboardingCase) -> None:
    """What was proposed and not agreed to."""
    for row in CaseCondition.objects.filter(case=case, state=State.PROPOSED):
        advance(row, State.DROPPED)


def letter_facts(case: OnboardingCase, rows: Sequence[CaseCondition]) -> dict[str, Fact]:
    """What the letter says of them, in the language of its reader."""
    language = language_of(case.submitted_by)
    with translation.override(language):
        said = [
            _("%(condition)s, by %(day)s (%(who)s)")
            % {
                "condition": row.text, "who": row.responsible,
                "day": day_in(row.due_at - timedelta(seconds=1), case.authority, language),
            }
            for row in rows
        ]  # fmt: skip
    return {"conditions": said, "grace_days": str(policy(case.authority_id, PolicyRule.Key.CONDITION_GRACE))}


@deciding
@transaction.atomic
def meet_condition(
    *, acting_user: User, condition: CaseCondition, evidence: str, document: CaseDocument | None = None
) -> CaseCondition:
    """Say that a condition is met, and by what one sees it. When it was the last, the admission is a plain one.

    A tenant that was suspended for it stays so until an officer reactivates it, which is a decision of its own.
    """
    case = OnboardingCase.objects.select_for_update(of=("self",)).select_related("authority", "tenant").get(
        pk=condition.case_id
    )  # fmt: skip
    right = four_eyes(acting_user, case)
    if not evidence.strip():
        raise Refused(_("Write by what you see that it is met: it stays in the record."), field="evidence")
    if document is not None and document.case_id != case.pk:
        raise Refused(_("This document belongs to another application. Choose one of this one."), field="document")
    before = condition.state
    advance(
        condition, State.MET, evidence=evidence.strip(), document=document, met_by=acting_user, met_at=timezone.now()
    )
    record(
        "condition.met", acting_user=acting_user, target=condition, tenant=case.tenant, authority=case.authority,
        before={"state": before}, after={"state": condition.state, "case": case.reference, **right.facts},
    )  # fmt: skip
    left = CaseCondition.objects.filter(case=case, state__in=[State.OPEN, State.OVERDUE])
    was = case.state
    if not left.exists() and case.state == OnboardingCase.State.CONDITIONALLY_APPROVED:
        advance(case, OnboardingCase.State.APPROVED)
        tell("case.conditions_met", acting_user, case, was, tenant=case.tenant, right=right)
    else:
        tell("case.condition_met", acting_user, case, was, condition.text, tenant=case.tenant, right=right)
    return condition
