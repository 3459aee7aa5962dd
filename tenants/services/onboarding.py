"""The applicant's side of an application: write, send, answer, withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import isolation
from portal.core.audit import record
from portal.core.errors import Refused, UnlawfulMove
from portal.core.references import next_reference
from portal.core.states import advance
from portal.models import User
from tenants.legal_ids import WrongNumber, recognise
from tenants.live import announce_case
from tenants.models import Authority, CaseAnswer, CaseMember, OnboardingCase, PolicyRule
from tenants.queries.cases import last_question
from tenants.queries.policies import policy

State = OnboardingCase.State


class CaseFacts(TypedDict):
    """What the short form asks for. A draft may leave anything but the organisation's name empty."""

    organisation: str
    kind: str
    country: str
    legal_id: str
    data_class: str
    residency: Sequence[str]
    contact_email: str
    purpose: str


@transaction.atomic
def draft_case(*, acting_user: User, authority: Authority, facts: CaseFacts) -> OnboardingCase:
    """Keep a first version that only its writer sees."""
    number = isolation.reserve(OnboardingCase)
    isolation.admit(case_id=number)
    case = OnboardingCase.objects.create(
        pk=number, authority=authority, reference=next_reference("ON"), **_checked(facts)
    )
    CaseMember.objects.create(case=case, user=acting_user)
    _tell("case.drafted", acting_user, case)
    return case


@transaction.atomic
def revise_case(*, acting_user: User, case: OnboardingCase, authority: Authority, facts: CaseFacts) -> OnboardingCase:
    """Change a draft, its authority included. What was sent stays as it was sent."""
    case = OnboardingCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.state != State.DRAFT:
        raise UnlawfulMove(
            _(
                "%(case)s has been sent, and what was sent stays as it is. Answer the authority's question, or withdraw it and apply again."
            )
            % {"case": case}
        )
    wanted: dict[str, Any] = {"authority": authority, **_checked(facts)}
    OnboardingCase.objects.filter(pk=case.pk).update(**wanted)
    for name, value in wanted.items():
        setattr(case, name, value)
    _tell("case.revised", acting_user, case)
    return case


@transaction.atomic
def submit_case(*, acting_user: User, case: OnboardingCase) -> OnboardingCase:
    """Send the application. The authority's clock starts; who sends it becomes the owner of the tenant."""
    _complete(case)
    days = policy(case.authority_id, PolicyRule.Key.DECISION_DAYS)
    now = timezone.now()
    advance(case, State.SUBMITTED, submitted_at=now, submitted_by=acting_user, due_at=now + timedelta(days=days))
    _tell("case.submitted", acting_user, case, before={"state": State.DRAFT}, after={"due_at": case.due_at})
    return case


@transaction.atomic
def answer_case(*, acting_user: User, case: OnboardingCase, text: str) -> OnboardingCase:
    """Answer what the authority asked. Its clock, which stood still meanwhile, runs on."""
    if not text.strip():
        raise Refused(_("Write the answer before you send it."), field="text")
    asked = last_question(case)
    waited = timezone.now() - asked.created_at if asked else timedelta()
    due_at = case.due_at + waited if case.due_at else None
    advance(case, State.IN_REVIEW, due_at=due_at)
    CaseAnswer.objects.create(case=case, authority_id=case.authority_id, author=acting_user, text=text.strip())
    _tell("case.answered", acting_user, case, before={"state": State.INFO_REQUESTED}, after={"due_at": due_at})
    return case


@transaction.atomic
def withdraw_case(*, acting_user: User, case: OnboardingCase, reason: str = "") -> OnboardingCase:
    """Take the application back. It is final; applying again is possible at any time."""
    before = case.state
    advance(case, State.WITHDRAWN)
    _tell("case.withdrawn", acting_user, case, before={"state": before}, reason=reason.strip())
    return case


def _complete(case: OnboardingCase) -> None:
    for name in ("organisation", "kind", "country", "legal_id", "data_class", "contact_email", "purpose"):
        if not str(getattr(case, name)).strip():
            label = OnboardingCase._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column of ours
            raise Refused(
                _("“%(field)s” is still empty. Fill it in, then send the application.") % {"field": label},
                code="tenants.incomplete",
                field=name,
            )


def _checked(facts: CaseFacts) -> dict[str, Any]:
    try:
        legal_id = recognise(facts["legal_id"]).number if facts["legal_id"].strip() else ""
    except WrongNumber as wrong:
        raise Refused(str(wrong), code="tenants.legal_id", field="legal_id") from None
    return {**facts, "country": str(facts["country"]), "legal_id": legal_id, "residency": sorted(facts["residency"])}


def _tell(
    act: str,
    acting_user: User,
    case: OnboardingCase,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    record(
        act, acting_user=acting_user, target=case, authority=case.authority if case.submitted_at else None,
        before=before, after={**(after or {}), "state": case.state}, reason=reason,
    )  # fmt: skip
    announce_case(act, case)
