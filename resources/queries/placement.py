"""Lines that leave their cluster to the decider: where they could run, and as they are placed."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models

from resources.models import CapacityPool, Decision, QuotaRequest, RequestLine
from resources.queries.offers import offered_pools
from tenants.models import Project


def pools_for(project: Project, line: RequestLine) -> models.QuerySet[CapacityPool]:
    """The pools of a line's kind that are cleared for the project; of a line that names its pool, that one."""
    if line.pool_id:
        return CapacityPool.objects.filter(pk=line.pool_id).select_related("cluster", "kind")
    return offered_pools(project).filter(kind=line.kind_id)


def place(request: QuotaRequest, pools: Mapping[int, CapacityPool]) -> list[RequestLine]:
    """The current lines, those without a pool on the one in ``pools`` (line id → pool), nothing of it saved.

    ``request.placed_lines`` gives the same lines from then on; a decision keeps the place in the share that pays.
    """
    request.placements = dict(pools)
    return request.placed_lines


def placed_by(first: Decision) -> dict[int, CapacityPool]:
    """Where a step of a decision put its lines: line id → pool."""
    rows = first.lines.select_related("share__pool__cluster", "share__pool__kind")
    return {row.line_id: row.share.pool for row in rows}
