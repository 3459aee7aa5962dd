from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from resources.models.decision import Decision
from resources.models.request import QuotaRequest
from tenants.models import Authority, Tenant
from tenants.models.letter import LetterBase


class RequestLetterQuerySet(ScopedQuerySet["RequestLetter"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope("tenants.Authority", "office", {"view": "approve_quotas"}),
    )


class RequestLetter(LetterBase):
    """The letter about the decision that ended a request, for its tenant and for those who decide. Insert-only.

    ``office``: the authority that took the last step, and writes.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="request_letters")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="letters")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="letter")
    office = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")

    objects = RequestLetterQuerySet.as_manager()

    class Meta(LetterBase.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "id"], name="request_letter_of_tenant")]
        indexes: ClassVar = [models.Index(fields=["request", "id"], name="request_letters_in_order")]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    described_with = ("request",)
