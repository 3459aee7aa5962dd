"""What an admission leaves with its tenant: the letters about it, and the conditions that are not met yet."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.models import User
from tenants.models import CaseCondition, CaseLetter, OnboardingCase, Tenant

MOST_LETTERS = 10
UNMET = (CaseCondition.State.OPEN, CaseCondition.State.OVERDUE)


def tile(tenant: Tenant, user: User) -> dict[str, Any]:
    """For its owners and its authority: what they may read of it, and the application where all of it stands."""
    conditions = CaseCondition.objects.visible_to(user).filter(tenant=tenant, state__in=UNMET)
    letters = CaseLetter.objects.visible_to(user).filter(tenant=tenant).defer("pdf", "body").order_by("-pk")
    found = {"conditions": list(conditions.order_by("due_at", "number")), "letters": list(letters[:MOST_LETTERS])}
    case = OnboardingCase.objects.visible_to(user).filter(tenant=tenant).first() if any(found.values()) else None
    return {**found, "case": case, "part": reverse("tenant-admission", args=[tenant.public_id])}
