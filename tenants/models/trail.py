from __future__ import annotations

from typing import ClassVar

from django.db.models import Q

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.models import AuditEvent


class TrailQuerySet(ScopedQuerySet["Trail"]):
    scopes = (
        Scope("tenants.Tenant", "tenant_id", {"view": "read_audit"}),
        Scope("tenants.Authority", "authority_id", {"view": "read_audit"}),
        Scope("resources.Provider", "provider_id", {"view": "operate_clusters"}),
        SiteScope({"view"}, only=Q(tenant_id=None, authority_id=None)),
    )


class Trail(AuditEvent):
    """The audit trail as somebody may read it: a tenant's owner their own, an authority's auditor the authority's,
    a provider's operators what concerns their clusters, a platform admin the site's.
    """

    objects: ClassVar = TrailQuerySet.as_manager()

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def public_id(self) -> int:
        return self.pk
