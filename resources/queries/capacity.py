"""What a pool can still promise: always over a whole period, for the pool and for the share that pays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from resources.models import CapacityPool, Grant, RequestLine, Share
from resources.quantities import Promise, peak
from resources.queries.continuations import begins_after, continued
from resources.queries.outages import Outage, limit_of, outages, tightest, tightest_below
from resources.queries.terms import terms
from resources.queries.timeline import Level, Timeline
from tenants.models import Project


@dataclass(frozen=True, slots=True)
class Preview:
    """One line's effect on its pool: ``before`` and ``after`` are the most promised at any instant of its period."""

    line: RequestLine | None
    pool: CapacityPool
    share: Share | None
    asked: int
    give: int
    before: int
    share_before: int
    peak_at: datetime
    limit: int | None = None
    """GPUs that can be promised at that moment, where maintenance takes some away; None: all that the pool can."""
    below_line: int | None = None
    """GPUs left up to the policy line without this one, at the moment when they are fewest; None: when most is promised."""
    taken_by: tuple[Outage, ...] = ()
    """The maintenance that takes capacity away at that moment."""
    free_otherwise: int | None = None
    """GPUs that the pool could promise over the period if no maintenance took any; None: none does."""

    @property
    def promisable(self) -> int:
        """GPUs that can be promised at the moment at which least is left."""
        return self.pool.promisable if self.limit is None else self.limit

    @property
    def out(self) -> int:
        """GPUs that maintenance takes from what can be promised at that moment."""
        return self.pool.promisable - self.promisable

    @property
    def policy_line(self) -> int:
        """The policy line at that moment."""
        return self.promisable * self.pool.policy_line_percent // 100

    @property
    def room_below_line(self) -> int:
        return self.pool.line - self.before if self.below_line is None else self.below_line

    @property
    def after(self) -> int:
        return self.before + self.give

    @property
    def share_after(self) -> int:
        return self.share_before + self.give

    @property
    def most(self) -> int:
        """GPUs that could be promised at all: within the pool and within the share."""
        return max(0, min(self.promisable - self.before, self._share_left))

    @property
    def most_otherwise(self) -> int:
        """The same if no maintenance took capacity away."""
        return self.most if self.free_otherwise is None else max(0, min(self.free_otherwise, self._share_left))

    @property
    def fits(self) -> int:
        """GPUs that fit below the policy line, of those asked for."""
        return max(0, min(self.room_below_line, self._share_left, self.asked))

    @property
    def _share_left(self) -> int:
        return self.share.gpus - self.share_before if self.share else self.pool.promisable

    @property
    def left(self) -> int:
        """GPUs between the promise and the policy line; negative when past it."""
        return self.room_below_line - self.give

    @property
    def above(self) -> int:
        return max(0, -self.left)

    @property
    def over_line(self) -> bool:
        return self.give > 0 and self.left < 0

    @property
    def over_pool(self) -> bool:
        return self.give > 0 and self.after > self.promisable

    @property
    def over_share(self) -> bool:
        return self.share is not None and self.give > 0 and self.share_after > self.share.gpus

    @property
    def before_percent(self) -> float:
        return self._percent(self.before)

    @property
    def after_percent(self) -> float:
        return self._percent(self.after)

    @property
    def give_percent(self) -> float:
        return self._percent(self.give)

    @property
    def part(self) -> str:
        """The decision's piece of the bar: its class, and where it begins in percent."""
        return f"{'ask-bad' if self.over_line or self.over_pool else 'ask'}@{self.before_percent:.2f}"

    def _percent(self, gpus: int) -> float:
        return round(100 * gpus / self.promisable, 1) if self.promisable else 0.0


def preview(
    pool: CapacityPool,
    starts_at: datetime,
    ends_at: datetime,
    *,
    asked: int = 0,
    give: int = 0,
    share: Share | None = None,
    also: Iterable[tuple[Promise, int | None]] = (),
    line: RequestLine | None = None,
    windows: Sequence[Outage] | None = None,
) -> Preview:
    """What giving ``give`` GPUs over the period does to ``pool`` and ``share``; ``also`` are promises not saved yet,
    each with the id of the share that pays it.

    The period is counted with the grace that the paying authority gives after it. ``windows``: the maintenance that takes
    capacity away, where it is known already.
    """
    ends_at = held_until(ends_at, share)
    running = [*_promised(pool, starts_at, ends_at), *also]
    every = [promise for promise, _share in running]
    before, at = peak(every, starts_at, ends_at)
    limit = below = otherwise = None
    taken_by: tuple[Outage, ...] = ()
    here = [each for each in _windows(pool, windows, starts_at, ends_at) if each.of(pool)]
    if here and starts_at < ends_at:
        promised = Timeline((Level(starts_at, ends_at, 0),)).plus(every)
        most = limit_of(pool, here, starts_at, ends_at)
        worst, below = tightest(promised, most), tightest_below(promised, most, pool.policy_line_percent)
        otherwise = pool.promisable - before
        before, at, limit = worst.promised, worst.since, worst.most
        taken_by = tuple(each for each in here if each.starts_at <= at < each.ends_at)
    of_share = [promise for promise, share_id in running if share and share_id == share.pk]
    share_before, _at = peak(of_share, starts_at, ends_at) if share else (0, at)
    return Preview(
        line,
        pool,
        share,
        asked,
        give,
        before,
        share_before,
        at,
        limit,
        below,
        taken_by=taken_by,
        free_otherwise=otherwise,
    )


