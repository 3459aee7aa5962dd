"""Documents of an application, as pages and endpoints show them."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.models import User
from tenants.models import CaseDocument, OnboardingCase


def shown(case: OnboardingCase, user: User) -> QuerySet[CaseDocument]:
    """In the order in which they were added."""
    rows = CaseDocument.objects.visible_to(user).filter(case=case)
    return rows.select_related("added_by").order_by("pk")
