"""The letter about a decision on an application, written in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django_countries import countries

from portal.core.audit import record
from portal.core.letters.text import Fact
from portal.models import User
from tenants.models import CaseDecision, CaseLetter, OnboardingCase
from tenants.services.letters import Matter, day_in, language_of, letter_fields


@transaction.atomic
def write_case_letter(
    *, acting_user: User, case: OnboardingCase, decision: CaseDecision, kind: str, facts: Mapping[str, Fact]
) -> CaseLetter:
    """Write the letter about ``decision``; ``facts`` are those beyond what is known of every application."""
    language, now = language_of(case.submitted_by), timezone.now()
    with translation.override(language):
        known = {**facts_of(case, decision), **facts}
        matter = Matter(
            case.authority, kind, language, addressed(case), case.reference, known, now
        )  # fmt: skip
    letter = CaseLetter.objects.create(
        case=case, authority_id=case.authority_id, tenant=case.tenant, decision=decision, **letter_fields(matter)
    )
    record(
        "letter.written", acting_user=acting_user, target=letter, tenant=case.tenant, authority=case.authority,
        after={"case": case.reference, "kind": kind, "language": language, "sha256": letter.sha256},
    )  # fmt: skip
    return letter


def facts_of(case: OnboardingCase, decision: CaseDecision) -> dict[str, Fact]:
    """What every letter about an application may speak of, in the language that is active."""
    sent = day_in(case.submitted_at, case.authority) if case.submitted_at else ""
    names = [country for code in case.residency if (country := str(countries.name(code)))]
    return {
        "organisation": case.organisation, "reference": case.reference, "authority": case.authority.name,
        "contact": case.authority.contact_email, "portal": settings.PORTAL_NAME,
        "applicant": case.submitted_by.get_full_name() if case.submitted_by else "",
        "sent_on": sent, "decided_on": day_in(decision.created_at, case.authority),
        "deciders": deciders(case, decision), "reason": decision.reason,
        "data_class": str(case.get_data_class_display()), "residency": names,
    }  # fmt: skip


def deciders(case: OnboardingCase, decision: CaseDecision) -> list[str]:
    """Who decided: the last step, and the first one where two people did."""
    steps = CaseDecision.objects.filter(case=case, step__lte=decision.step).select_related("decider").order_by("-step")
    names = [decision.decider.get_full_name()]
    before = next((each for each in steps if each.step < decision.step), None)
    if before is not None and before.outcome == decision.outcome != CaseDecision.Outcome.REJECT:
        names.insert(0, before.decider.get_full_name())
    return names


def addressed(case: OnboardingCase) -> list[str]:
    """The lines to whom a letter goes."""
    contact = str(case.answers.get("contact_name") or "")
    return [line for line in (case.organisation, contact, case.contact_email) if line]
