"""Quotas as somebody may read them: what is wished, what is on the cluster, what is in use."""

from __future__ import annotations

from typing import Any

from portal.models import User
from resources.models import Cluster, Grant, Quota, QuotaRequest
from tenants.models import Tenant

WITH_NAMES = ("pool__kind", "pool__cluster", "environment__project", "environment__cluster", "tenant")


def quotas_of_request(request: QuotaRequest, user: User) -> list[Quota]:
    """The quotas that the grants of a request belong to, each with the ``grants`` of this request it rests on."""
    grants = list(
        Grant.objects.visible_to(user)
        .filter(line__request=request)
        .select_related("pool__kind", "pool__cluster")
        .order_by("pk")
    )
    places = {(grant.environment_id, grant.pool_id) for grant in grants}
    rows = (
        Quota.objects.visible_to(user)
        .filter(environment__in={place for place, _pool in places})
        .select_related(*WITH_NAMES)
    )
    found: list[Any] = [row for row in rows.order_by("pk") if (row.environment_id, row.pool_id) in places]
    for row in found:
        row.grants_here = [g for g in grants if (g.environment_id, g.pool_id) == (row.environment_id, row.pool_id)]
    return found


def quotas_of_tenant(tenant: Tenant, user: User) -> list[Quota]:
    """A tenant's quotas that are not gone, by cluster and kind."""
    rows = Quota.objects.visible_to(user).filter(tenant=tenant, revision__gt=0).exclude(state=Quota.State.REMOVED)
    return list(rows.select_related(*WITH_NAMES).order_by("pool__cluster__name", "pool__kind__name", "pk"))


def quotas_on_cluster(cluster: Cluster, user: User) -> list[Quota]:
    """Quotas on a cluster that the reader may see, the largest first."""
    rows = Quota.objects.visible_to(user).filter(pool__cluster=cluster, wanted__gt=0)
    return list(rows.select_related(*WITH_NAMES).order_by("-wanted", "pk")[:200])
