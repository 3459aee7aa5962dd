"""Which grant a request goes on with: an extension takes its place at its end, without a gap and without holding it twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from resources.models import CapacityPool, Grant, QuotaRequest


def continued(request: QuotaRequest, pool: CapacityPool) -> Grant | None:
    """The grant that an extension continues on this pool, as it is today; None where it continues none.

    Where the grant that was named has been lowered meanwhile, it is what is left of it.
    """
    if request.change != QuotaRequest.Change.EXTENSION or request.grant_id is None:
        return None
    rows = Grant.objects.select_related("environment", "pool__cluster", "share", "tenant", "authority")
    row: Grant | None = rows.get(pk=request.grant_id)
    while row is not None and row.state == Grant.State.SUPERSEDED:
        row = rows.filter(supersedes=row, environment=row.environment_id).counting().order_by("-ends_at", "pk").first()
    if row is None or not row.counts:
        return None
    return row if (row.pool_id, row.environment.project_id) == (pool.pk, request.project_id) else None


def begins_after(prior: Grant | None, starts_at: datetime, now: datetime) -> datetime:
    """When what continues ``prior`` begins: where that ends, if it has not ended yet; days of a form begin at a midnight
    of the reader's, which may be some hours before.
    """
    return max(starts_at, prior.ends_at) if prior and prior.ends_at > now else starts_at


def followed(grants: Iterable[Grant]) -> set[int]:
    """Ids of those in whose place another grant comes: one that continues it, or the rest of a grant of which some is
    given back from its end on. One query.
    """
    given = list(grants)
    rests = Q(supersedes__in={grant.supersedes_id for grant in given}, starts_at__in={grant.ends_at for grant in given})
    rows = Grant.objects.counting().filter(Q(supersedes__in=given) | rests)
    found = list(rows.values_list("supersedes_id", "environment_id", "pool_id", "starts_at"))
    continued_ids, beginnings = {prior for prior, *_place in found}, set(found)
    return {
        grant.pk
        for grant in given
        if grant.pk in continued_ids
        or (grant.supersedes_id, grant.environment_id, grant.pool_id, grant.ends_at) in beginnings
    }


def after(grant: Grant) -> list[Grant]:
    """What came, or comes, in the place of a grant, whatever became of it; the earliest first."""
    same_end = Q(
        supersedes__isnull=False, supersedes=grant.supersedes_id, environment=grant.environment_id, pool=grant.pool_id,
        starts_at=grant.ends_at,
    )  # fmt: skip
    rows = Grant.objects.filter(Q(supersedes=grant.pk) | same_end).exclude(pk=grant.pk)
    return list(rows.select_related("pool__kind").order_by("starts_at", "pk"))
