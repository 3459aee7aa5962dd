"""The one appeal against a refusal: other people decide then."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import Refused
from portal.core.states import advance
from portal.models import User
from tenants.models import CaseAppeal, CaseDecision, OnboardingCase, PolicyRule
from tenants.queries.outcomes import appeal_days, appeal_until
from tenants.queries.policies import policy
from tenants.services.steps import tell

State = OnboardingCase.State


@transaction.atomic
def appeal_case(*, acting_user: User, case: OnboardingCase, text: str) -> OnboardingCase:
    """Appeal against the refusal. It waits for officers who had no part in it; the clock begins anew."""
    if not text.strip():
        raise Refused(_("Write why the decision should be another one: other officers read it."), field="text")
    if case.state == State.REJECTED and appeal_until(case) is None:
        raise Refused(_why_not(case), code="tenants.no_appeal")
    days = policy(case.authority_id, PolicyRule.Key.DECISION_DAYS)
    before = case.state
    due_at = timezone.now() + timedelta(days=days)
    advance(case, State.APPEALED, officer=None, decided_at=None, due_at=due_at, escalated_at=None)
    last = CaseDecision.objects.filter(case=case).aggregate(last=Max("step"))["last"] or 0
    CaseAppeal.objects.create(
        case=case, authority_id=case.authority_id, author=acting_user, text=text.strip(), after_step=last
    )
    tell("case.appealed", acting_user, case, before, after={"due_at": due_at})
    return case


def _why_not(case: OnboardingCase) -> str:
    if CaseAppeal.objects.filter(case=case).exists():
        return _("There was an appeal already, and there is one only. You may apply again at any time.")
    if not appeal_days(case):
        return _("%(authority)s grants no appeal. You may apply again at any time.") % {"authority": case.authority}
    return _("The time for an appeal is over. You may apply again at any time.")
