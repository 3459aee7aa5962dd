from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from tenants.models.tenant import Membership, TenantOwned
from tenants.roles import TenantRole


class TenantClaimQuerySet(ScopedQuerySet["TenantClaim"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "manage_members", "end": "manage_members"}),
        Scope("tenants.Authority", "authority", {"view": "read_audit"}),
    )


class TenantClaim(TenantOwned):
    """Whoever an identity provider says this of holds that role of the tenant, for as long as it says so. Ended, never
    edited.
    """

    anchor_label = "tenants.Tenant"

    provider = models.CharField(_("identity provider"), max_length=60)
    claim = models.CharField(_("claim"), max_length=100)
    value = models.CharField(_("value"), max_length=200)
    role = models.CharField(_("role"), max_length=30, choices=TenantRole.choices)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = TenantClaimQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenantclaim_of_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "provider", "claim", "value", "role"],
                condition=Q(ended_at=None),
                name="tenantclaim_mapped_once",
            ),
            models.CheckConstraint(condition=~Q(role=TenantRole.OWNER), name="tenantclaim_makes_no_owner"),
        ]
        verbose_name = _("mapping of a claim")

    def __str__(self) -> str:
        return f"{self.provider}: {self.claim} = {self.value}"

    @property
    def anchor_id(self) -> int:
        return self.tenant_id

    @property
    def anchor_name(self) -> str:
        return self.tenant.name

    @property
    def role_name(self) -> str:
        return str(self.get_role_display())


class TenantClaimGiven(TenantOwned):
    """A membership that a tenant's mapping gave. ``lapses_at``: when it ends unless the provider says it again."""

    mapping = models.ForeignKey(TenantClaim, on_delete=models.PROTECT, related_name="given")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    lapses_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenantclaimgiven_of_tenant"),
            models.UniqueConstraint(
                fields=["mapping", "user"], condition=Q(ended_at=None), name="tenantclaim_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mapping} → {self.user}"
