from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel
from tenants.models.authority import Authority


class ClaimMappingQuerySet(ScopedQuerySet["ClaimMapping"]):
    scopes = (
        SiteScope({"view", "create", "end"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
    )


class ClaimMapping(PublicModel):
    """Whoever an identity provider says this of holds that role, for as long as it says so. Ended, never edited."""

    provider = models.CharField(_("identity provider"), max_length=60)
    claim = models.CharField(_("claim"), max_length=100)
    value = models.CharField(_("value"), max_length=200)
    anchor_label = models.CharField(max_length=60)
    anchor_id = models.BigIntegerField()
    anchor_name = models.CharField(_("where"), max_length=200)
    role = models.CharField(_("role"), max_length=30)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True, related_name="claim_mappings")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = ClaimMappingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "claim", "value", "anchor_label", "anchor_id", "role"],
                condition=Q(ended_at=None),
                name="claim_mapped_once",
            )
        ]
        verbose_name = _("mapping of a claim")

    def __str__(self) -> str:
        return f"{self.provider}: {self.claim} = {self.value}"

    @property
    def role_name(self) -> str:
        """The role as people call it there."""
        memberships: Any = apps.get_model(self.anchor_label)._meta.get_field("memberships").related_model
        return str(dict(memberships._meta.get_field("role").choices).get(self.role, self.role))


class MappedMembership(models.Model):
    """A membership that a mapping gave. It ends with the claim; what a person gave by hand is never touched.

    ``lapses_at``: when it ends by itself, unless the provider says the claim again before.
    """

    mapping = models.ForeignKey(ClaimMapping, on_delete=models.PROTECT, related_name="given")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    membership_id = models.BigIntegerField()
    given_at = models.DateTimeField(auto_now_add=True)
    lapses_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mapping", "user"], condition=Q(ended_at=None), name="mapped_once")
        ]

    def __str__(self) -> str:
        return f"{self.mapping} → {self.user}"
