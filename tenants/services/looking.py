"""What the portal finds out by itself about one claimed check: the facts gathered, the rule, the register or the list asked.

Nothing is written here, and no transaction is open while a register is asked.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from portal.core import files
from tenants import legal_ids
from tenants.checks.findings import HIT, Finding
from tenants.checks.methods import METHODS, Other, Paper, Subject, screened_names
from tenants.checks.names import best, readings
from tenants.checks.papers import made_on
from tenants.models import CaseDocument, ComplianceCheck, OnboardingCase, PolicyRule, Tenant
from tenants.queries.checks import current_list, index_of, is_stale
from tenants.queries.policies import OPEN, policy
from tenants.queries.questions import questions_of
from tenants.questions.answers import relevant
from tenants.verifiers import verifier
from tenants.verifiers.base import Inquiry, Silent

SAME_ENOUGH = 80
"""From this likeness in percent on, a register's name is the organisation's: registers abbreviate."""


def look(check: ComplianceCheck) -> Finding:
    """Do the check once."""
    subject = subject_of(check)
    if check.method == "sanctions":
        return screen(check, subject)
    if check.method == "register":
        return ask_register(subject)
    return METHODS[check.method](subject, check.as_planned)


def subject_of(check: ComplianceCheck) -> Subject:
    """The facts of today: of the tenant where there is one, with what its application answered."""
    case, tenant = check.case, check.tenant
    answers: dict[str, Any] = relevant(questions_of(case), case.answers) if case else {}
    wants = check.method
    facts: dict[str, Any] = {
        "answers": answers, "today": timezone.localdate(),
        "others": _others(check) if wants == "duplicate" else (),
        "papers": _papers(case) if wants == "documents" and case else (),
        "quarantined": _quarantined(case) if wants == "documents" and case else 0,
        "document_days": policy(check.authority_id, PolicyRule.Key.DOCUMENT_DAYS) if wants == "documents" else 0,
    }  # fmt: skip
    if tenant is not None:
        return Subject(tenant.name, str(tenant.country), tenant.legal_id, tenant.contact_email, **facts)
    assert case is not None, "the table has a constraint"
    return Subject(case.organisation, str(case.country), case.legal_id, case.contact_email, **facts)


def _others(check: ComplianceCheck) -> tuple[Other, ...]:
    """Tenants and open applications of the same authority; another authority's are nobody's business here."""
    tenants = Tenant.objects.filter(authority=check.authority_id).exclude(state=Tenant.State.CLOSED)
    cases = OnboardingCase.objects.filter(authority=check.authority_id, state__in=OPEN)
    if check.tenant_id:
        tenants = tenants.exclude(pk=check.tenant_id)
    if check.case_id:
        cases = cases.exclude(pk=check.case_id)
    found = [
        Other(name, name, country, number)
        for name, country, number in tenants.values_list("name", "country", "legal_id")
    ]
    columns = ("organisation", "reference", "country", "legal_id")
    found += [
        Other(f"{name} ({ref})", name, country, number) for name, ref, country, number in cases.values_list(*columns)
    ]
    return tuple(found)


def _papers(case: OnboardingCase) -> tuple[Paper, ...]:
    rows = CaseDocument.objects.filter(case=case, state__in=CaseDocument.READABLE).order_by("pk")
    return tuple(Paper(row.name, _made(row)) for row in rows)


def _quarantined(case: OnboardingCase) -> int:
    return CaseDocument.objects.filter(case=case, state=CaseDocument.State.WAITING).count()


def _made(row: CaseDocument) -> Any:
    try:
        told = made_on(row.ending, files.read(row.key))
    except OSError:
        told = None
    return told or timezone.localtime(row.created_at).date()


def ask_register(subject: Subject) -> Finding:
    """The first register of this installation that answers for such a number. Silence is no answer."""
    try:
        number = legal_ids.recognise(subject.legal_id)
    except legal_ids.WrongNumber:
        return Finding("open", "register.none")
    known = {"recorded": settings.REGISTER_RECORDED, "allowed_networks": tuple(settings.ALLOWED_NETWORKS)}
    inquiry = Inquiry(
        number.kind, number.number, number.country or subject.country, {**known, **settings.REGISTER_ADDRESSES},
        float(settings.REGISTER_SECONDS),
    )  # fmt: skip
    member = next((each for each in map(verifier, settings.REGISTER_VERIFIERS) if each.answers(inquiry)), None)
    if member is None:
        return Finding("open", "register.none")
    facts = {"register": member.label, "number": number.number}
    try:
        entry = member.ask(inquiry)
    except Silent:
        return Finding("open", "register.silent", facts, retry=True)
    facts["name"] = entry.name
    if not entry.known:
        return Finding("failed", "register.unknown", facts)
    if not entry.live:
        return Finding("failed", "register.over", facts)
    if not entry.name:
        return Finding("open", "register.nameless", facts)
    mine = readings(subject.organisation)
    alike = max(
        [
            *(best([subject.organisation], each) for each in readings(entry.name)),
            *(best([entry.name], each) for each in mine),
        ]
    )
    return Finding("passed" if alike >= SAME_ENOUGH else "open", _named(alike), facts)


def _named(alike: int) -> str:
    return "register.confirmed" if alike >= SAME_ENOUGH else "register.other_name"


def screen(check: ComplianceCheck, subject: Subject) -> Finding:
    """Ask the current list. Without one, or with one that is too old, nothing was screened."""
    found = current_list()
    if found is None:
        return Finding("open", "sanctions.absent")
    days = policy(check.authority_id, PolicyRule.Key.SANCTIONS_DAYS)
    facts: dict[str, Any] = {
        "list": found.pk, "list_version": found.version, "list_date": timezone.localtime(found.published).date().isoformat(),
    }  # fmt: skip
    if is_stale(found, days):
        return Finding("open", "sanctions.stale", {**facts, "days": days})
    threshold = policy(check.authority_id, PolicyRule.Key.SANCTIONS_LIKENESS)
    hits = index_of(found.pk).ask(screened_names(subject), threshold)
    facts["threshold"] = threshold
    if not hits:
        return Finding("passed", "sanctions.clear", facts)
    names = [{"name": hit.name, "reference": hit.reference, "percent": hit.percent} for hit in hits]
    return Finding("open", HIT, {**facts, "names": names, "entities": sorted({hit.entity for hit in hits})})
