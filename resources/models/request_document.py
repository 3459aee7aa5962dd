from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import isolated
from resources.models.request import QuotaRequest
from tenants import states
from tenants.models.tenant import TenantOwned

SENT = Q(request__submitted_at__isnull=False)


class RequestDocumentQuerySet(ScopedQuerySet["RequestDocument"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "edit": "request_quotas"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}, only=SENT),
        Scope(
            "tenants.Authority", "request__lines__pool__shares__authority", {"view": "approve_quotas"}, only=SENT
        ),
        Scope(
            "tenants.Authority", "request__lines__kind__pools__shares__authority", {"view": "approve_quotas"},
            only=SENT & Q(request__lines__pool__isnull=True),
        ),
    )  # fmt: skip


class RequestDocument(TenantOwned):
    """A file that belongs to a request. Its content lies outside the database (portal.core.files) and is given out only
    after the scanner found nothing in it.
    """

    moves: ClassVar[Moves] = states.DOCUMENT

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked for viruses")
        CLEAN = "clean", _("Checked")
        UNSCANNED = "unscanned", _("Not checked")
        INFECTED = "infected", _("Virus found")

    READABLE: ClassVar[frozenset[str]] = frozenset({State.CLEAN, State.UNSCANNED})

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="documents")
    revision = models.PositiveIntegerField(default=1, editable=False)
    name = models.CharField(_("name"), max_length=130)
    ending = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=32, unique=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    finding = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = RequestDocumentQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="request_document_of_tenant"),
            models.UniqueConstraint(fields=["request", "sha256"], name="request_document_once"),
            models.CheckConstraint(condition=Q(state__in=states.DOCUMENT.states), name="requestdocument_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="request_documents_waiting", condition=Q(state="waiting")),
        ]
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return isolated(self.name)

    @property
    def is_readable(self) -> bool:
        return self.state in self.READABLE
