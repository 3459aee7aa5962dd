"""Whom a change concerns: the topics on which open pages listen."""

from __future__ import annotations

from resources.models import Cluster, QuotaRequest, Share
from resources.queries.deciders import who_could_pay


def of_request(request: QuotaRequest) -> list[str]:
    """The tenant, its authority, and every authority whose share could pay."""
    ids = {request.authority_id, *who_could_pay(request)}
    return [f"tenant.{request.tenant_id}", *(f"authority.{pk}" for pk in sorted(ids))]


def of_cluster(cluster: Cluster) -> list[str]:
    """Its provider, and every authority with a share in it. Tenants learn from their numbers."""
    authorities = Share.objects.filter(pool__cluster=cluster).values_list("authority_id", flat=True).distinct()
    return [f"provider.{cluster.provider_id}", *(f"authority.{pk}" for pk in sorted(authorities))]
