"""A pool's coming months as somebody plans them: what is promised, and what chosen open requests would add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from resources.models import CapacityPool, Grant, QuotaRequest, RequestLine, Share
from resources.quantities import Promise
from resources.queries.outages import limits
from resources.queries.supposing import Against, Supposed, against, first_fit, tighter, too_much
from resources.queries.timeline import Level, Timeline, timelines

NOTHING = Supposed()


@dataclass(frozen=True, slots=True)
class Fit:
    """When a wish would fit. None: not within the time that was looked at.

    ``at``: with nothing against it all the while, neither the policy line nor the shares of the person's authorities;
    ``at_all``: as far as the pool goes.
    """

    gpus: int
    days: int
    at: datetime | None
    at_all: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """``now``: the promise as it is; ``then``: with the chosen requests; ``of_share``: what the person's shares pay.

    ``limit``: what the pool can promise; ``supposed``: what somebody supposes about the hardware meanwhile.
    """

    pool: CapacityPool
    now: Timeline
    then: Timeline | None
    of_share: Timeline | None
    share: int
    chosen: tuple[QuotaRequest, ...]
    limit: Timeline
    supposed: Supposed = NOTHING

    @property
    def most(self) -> Timeline:
        """What can be promised at each moment, without what maintenance takes away."""
        return self.supposed.over(self.limit)

    @property
    def line(self) -> Timeline:
        """The policy line at each moment."""
        percent = self.pool.policy_line_percent
        return Timeline(
            tuple(Level(level.since, level.until, level.promised * percent // 100) for level in self.most.levels)
        )

    @property
    def best(self) -> Timeline:
        return self.then or self.now

    @property
    def peak(self) -> Level:
        return self.best.peak(self.best.since, self.best.until)

    @property
    def top(self) -> int:
        return max(self.peak.promised, *(level.promised for level in self.most.levels))

    @property
    def times(self) -> list[Against]:
        """Promise and limit side by side."""
        return [*against(self.best, self.most)]

    @property
    def past_line(self) -> list[Against]:
        return too_much(against(self.best, self.line))

    @property
    def past_pool(self) -> list[Against]:
        return too_much(against(self.best, self.most))

    @property
    def past_share(self) -> list[Level]:
        return self.of_share.above(self.share) if self.of_share else []

    def others(self, named: Iterable[Grant]) -> int:
        """GPUs promised now that the person does not see by name."""
        return max(0, self.now.levels[0].promised - sum(grant.amount for grant in named))

    def fit(self, gpus: int, days: int) -> Fit:
        """When so many GPUs would fit for so many days, after the chosen requests."""
        lasting, times = timedelta(days=days), against(self.best, self.line)
        if self.of_share:
            whole = Timeline((Level(self.best.since, self.best.until, self.share),))
            times = tighter(times, against(self.of_share, whole))
        return Fit(gpus, days, first_fit(times, gpus, lasting), first_fit(self.times, gpus, lasting))


def waiting_for(user: Any, pool: CapacityPool) -> Any:
    """Open requests that ask for GPUs of the pool and that the person may see, the oldest first."""
    rows = QuotaRequest.objects.visible_to(user).open().filter(lines__pool=pool).distinct()
    return rows.select_related("tenant", "project").order_by("submitted_at", "pk")


def plan(
    pool: CapacityPool,
    user: Any,
    since: datetime,
    until: datetime,
    requests: Iterable[QuotaRequest] = (),
    supposed: Supposed = NOTHING,
) -> Plan:
    """The pool from ``since`` to just before ``until``, with ``requests`` as if they were approved in full."""
    chosen = tuple(requests)
    shares = Share.objects.visible_to(user, "approve").filter(pool=pool)
    share_ids, gpus = [*shares.values_list("pk", flat=True)], shares.aggregate(gpus=Sum("gpus"))["gpus"] or 0
    asked = [
        Promise(line.amount, line.starts_at, line.ends_at)
        for line in RequestLine.objects.filter(request__in=chosen, pool=pool).select_related("request")
        if line.revision == line.request.revision
    ]
    now = timelines([pool.pk], since, until)[pool.pk]
    mine = timelines([pool.pk], since, until, share_ids)[pool.pk].plus(asked) if share_ids else None
    return Plan(
        pool,
        now,
        now.plus(asked) if chosen else None,
        mine,
        gpus,
        chosen,
        limits([pool], since, until)[pool.pk],
        supposed,
    )
