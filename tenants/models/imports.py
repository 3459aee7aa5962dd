"""Tenants that a site brings along when it moves here: the file, how it was tried, and how it was taken over."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.models import Operation, PublicModel, isolated
from tenants.models.authority import Authority


class TenantImportQuerySet(ScopedQuerySet["TenantImport"]):
    scopes = (
        Scope("tenants.Authority", "authority", {"view": "decide_onboarding", "edit": "decide_onboarding"}),
    )  # fmt: skip


class TenantImport(PublicModel):
    """One uploaded file of tenants. ``key`` names the file as it was read (JSON lines, portal.core.files); ``ignored``
    are its columns that mean nothing here.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="imports")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=130)
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=32, unique=True)
    rows = models.PositiveIntegerField(_("rows"))
    columns = models.JSONField(default=list)
    ignored = models.JSONField(default=list)
    trial = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = TenantImportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["authority", "-created_at", "-id"], name="tenant_import_newest")]
        verbose_name = _("import of tenants")
        verbose_name_plural = _("imports of tenants")

    def __str__(self) -> str:
        return isolated(self.name)
