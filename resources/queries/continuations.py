"""Which grant a request goes on with: an extension takes its place at its end, without a gap and without holding it twice."""

from __future__ import annotations

from datetime import datetime

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
        row = rows.filter(supersedes=row, environment=row.environment_id).counting().order_by("pk").first()
    if row is None or not row.counts:
        return None
    return row if (row.pool_id, row.environment.project_id) == (pool.pk, request.project_id) else None


def begins_after(prior: Grant | None, starts_at: datetime, now: datetime) -> datetime:
    """When what continues ``prior`` begins: where that ends, if it has not ended yet; days of a form begin at a midnight
    of the reader's, which may be some hours before.
    """
    return max(starts_at, prior.ends_at) if prior and prior.ends_at > now else starts_at
