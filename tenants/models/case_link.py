from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.models import PublicModel
from tenants.models.authority import Authority
from tenants.models.onboarding import OnboardingCase


class CaseLink(PublicModel):
    """A link in a mail that leads its reader into an application.

    Without a ``case`` it is one that somebody began without an account; ``facts`` are what they typed, by question key.
    With a case its writer asked a colleague to write too. It is good for the address that it was sent to, until it ends
    or was used. The link itself is not kept: it is this row's public id under the portal's signature.
    """

    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(max_length=10, blank=True)
    site = models.CharField(max_length=300)
    """This portal's address as it works in the mail."""
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)
    case = models.ForeignKey(OnboardingCase, on_delete=models.CASCADE, null=True, related_name="links")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        indexes = [  # noqa: RUF012 - as Django wants it
            models.Index(fields=["email", "-id"], name="case_links_of_address"),
            models.Index(fields=["id"], name="case_links_to_send", condition=models.Q(sent_at=None)),
        ]
        constraints = [  # noqa: RUF012
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(case__isnull=False, used_by__isnull=False),
                name="case_link_used_leads_somewhere",
            ),
            models.UniqueConstraint(
                fields=["case", "email"],
                name="case_link_open_once",
                condition=models.Q(used_at=None, case__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.authority}"

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def organisation(self) -> Any:
        return self.case.organisation if self.case else self.facts.get("organisation", "")
