from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from guardian.models import UserObjectPermissionBase

from portal.core.access import PersonScope, Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel, isolated
from resources.roles import ProviderRole
from tenants.models import StaffMembershipBase


class ProviderQuerySet(ScopedQuerySet["Provider"]):
    scopes = (
        Scope("resources.Provider", "", {"view": "view_provider", "operate": "operate_clusters"}),
        SiteScope({"view", "create", "edit", "operate"}),
    )


class Provider(PublicModel):
    """Who runs clusters: a data centre, a supercomputing site, a company under contract."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    country = CountryField(_("country"))
    contact_email = models.EmailField(_("contact address"))

    objects = ProviderQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [
            ("view_provider", "sees the provider's clusters and who uses what on them"),
            ("operate_clusters", "changes clusters, inventory, drivers and collectors"),
        ]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return isolated(self.name)


class ProviderUserPermission(UserObjectPermissionBase):
    """Guardian's direct-foreign-key table of this anchor; written by portal.core.access alone."""

    content_object = models.ForeignKey(Provider, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class ProviderMembershipQuerySet(ScopedQuerySet["ProviderMembership"]):
    scopes = (
        Scope("resources.Provider", "provider", {"view": "view_provider"}),
        PersonScope("user", {"view", "end", "delegate"}),
        PersonScope("delegated_from__user", {"view", "end"}),
        SiteScope({"view", "create", "edit", "end"}),
    )


class ProviderMembership(StaffMembershipBase):
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=30, choices=ProviderRole.choices)

    objects = ProviderMembershipQuerySet.as_manager()

    class Meta(StaffMembershipBase.Meta):
        indexes: ClassVar = [models.Index(fields=["user", "provider"], name="provider_member_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.provider}"