def _windows(
    pool: CapacityPool, known: Sequence[Outage] | None, starts_at: datetime, ends_at: datetime
) -> Iterable[Outage]:
    found = outages([pool], starts_at, ends_at) if known is None else known
    return (each for each in found if each.starts_at < ends_at and each.ends_at > starts_at)


def room_for(pool: CapacityPool, starts_at: datetime, ends_at: datetime, *, asked: int = 0) -> Preview:
    """What a tenant can hope for: the effect of giving all that is asked, paid from the share that has most left.

    Without a share in the pool nobody can give anything.
    """
    shares = Share.objects.filter(pool=pool).order_by("pk") or [Share(pool=pool, gpus=0)]
    windows = outages([pool], starts_at)
    seen = [
        preview(pool, starts_at, ends_at, asked=asked, give=asked, share=share, windows=windows) for share in shares
    ]
    return max(seen, key=lambda each: each.most)


@dataclass(frozen=True, slots=True)
class Placement:
    """What a decision would give of one line: how many, where, when, from whose share; ``closes``: nothing stays open.

    ``budget``: the GPU-hours that it gives, where a budget was asked for; ``fewer_hours``: the decider says that it is less
    than the GPUs' and the time's part of what was asked for.
    """

    line: RequestLine
    pool: CapacityPool
    share: Share | None
    give: int
    starts_at: datetime
    ends_at: datetime
    closes: bool = True
    budget: int | None = None
    fewer_hours: bool = False

    @property
    def shortened(self) -> bool:
        return (self.starts_at, self.ends_at) != (self.line.starts_at, self.line.ends_at)

    @property
    def elsewhere(self) -> bool:
        """Whether it is another pool than was asked for."""
        return self.line.pool_id not in {None, self.pool.pk}


def as_asked(line: RequestLine, pool: CapacityPool, share: Share | None, give: int) -> Placement:
    """So many GPUs of a line, for the period that was asked for."""
    return Placement(line, pool, share, give, line.starts_at, line.ends_at)


def effects_of(placements: Iterable[Placement]) -> list[Preview]:
    """The effect of each placement on its pool and share. Those on one pool see the ones before them."""
    found: list[Preview] = []
    placements = [*placements]
    windows = outages(
        [each.pool for each in placements], min((each.starts_at for each in placements), default=timezone.now())
    )
    promised: dict[int, list[tuple[Promise, int | None]]] = {}
    now, freed = timezone.now(), set()
    for each in placements:
        also = promised.setdefault(each.pool.pk, [])
        prior = continued(each.line.request, each.pool)
        begins = min(begins_after(prior, each.starts_at, now), each.ends_at)
        if prior and prior.grace_until and prior.pk not in freed:  # its grace is given up for what continues it
            freed.add(prior.pk)
            also.append((Promise(-prior.amount, prior.ends_at, prior.grace_until), prior.share_id))
        found.append(
            preview(
                each.pool, begins, each.ends_at,
                asked=each.line.amount, give=each.give, share=each.share, also=also, line=each.line,
                windows=windows,
            )
        )  # fmt: skip
        held = Promise(each.give, begins, held_until(each.ends_at, each.share))
        also.append((held, each.share.pk if each.share else None))
    return found


def held_until(ends_at: datetime, share: Share | None) -> datetime:
    """Until when GPUs paid from the share are held that are granted until ``ends_at``."""
    grace = terms(share.authority_id).grace_until(ends_at) if share and share.authority_id else None
    return grace or ends_at


def shared(pool: CapacityPool) -> int:
    """GPUs in the shares of all authorities together; a sum only, whoever asks."""
    return int(Share.objects.filter(pool=pool).aggregate(gpus=Sum("gpus"))["gpus"] or 0)


def granted_to(project: Project, pool: CapacityPool, starts_at: datetime, ends_at: datetime) -> int:
    """The most that is granted to a project from a pool at any instant of the period."""
    rows = Grant.objects.counting().filter(
        pool=pool, environment__project=project, starts_at__lt=ends_at, ends_at__gt=starts_at
    )  # without grace: what is granted, not what is held
    return peak([Promise(*row) for row in rows.values_list("amount", "starts_at", "ends_at")], starts_at, ends_at)[0]


def promised_now(pool_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """GPUs promised at this instant by pool id; pools without a promise are not in it. Sums only, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pool, gpus FROM app.pools_promised(%s::bigint[], %s)", [list(pool_ids), now])
        return dict(cursor.fetchall())


def promised_of_shares(share_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """GPUs promised at this instant by id of the share that pays. Sums only, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT share, gpus FROM app.shares_promised(%s::bigint[], %s)", [list(share_ids), now])
        return dict(cursor.fetchall())


def _promised(pool: CapacityPool, starts_at: datetime, ends_at: datetime) -> list[tuple[Promise, int | None]]:
    """What is promised from the pool over the period, as steps of each share's sum: nobody's grant can be told.

    (A promise that lasts as long as the sum stays the same, id of the share)
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT share, moment, change FROM app.pool_steps(%s, %s, %s)", [pool.pk, starts_at, ends_at])
        steps = cursor.fetchall()
    found: list[tuple[Promise, int | None]] = []
    for share, changes in groupby(steps, key=itemgetter(0)):
        running, moments = 0, [*changes]
        for (_, at, change), following in zip(moments, [*moments[1:], (share, ends_at, 0)], strict=True):
            running += change
            if running and at < following[1]:
                found.append((Promise(running, at, following[1]), share))
    return found
