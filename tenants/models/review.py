"""What officers write to each other about an application."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import PublicModel
from tenants.models.authority import Authority
from tenants.models.onboarding import OnboardingCase


class CaseNote(PublicModel):
    """A note in the thread of a case that its applicant never reads. Never edited."""

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="notes")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=4000)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="case_notes_in_order")]
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")

    def __str__(self) -> str:
        return f"{self.case}, {self.created_at:%Y-%m-%d}"
