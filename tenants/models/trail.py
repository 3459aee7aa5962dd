from __future__ import annotations

from typing import ClassVar

from django.db.models import Q

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.models import AuditEvent


class TrailQuerySet(ScopedQuerySet["Trail"]):
    scopes = (
        Scope("tenants.Tenant", "tenant_id", {"view": "read_audit"}),
        Scope("tenants.Authority", "authority_id", {"view": "read_audit"}),
        SiteScope({"view"}, only=Q(tenant_id=None, authority_id=None)),
    )


class Trail(AuditEvent):
    """The audit trail as somebody may read it: a tenant's owner their own, an authority's auditor the authority's,
    a platform admin what concerns neither.
    """

    objects: ClassVar = TrailQuerySet.as_manager()

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def public_id(self) -> int:
        return self.pk
