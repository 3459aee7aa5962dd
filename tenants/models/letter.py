from __future__ import annotations

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.access import PersonScope, Scope, ScopedQuerySet, SiteScope
from portal.core.letters.text import letter_kinds
from portal.models import PublicModel
from tenants.models.authority import Authority
from tenants.models.onboarding import OFFICERS, CaseDecision, OnboardingCase
from tenants.models.tenant import Tenant


class LetterTemplateQuerySet(ScopedQuerySet["LetterTemplate"]):
    scopes = (Scope("tenants.Authority", "authority", {"view": "view_authority"}), SiteScope({"view"}))


class LetterTemplate(PublicModel):
    """How an authority words a kind of letter in one language: the newest version is in force, older ones are kept.

    Where an authority has none, the portal's own wording is used (``portal.core.letters.text.letter_kinds``).
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="letter_templates")
    kind = models.CharField(_("kind of letter"), max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField(default=1, editable=False)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=12_000)
    note = models.CharField(_("what changed"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LetterTemplateQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authority", "kind", "language", "version"], name="letter_template_version_once"
            )
        ]
        verbose_name = _("wording of a letter")
        verbose_name_plural = _("wordings of letters")

    def __str__(self) -> str:
        return f"{kind_label(self.kind)}, {self.get_language_display()}, {self.version}"


def kind_label(kind: str) -> str:
    """What letters of a kind are called."""
    return str(letter_kinds[kind].label) if kind in letter_kinds else kind


class LetterBase(PublicModel):
    """A letter about a decision as it was written. Its table takes inserts only: it never changes.

    ``template_version`` None: the portal's own wording. ``sha256`` is of the file; what is given out is compared.
    """

    kind = models.CharField(_("kind of letter"), max_length=60)
    language = models.CharField(_("language"), max_length=10)
    template_version = models.PositiveIntegerField(null=True)
    subject = models.CharField(_("subject"), max_length=500)
    body = models.TextField(_("text"))
    sha256 = models.CharField(max_length=64)
    pdf = models.BinaryField()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.subject

    @property
    def kind_label(self) -> str:
        return kind_label(self.kind)

    @property
    def is_as_written(self) -> bool:
        """Whether the file is still the one that was written."""
        return hashlib.sha256(bytes(self.pdf)).hexdigest() == self.sha256


class CaseLetterQuerySet(ScopedQuerySet["CaseLetter"]):
    scopes = (
        PersonScope("case__members__user", {"view"}),
        Scope("tenants.Authority", "authority", OFFICERS),
        Scope("tenants.Tenant", "tenant", {"view": "manage_members"}),
    )


class CaseLetter(LetterBase):
    """The letter about a decision on an application, for its people, for the tenant that came of it, for the office."""

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="letters")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="letters")
    decision = models.OneToOneField(CaseDecision, on_delete=models.PROTECT, related_name="letter")

    objects = CaseLetterQuerySet.as_manager()

    class Meta(LetterBase.Meta):
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="case_letters_in_order")]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    described_with = ("case",)
