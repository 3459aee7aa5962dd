"""Whom a change concerns: the topics on which open pages listen."""

from __future__ import annotations

from resources.models import Cluster, QuotaRequest, Share


def of_request(request: QuotaRequest) -> list[str]:
    """The tenant, its authority, and every authority whose share could pay."""
    authorities = Share.objects.filter(pool__request_lines__request=request).values_list("authority_id", flat=True)
    ids = {request.authority_id, *authorities}
    return [f"tenant.{request.tenant_id}", *(f"authority.{pk}" for pk in sorted(ids))]


def of_cluster(cluster: Cluster) -> list[str]:
    """Its provider, and every authority with a share in it. Tenants learn from their numbers."""
    authorities = Share.objects.filter(pool__cluster=cluster).values_list("authority_id", flat=True).distinct()
    return [f"provider.{cluster.provider_id}", *(f"authority.{pk}" for pk in sorted(authorities))]
