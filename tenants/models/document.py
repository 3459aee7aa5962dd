from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import PersonScope, Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel, isolated
from tenants import states
from tenants.models.onboarding import OFFICERS, OnboardingCase


class CaseDocumentQuerySet(ScopedQuerySet["CaseDocument"]):
    scopes = (
        PersonScope("case__members__user", {"view", "edit"}),
        Scope("tenants.Authority", "case__authority", OFFICERS, only=Q(case__submitted_at__isnull=False)),
    )


class CaseDocument(PublicModel):
    """A file that belongs to an application. Its content lies outside the database (portal.core.files) and is given
    out only after the scanner found nothing in it.
    """

    moves: ClassVar[Moves] = states.DOCUMENT

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked for viruses")
        CLEAN = "clean", _("Checked")
        UNSCANNED = "unscanned", _("Not checked")
        INFECTED = "infected", _("Virus found")

    about: str = ""
    """The question in the reader's words, where somebody looked it up."""
    READABLE: ClassVar[frozenset[str]] = frozenset({State.CLEAN, State.UNSCANNED})

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="documents")
    question = models.CharField(max_length=40, blank=True)
    """Key of the question that it answers; none: it was added to the application as such."""
    name = models.CharField(_("name"), max_length=130)
    ending = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=32, unique=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    finding = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CaseDocumentQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["case", "id"], name="case_documents_in_order"),
            models.Index(fields=["state", "id"], name="case_documents_waiting", condition=Q(state="waiting")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=states.DOCUMENT.states), name="casedocument_state_known")
        ]
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return isolated(self.name)

    @property
    def is_readable(self) -> bool:
        return self.state in self.READABLE
