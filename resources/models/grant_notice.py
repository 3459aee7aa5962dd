from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from resources.models.grant import Grant
from tenants.models.tenant import TenantOwned


class GrantNoticeQuerySet(ScopedQuerySet["GrantNotice"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope("tenants.Authority", "grant__share__authority", {"view": "approve_quotas"}),
    )


class GrantNotice(TenantOwned):
    """That people were told of a grant's end or of its budget, once for each step.

    ``step``: days before the end, or percent of the GPU-hours. ``told``: False for a step that a late sweep passed over,
    because a later one was due as well.
    """

    class About(models.TextChoices):
        END = "end", _("the end is near")
        BUDGET = "budget", _("GPU-hours are being used up")

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="notices")
    about = models.CharField(max_length=10, choices=About.choices)
    step = models.PositiveSmallIntegerField()
    told = models.BooleanField(default=True)

    objects = GrantNoticeQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="grant_notice_of_tenant"),
            models.UniqueConstraint(fields=["grant", "about", "step"], name="grant_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_about_display()}, {self.step}: {self.grant}"
