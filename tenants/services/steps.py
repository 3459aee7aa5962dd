"""The beats that every decision on an application shares: who decides in whose right, the step, and telling of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused, UnlawfulMove
from portal.core.states import advance
from portal.models import User
from tenants.live import announce_case
from tenants.models import CaseDecision, OnboardingCase, Tenant
from tenants.queries.cases import too_near
from tenants.queries.standing import OWN, Standing, standing
from tenants.roles import AuthorityRole
from tenants.services.notices import notify_of_case

State = OnboardingCase.State
NEW = (State.SUBMITTED, State.APPEALED)
"""The states of a case that nobody has taken up yet."""
ON_THE_DESK = (*NEW, State.IN_REVIEW)
"""Those in which an officer takes the first step, or the only one."""


@transaction.atomic
def begin(by: User, case: OnboardingCase) -> tuple[str, Standing]:
    """Check who decides, and in whose right; deciding a new case takes it into review first. The state the decision
    starts from comes first.
    """
    right = four_eyes(by, case)
    if case.state in NEW:
        before = case.state
        advance(case, State.IN_REVIEW, officer=by)
        tell("case.taken", by, case, before, right=right)
    return case.state, right


def require(case: OnboardingCase, *states: str) -> None:
    """Refuse an act that belongs to other states of a case, though the table might know a move from here."""
    if case.state not in states:
        raise UnlawfulMove(
            _(
                "%(case)s is “%(state)s” now, and this is not done from there. Nothing was done. Reload the page to see who did what, and what is possible now."
            )
            % {"case": case, "state": case.get_state_display()},
            state=case.state,
        )


def four_eyes(by: User, case: OnboardingCase) -> Standing:
    """Their own right or an absent colleague's; raises FourEyes where neither of them may decide this case."""
    role = AuthorityRole.ONBOARDING_OFFICER
    return standing(by, case.authority_id, role, lambda who: too_near(case, who))


def say(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise Refused(sentence, field="reason")


def decide(
    by: User, case: OnboardingCase, outcome: str, reason: str, right: Standing, *, grounds: Sequence[Mapping[str, str]] = (),
    **fields: Any,
) -> CaseDecision:  # fmt: skip
    """Write the step down. ``grounds``: each as language → text."""
    last = CaseDecision.objects.filter(case=case).aggregate(last=Max("step"))["last"] or 0
    return CaseDecision.objects.create(
        case=case, authority_id=case.authority_id, step=last + 1, decider=by, on_behalf_of=right.on_behalf_of,
        outcome=outcome, reason=reason.strip(), grounds=[dict(each) for each in grounds], **fields,
    )  # fmt: skip


@transaction.atomic
def tell(
    act: str, by: User | None, case: OnboardingCase, before: str, reason: str = "", *, tenant: Tenant | None = None,
    right: Standing = OWN, after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    facts: dict[str, Any] = {"state": case.state, **right.facts, **(after or {})}
    if tenant is not None:
        facts["tenant"] = tenant.pk
    record(
        act, acting_user=by, target=case, tenant=tenant, authority=case.authority, reason=reason.strip(),
        before={"state": before}, after=facts,
    )  # fmt: skip
    announce_case(act, case)
    notify_of_case(act, case, by)
