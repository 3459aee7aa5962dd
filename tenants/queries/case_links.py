"""Ways into applications by mail, as pages show them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from portal.core.isolation import as_worker
from portal.models import User
from tenants.models import Authority, CaseLink, OnboardingCase


def taking_applications() -> QuerySet[Authority]:
    """The authorities among which somebody without an account chooses: public bodies, by name."""
    return Authority.objects.order_by("name")


def invitations_of(case: OnboardingCase) -> list[CaseLink]:
    """Who was asked to write the application and has not come yet; for those who write it."""
    with as_worker():  # no role of applicants reads the table: each row is somebody's address
        return list(_open().filter(case=case))


def invitations_for(user: User) -> list[CaseLink]:
    """The applications that this person was asked to write."""
    with as_worker():
        rows = _open().filter(email__iexact=user.email, case__isnull=False).exclude(case__members__user=user)
        return list(rows.select_related("case", "authority", "invited_by"))


def _open() -> QuerySet[CaseLink]:
    return CaseLink.objects.filter(used_at=None, expires_at__gt=timezone.now()).order_by("pk")
