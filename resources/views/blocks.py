"""Live blocks that pages of one tenant or one cluster include: map, sums, the last day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from portal.models import User
from resources.live.snapshot import is_silent, page_state
from resources.live.topics import cut_for
from resources.models import Cluster, Quota
from resources.queries.capacity_now import capacity_now
from resources.queries.usage import pool_day, tenant_day, visible_pools
from tenants.models import Tenant


def tenant_live(tenant: Tenant, user: User) -> dict[str, Any]:
    """The block of a tenant's page: its own GPUs now, and its quota, allocation and work over 24 hours."""
    topic = f"tenant:{tenant.public_id}"
    use = tenant_day(tenant.pk, user)
    quota = Quota.objects.visible_to(user).filter(tenant=tenant).aggregate(total=Sum("wanted"))["total"] or 0
    return {
        "live_topic": topic,
        "boot": page_state(user, topic),
        "now": capacity_now(user, cut_for(user, topic)),
        "tenant": tenant,
        "use": use,
        "use_rows": hourly(use.at, use.allocated, use.busy),
        "use_json": {"at": use.at, "allocated": use.allocated, "busy": use.busy, "quota": quota},
    }


def cluster_live(cluster: Cluster, user: User) -> dict[str, Any]:
    """The block of a cluster's page: every GPU the person may see, sums by kind, load over 24 hours."""
    topic = f"cluster:{cluster.public_id}"
    cut = cut_for(user, topic)
    now = capacity_now(user, cut)
    pools = visible_pools(user, [cluster.pk]) if cut.clusters[cluster.pk].whole else []
    return {
        "live_topic": topic,
        "boot": page_state(user, topic),
        "now": now,
        "day": {line.key: line.points for line in pool_day([pool.pk for pool in pools])},
        "chart_kinds": [{"key": line.slug, "label": line.name} for line in now.kinds],
        "silent": is_silent(cluster),
    }


def hourly(at: list[int], allocated: list[float], busy: list[float]) -> list[tuple[datetime, float, float]]:
    """The day as a table: hour, mean allocated and mean busy GPUs."""
    rows = []
    zone = timezone.get_current_timezone()
    hours: dict[int, list[int]] = {}
    for i, moment in enumerate(at):
        hours.setdefault(moment // 3600 * 3600, []).append(i)
    for hour, found in hours.items():
        mean = len(found)
        rows.append(
            (
                datetime.fromtimestamp(hour, tz=UTC).astimezone(zone),
                sum(allocated[i] for i in found) / mean,
                sum(busy[i] for i in found) / mean,
            )
        )
    return rows
