"""The invented world of the demo: who is there, what they run, who has what, what waits. Pure data.

The seed turns it into rows through the services, the data sources into GPUs at work. Nobody in it exists.
"""

from __future__ import annotations

from resources.demo.cast_people import CASES, PEOPLE, REQUESTS
from resources.demo.cast_sites import AUTHORITIES, CLUSTERS, KINDS, PROVIDERS, SHARES
from resources.demo.cast_tenants import TENANTS
from resources.demo.cast_types import Case, Cluster, Kind, Person, Project, Quota, Request, Tenant, namespace

__all__ = [
    "AUTHORITIES", "CASES", "CLUSTERS", "KINDS", "PEOPLE", "PROVIDERS", "REQUESTS", "SHARES", "TENANTS",
    "Case", "Cluster", "Kind", "Person", "Project", "Quota", "Request", "Tenant",
    "cluster", "collector_settings", "driver_settings", "kind", "namespace", "quotas_on", "stages",
]  # fmt: skip


def cluster(slug: str) -> Cluster:
    """Raises KeyError for a cluster that the cast does not know."""
    return {each.slug: each for each in CLUSTERS}[slug]


def kind(slug: str) -> Kind:
    return {each.slug: each for each in KINDS}[slug]


def quotas_on(slug: str) -> dict[str, dict[str, int]]:
    """What the cluster's engine already enforces: namespace → kind → GPUs."""
    found: dict[str, dict[str, int]] = {}
    for tenant in TENANTS:
        for project in tenant.projects:
            for quota in project.quotas:
                if quota.cluster == slug:
                    found.setdefault(namespace(tenant.slug, project.slug), {})[quota.kind] = quota.gpus
    return found


def stages() -> dict[str, str]:
    """Namespace → the life-cycle stage of its project, which decides how its GPUs behave."""
    return {namespace(tenant.slug, each.slug): each.stage for tenant in TENANTS for each in tenant.projects}


def collector_settings(port: int) -> dict[str, object]:
    """How the portal reads a demo cluster whose source listens on ``port``."""
    base = f"http://127.0.0.1:{port}"
    return {"mode": "exporters", "urls": [f"{base}/metrics", f"{base}/kube-state-metrics"]}


def driver_settings(port: int) -> dict[str, object]:
    """How the portal reaches the fake engine of that cluster."""
    return {"url": f"http://127.0.0.1:{port}"}
