from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from resources.models.request import QuotaRequest
from tenants.models.tenant import TenantOwned


class RequestAppeal(TenantOwned):
    """A tenant does not accept a refusal: once for each request, decided by other people. Never edited."""

    request = models.OneToOneField(QuotaRequest, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(_("why it should be decided again"), max_length=4000)
    appealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "id"], name="appeal_of_tenant")]

    def __str__(self) -> str:
        return f"Appeal: {self.request}"
