"""Quotas as somebody may read them: what is wished, what is on the cluster, what is in use."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.core.access import may
from portal.models import User
from resources.models import CapacityPool, Cluster, Grant, Quota, QuotaRequest
from resources.queries.capacity import promised_now
from resources.queries.requests import with_lines
from tenants.models import Project, Tenant

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


def tile_of_tenant(tenant: Tenant, user: User) -> dict[str, Any]:
    """What the tenant's home says about GPUs: quotas in force and coming, requests on their way, and whether to ask."""
    requests = QuotaRequest.objects.visible_to(user).filter(tenant=tenant)
    return {
        "quotas": quotas_of_tenant(tenant, user),
        "requests": _newest(requests),
        "part": reverse("tenant-quotas", args=[tenant.public_id]),
        "ask": _ask(may(user, "request", tenant) and tenant.state == "active", f"?tenant={tenant.public_id}"),
    }


def tile_of_project(project: Project, user: User) -> dict[str, Any]:
    """The same for one project."""
    requests = QuotaRequest.objects.visible_to(user).filter(project=project)
    quotas = [row for row in quotas_of_tenant(project.tenant, user) if row.environment.project_id == project.pk]
    return {
        "quotas": quotas,
        "requests": _newest(requests),
        "part": "",
        "ask": _ask(may(user, "request", project) and project.tenant.state == "active", f"?project={project.pk}"),
    }


def _ask(allowed: bool, query: str) -> str:  # noqa: FBT001 - a yes or no of its callers
    return reverse("request-new") + query if allowed else ""


def _newest(requests: Any) -> list[QuotaRequest]:
    rows = list(requests.select_related("project").prefetch_related(with_lines()).order_by("-created_at", "-pk")[:5])
    for row in rows:
        row.asked = [line for line in row.lines.all() if line.revision == row.revision]
    return rows


def quotas_of_others(cluster: Cluster, shown: list[Quota]) -> int:
    """GPUs promised now on a cluster beyond the quotas that are shown."""
    pools = CapacityPool.objects.filter(cluster=cluster).values_list("pk", flat=True)
    return max(0, sum(promised_now(pools, timezone.now()).values()) - sum(quota.wanted for quota in shown))


def quotas_on_cluster(cluster: Cluster, user: User) -> list[Quota]:
    """Quotas on a cluster that the reader may see, the largest first."""
    rows = Quota.objects.visible_to(user).filter(pool__cluster=cluster, wanted__gt=0)
    return list(rows.select_related(*WITH_NAMES).order_by("-wanted", "pk")[:200])
