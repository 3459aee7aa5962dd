"""The officer's side of an application: look, ask, approve, refuse. Nobody decides about themselves or alone twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import MovedMeanwhile, Refused
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.letters import cases as kinds
from tenants.live import announce_case
from tenants.models import CaseDecision, OnboardingCase, PolicyRule, Tenant
from tenants.queries.cases import too_near
from tenants.queries.policies import policy
from tenants.queries.standing import OWN, Standing, standing
from tenants.roles import AuthorityRole
from tenants.services.case_letters import write_case_letter
from tenants.services.checks import carry_over, require_checks
from tenants.services.notices import notify_of_case
from tenants.services.tenants import admit

State = OnboardingCase.State
Outcome = CaseDecision.Outcome


@transaction.atomic
def take_case(*, acting_user: User, case: OnboardingCase) -> OnboardingCase:
    """Become the officer who looks after the case; a new one is in review from then on."""
    right = _four_eyes(acting_user, case)
    before = case.state
    if case.state == State.SUBMITTED:
        advance(case, State.IN_REVIEW, officer=acting_user)
    elif not OnboardingCase.objects.filter(pk=case.pk, state=case.state).update(officer=acting_user):
        raise MovedMeanwhile(_("%(case)s changed while you were looking at it. Reload it.") % {"case": case})
    case.officer = acting_user
    _tell("case.taken", acting_user, case, before, right=right)
    return case


@transaction.atomic
def ask_applicant(*, acting_user: User, case: OnboardingCase, reason: str) -> OnboardingCase:
    """Ask for what is missing. The clock stands still until the applicant answers."""
    _say(reason, _("Write what is missing: the applicant reads it and answers."))
    before, right = _begin(acting_user, case)
    advance(case, State.INFO_REQUESTED)
    _decide(acting_user, case, Outcome.ASK, reason, right)
    _tell("case.info_requested", acting_user, case, before, reason, right=right)
    return case


@deciding
@transaction.atomic
def approve_case(*, acting_user: User, case: OnboardingCase, reason: str = "") -> OnboardingCase:
    """Approve: the tenant exists with the applicant as its owner, or a second officer is asked where policy wants two."""
    before, right = _begin(acting_user, case)
    require_checks(case)
    wants_two = policy(case.authority_id, PolicyRule.Key.ONBOARDING_SECOND) > 0
    if case.state == State.IN_REVIEW and wants_two:
        advance(case, State.AWAITING_SECOND)
        _decide(acting_user, case, Outcome.APPROVE, reason, right)
        _tell("case.first_approved", acting_user, case, before, reason, right=right)
        return case
    advance(case, State.APPROVED, decided_at=timezone.now())
    assert case.submitted_by is not None, "only what was sent can be in review"
    tenant = admit(acting_user=acting_user, case=case, owner=case.submitted_by)
    OnboardingCase.objects.filter(pk=case.pk).update(tenant=tenant)
    carry_over(case, tenant)
    case.tenant = tenant
    decision = _decide(acting_user, case, Outcome.APPROVE, reason, right)
    _tell("case.approved", acting_user, case, before, reason, tenant=tenant, right=right)
    write_case_letter(acting_user=acting_user, case=case, decision=decision, kind=kinds.APPROVED, facts={})
    return case


@deciding
@transaction.atomic
def reject_case(*, acting_user: User, case: OnboardingCase, reason: str) -> OnboardingCase:
    """Refuse, with the reason that the applicant reads."""
    _say(reason, _("Give the reason: the applicant reads it, and it stays in the record."))
    before, right = _begin(acting_user, case)
    advance(case, State.REJECTED, decided_at=timezone.now())
    decision = _decide(acting_user, case, Outcome.REJECT, reason, right)
    _tell("case.rejected", acting_user, case, before, reason, right=right)
    write_case_letter(acting_user=acting_user, case=case, decision=decision, kind=kinds.REJECTED, facts={})
    return case


@deciding
@transaction.atomic
def send_back_case(*, acting_user: User, case: OnboardingCase, reason: str) -> OnboardingCase:
    """The second officer does not agree yet: back to review, with what is to be looked at."""
    _say(reason, _("Write what the first officer should look at again."))
    before, right = _begin(acting_user, case)
    advance(case, State.IN_REVIEW)
    _decide(acting_user, case, Outcome.SEND_BACK, reason, right)
    _tell("case.sent_back", acting_user, case, before, reason, right=right)
    return case


def _begin(acting_user: User, case: OnboardingCase) -> tuple[str, Standing]:
    """Check who decides, and in whose right; deciding a new case takes it into review first. The state the decision
    starts from comes first.
    """
    right = _four_eyes(acting_user, case)
    if case.state == State.SUBMITTED:
        advance(case, State.IN_REVIEW, officer=acting_user)
        _tell("case.taken", acting_user, case, State.SUBMITTED, right=right)
    return case.state, right


def _four_eyes(acting_user: User, case: OnboardingCase) -> Standing:
    """Their own right or an absent colleague's; raises FourEyes where neither of them may decide this case."""
    role = AuthorityRole.ONBOARDING_OFFICER
    return standing(acting_user, case.authority_id, role, lambda who: too_near(case, who))


def _say(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise Refused(sentence, field="reason")


def _decide(acting_user: User, case: OnboardingCase, outcome: str, reason: str, right: Standing) -> CaseDecision:
    last = CaseDecision.objects.filter(case=case).aggregate(last=Max("step"))["last"] or 0
    return CaseDecision.objects.create(
        case=case, authority_id=case.authority_id, step=last + 1, decider=acting_user,
        on_behalf_of=right.on_behalf_of, outcome=outcome, reason=reason.strip(),
    )  # fmt: skip


def _tell(
    act: str, acting_user: User, case: OnboardingCase, before: str, reason: str = "", tenant: Tenant | None = None,
    right: Standing = OWN,
) -> None:  # fmt: skip
    after: dict[str, Any] = {"state": case.state, **right.facts}
    if tenant is not None:
        after["tenant"] = tenant.pk
    record(
        act, acting_user=acting_user, target=case, tenant=tenant, authority=case.authority, reason=reason.strip(),
        before={"state": before}, after=after,
    )  # fmt: skip
    announce_case(act, case)
    notify_of_case(act, case, acting_user)
