"""Rows of the app tenants, as plain functions: every fact has a default, and any of them may be named."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from portal.core.references import next_reference
from portal.core.states import advance
from portal.models import User
from tenants.checks import standard
from tenants.models import (
    Authority,
    CaseMember,
    ComplianceCheck,
    Membership,
    OnboardingCase,
    PolicyRule,
    Project,
    Tenant,
)
from tenants.questions.schema import CORE
from tenants.services.memberships import give_role, project
from tests.factories.people import make_user

_numbers = count(1)


def make_authority(**fields: Any) -> Authority:
    number = next(_numbers)
    fields.setdefault("name", f"Authority {number}")
    fields.setdefault("slug", f"authority-{number}")
    fields.setdefault("country", "LU")
    fields.setdefault("contact_email", f"office{number}@authority.test")
    return Authority.objects.create(**fields)


def make_tenant(**fields: Any) -> Tenant:
    number = next(_numbers)
    fields.setdefault("authority_id", None)
    if fields["authority_id"] is None:
        fields.pop("authority_id")
        fields.setdefault("authority", None)
        fields["authority"] = fields["authority"] or make_authority()
    fields.setdefault("name", f"Tenant {number}")
    fields.setdefault("slug", f"tenant-{number}")
    fields.setdefault("kind", "academia")
    fields.setdefault("country", "LU")
    fields.setdefault("legal_id", f"B {100_000 + number}")
    fields.setdefault("data_class", "confidential")
    fields.setdefault("contact_email", f"office{number}@tenant.test")
    return Tenant.objects.create(**fields)


def make_project(tenant: Tenant | None = None, **fields: Any) -> Project:
    number = next(_numbers)
    tenant = tenant or make_tenant()
    fields.setdefault("name", f"Project {number}")
    fields.setdefault("slug", f"project-{number}")
    fields.setdefault("stage", "training")
    fields.setdefault("data_class", "internal")
    return Project.objects.create(tenant=tenant, authority=tenant.authority, **fields)


def make_member(tenant: Tenant, role: str = "member", user: User | None = None, **fields: Any) -> User:
    """Somebody who holds ``role`` on ``tenant``, given through the service."""
    user = user or make_user()
    give_role(acting_user=None, anchor=tenant, user=user, role=role, **fields)
    return user


def make_staff(authority: Authority, role: str = "onboarding_officer", user: User | None = None, **fields: Any) -> User:
    """Somebody who holds ``role`` at ``authority``."""
    user = user or make_user()
    give_role(acting_user=None, anchor=authority, user=user, role=role, **fields)
    return user


def end_silently(membership: Membership) -> None:
    """Let a membership have ended a minute ago, as time does it: nobody projected anything."""
    type(membership).objects.filter(pk=membership.pk).update(
        valid_from=timezone.now() - timedelta(days=2), valid_until=timezone.now() - timedelta(minutes=1)
    )


def reproject(membership: Membership) -> None:
    project(membership.tenant, membership.user)


OTHER_ANSWERS = {
    "legal_form": "public law body", "sector": "environment", "contact_name": "Ida Berg", "signatory_name": "Ida Berg",
    "signatory_role": "Rector", "recognised_by": "The state", "security_phone": "+352 12 34 56", "end_use": "research",
    "end_user_region": "home", "mandate": "statute", "security_email": "soc@organisation.test", "personal_data": "none", "support_location": "eea",
    "ai_role": "none", "no_prohibited": "yes", "dual_use": "no", "no_sanctions": "yes",
}  # fmt: skip
"""What the standard set asks of a university beside the facts with columns of their own."""
COMPANY_ANSWERS = {
    "employees": "40",
    "sme": "yes",
    "controlled_abroad": "no",
    "founded": "2021-05-04",
    "funding": "Its two founders.",
}
"""What it asks of a start-up on top."""


def case_answers(**facts: Any) -> dict[str, Any]:
    """An application that can be sent as it is."""
    return {**OTHER_ANSWERS, **case_facts(), **facts}


def case_facts(**facts: Any) -> dict[str, Any]:
    """The facts with columns of their own, filled in."""
    number = next(_numbers)
    return {
        "organisation": f"Organisation {number}",
        "kind": "academia",
        "country": "LU",
        "legal_id": f"B {200_000 + number}",
        "data_class": "internal",
        "residency": ["FR", "LU"],
        "contact_email": f"contact{number}@organisation.test",
        "purpose": "Train a model of river levels and publish its weights.",
        **facts,
    }


def make_case(state: str = "submitted", applicant: User | None = None, **fields: Any) -> OnboardingCase:
    """An application in ``state``, written and (unless a draft) sent by ``applicant``."""
    applicant = applicant or make_user()
    now = timezone.now()
    sent = {"submitted_at": now, "submitted_by": applicant, "due_at": now + timedelta(days=10)}
    facts = {**case_facts(), **({} if state == "draft" else sent), **fields}
    facts.setdefault("authority", None)
    facts["authority"] = facts["authority"] or make_authority()
    answers = {**OTHER_ANSWERS, **{key: value for key, value in facts.items() if key in CORE}}
    case = OnboardingCase.objects.create(reference=next_reference("ON"), state=state, answers=answers, **facts)
    CaseMember.objects.create(case=case, user=applicant)
    if state != "draft":
        make_check(case)
    return case


def make_check(case: OnboardingCase, state: str = "passed", key: str = "register", **fields: Any) -> ComplianceCheck:
    """A check of ``case`` as the standard catalogue has it; by itself one that is in order."""
    rule = standard.catalogue().rule(key)
    assert rule is not None
    settled = {"verified_at": timezone.now()} if state != "open" else {}
    facts = {
        "rule": rule.plain(), "method": rule.method, "required": rule.required, "authority": case.authority,
        "tenant": case.tenant, **settled, **fields,
    }  # fmt: skip
    return ComplianceCheck.objects.create(case=case, key=key, state=state, **facts)


def settle_checks(case: OnboardingCase) -> None:
    """Let an application that was sent through the service have all its checks behind it."""
    for check in ComplianceCheck.objects.filter(case=case, current=True, state="open"):
        advance(check, "passed", verified_at=timezone.now(), next_attempt_at=None, finding="", fence=check.fence + 1)


def make_policy(authority: Authority, key: str, value: int, version: int = 1) -> PolicyRule:
    return PolicyRule.objects.create(authority=authority, key=key, value=value, version=version, reason="a test")
