"""What an authority may promise, what it has promised of it, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from portal.models import User
from resources.models import Share
from resources.queries.capacity import promised_of_shares

WARNS_PERCENT = 80
"""From here on a share warns; past the pool's policy line it is bad (UI: 80-90 % warns)."""


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A share and the GPUs promised from it now."""

    share: Share
    promised: int

    @property
    def left(self) -> int:
        return max(0, self.share.gpus - self.promised)

    @property
    def over(self) -> int:
        """GPUs promised beyond the share, after it was made smaller."""
        return max(0, self.promised - self.share.gpus)

    @property
    def percent(self) -> float:
        return round(100 * self.promised / self.share.gpus, 1) if self.share.gpus else 0.0

    @property
    def tone(self) -> str:
        if self.over or self.percent > self.share.pool.policy_line_percent:
            return "bad"
        return "warn" if self.percent >= WARNS_PERCENT else ""


def share_lines(shares: Iterable[Share]) -> list[ShareLine]:
    """The shares with what is promised from them now; one query for all sums."""
    rows = [*shares]
    promised = promised_of_shares([row.pk for row in rows], timezone.now())
    return [ShareLine(row, promised.get(row.pk, 0)) for row in rows]


def own_shares(user: User, cluster_ids: Iterable[int]) -> list[ShareLine]:
    """Of the shares from which somebody may promise, those on the clusters; by cluster and kind."""
    rows = Share.objects.visible_to(user, "approve").filter(pool__cluster__in=[*cluster_ids], gpus__gt=0)
    rows = rows.select_related("authority", "pool__cluster", "pool__kind")
    return share_lines(rows.order_by("pool__cluster__name", "pool__kind__name", "authority__name"))
