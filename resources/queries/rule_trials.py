"""What a rule would have decided of the requests of the past, beside what became of them.

Each request is tried as it was sent first, at the moment at which it was sent: with the grants that were promised then and
those that its tenant held then. Pools, shares, clearances and policies are those of today, since their past is not kept
in numbers; the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.models import User
from resources.models import AutoRule, Decision, Grant, QuotaRequest, RequestLine, Share
from resources.quantities import Promise, lasts_months, peak
from resources.queries.capacity import held_until
from resources.queries.offers import cleared
from resources.queries.requests import with_lines
from resources.queries.rule_places import EVER
from resources.queries.rules import Asked, Miss, Room, asked_of, misses, misses_now
from tenants.models import PolicyRule
from tenants.queries.policies import values_of

Key, State = PolicyRule.Key, QuotaRequest.State
MOST = 500
DIFFERS, UNDECIDED, SAME, LEFT = "differs", "undecided", "same", "left"
ORDER = (DIFFERS, UNDECIDED, SAME, LEFT)
VERDICTS = {
    "part": DIFFERS, "refused": DIFFERS, "changed": DIFFERS, "full": SAME, "rule": SAME, "open": UNDECIDED,
    "gone": UNDECIDED,
}  # fmt: skip


class Held(NamedTuple):
    """A grant as the sums of a moment need it. ``until``: its grace included."""

    pool: int
    share: int
    tenant: int
    amount: int
    begins: datetime
    ends: datetime
    until: datetime
    made: datetime
    over: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """One request. ``missing`` empty: the rule approves it. ``became``: what became of it (a key of VERDICTS)."""

    request: QuotaRequest
    asked: Asked
    missing: tuple[Miss, ...]
    became: str
    by: str = ""

    @property
    def approves(self) -> bool:
        return not self.missing

    @property
    def verdict(self) -> str:
        return VERDICTS[self.became] if self.approves else LEFT


@dataclass(frozen=True, slots=True)
class Trial:
    """``rows``: differences first, the newest of each first. ``cut``: there were more than could be tried."""

    days: int
    rows: tuple[Tried, ...]
    cut: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def approved(self) -> int:
        return sum(row.approves for row in self.rows)

    @property
    def spared(self) -> timedelta | None:
        """How long people took in the mean for what the rule would have approved as they did."""
        took = [
            row.request.decided_at - row.request.submitted_at
            for row in self.rows
            if row.verdict == SAME and row.became == "full" and row.request.decided_at and row.request.submitted_at
        ]
        return sum(took, timedelta()) / len(took) if took else None

    @property
    def spared_hours(self) -> int:
        return round((self.spared or timedelta()) / timedelta(hours=1))


def try_rule(rule: AutoRule, user: User, days: int) -> Trial:
    """Try the rule on what ``user`` sees of its authority's requests of so many days."""
    rows = QuotaRequest.objects.visible_to(user).filter(
        authority=rule.authority_id, submitted_at__gte=timezone.now() - timedelta(days=days)
    )  # fmt: skip
    steps = Prefetch("decisions", queryset=Decision.objects.select_related("rule", "decider").order_by("pk"))
    beside = rows.select_related("tenant", "project__tenant", "mode", "authority").prefetch_related(with_lines(), steps)
    found = list(beside.order_by("-submitted_at", "-pk")[: MOST + 1])
    past = Past(rule, found[:MOST])
    tried = sorted((past.tried(request) for request in found[:MOST]), key=lambda row: ORDER.index(row.verdict))
    counts = {verdict: sum(row.verdict == verdict for row in tried) for verdict in ORDER}
    return Trial(days, tuple(tried), len(found) > MOST, counts)


class Past:
    """The moments at which requests were sent: shares of the rule's authority, and grants; four queries for all."""

    def __init__(self, rule: AutoRule, requests: Sequence[QuotaRequest]) -> None:
        self.rule = rule
        shares = Share.objects.filter(authority=rule.authority_id).select_related(
            "authority", "pool__cluster", "pool__kind"
        )
        self.shares = list(shares.order_by("pk"))
        self.policy = values_of(rule.authority_id, (Key.QUOTA_SECOND_GPUS, Key.QUOTA_SECOND_MONTHS))
        self.grace = held_until(timezone.now(), self.shares[0]) - timezone.now() if self.shares else timedelta()
        pools, tenants = {share.pool_id for share in self.shares}, {request.tenant_id for request in requests}
        held = Grant.objects.filter(Q(pool__in=pools) | Q(tenant__in=tenants)).annotate(
            until=Coalesce("grace_until", "ends_at")
        )
        columns = ("pool", "share", "tenant", "amount", "starts_at", "ends_at", "until", "created_at", "ended_at")
        self.held = [Held(*row) for row in held.values_list(*columns)] if requests else []

    def tried(self, request: QuotaRequest) -> Tried:
        lines = [line for line in request.lines.all() if line.revision == 1]
        asked = asked_of(request, lines)
        missing = misses(self.rule, asked) or self._then(request, asked, lines)
        became, by = what_became(request)
        return Tried(request, asked, tuple(missing), became, by)

    def _then(self, request: QuotaRequest, asked: Asked, lines: Sequence[RequestLine]) -> list[Miss]:
        at = request.submitted_at or request.created_at
        standing = [each for each in self.held if each.made < at and (each.over is None or each.over > at)]
        rooms: list[Room] = []
        taken: list[tuple[Share, Promise]] = []
        for line in lines:
            room, share = self._best(request, line, standing, taken, at)
            if room is None or share is None:
                return [Miss("share")]
            rooms.append(room)
            taken.append((share, Promise(line.amount, line.starts_at, line.ends_at + self.grace)))
        own = [Promise(each.amount, each.begins, each.ends) for each in standing if each.tenant == request.tenant_id]
        return misses_now(self.rule, peak(own, asked.begins, asked.ends)[0], rooms, second=self._second(lines))

    def _best(
        self, request: QuotaRequest, line: RequestLine, standing: Iterable[Held], taken: Sequence[tuple[Share, Promise]],
        at: datetime,
    ) -> tuple[Room | None, Share | None]:  # fmt: skip
        """Where the line would have gone: its own pool, or where most was left of its kind."""
        mine = [
            share for share in self.shares
            if (share.pool_id == line.pool_id if line.pool_id else share.pool.kind_id == line.kind_id)
            and cleared(request.project, share.pool)
        ]  # fmt: skip
        found = [(self._room(line, share, standing, taken, at), share) for share in mine]
        return max(found, key=lambda pair: _ease(pair[0]), default=(None, None))

    def _room(
        self, line: RequestLine, share: Share, standing: Iterable[Held], taken: Sequence[tuple[Share, Promise]],
        at: datetime,
    ) -> Room:  # fmt: skip
        pool = share.pool
        begins, ends = max(line.starts_at, at), max(line.ends_at, at) + self.grace
        here = [each for each in standing if each.pool == pool.pk]
        new = [(other, promise) for other, promise in taken if other.pool_id == pool.pk]
        every = [Promise(each.amount, each.begins, each.until) for each in here]
        paid = [Promise(each.amount, each.begins, each.until) for each in here if each.share == share.pk]
        ever, _at = peak(every, at, at + EVER)
        before, _at = peak([*every, *(promise for _share, promise in new)], begins, ends)
        of_share, _at = peak([*paid, *(promise for other, promise in new if other == share)], begins, ends)
        return Room(
            str(pool), line.amount, before, pool.promisable, pool.line, share.gpus - of_share, calm=ever <= pool.line
        )

    def _second(self, lines: Sequence[RequestLine]) -> bool:
        months = self.policy[Key.QUOTA_SECOND_MONTHS]
        return sum(line.amount for line in lines) >= self.policy[Key.QUOTA_SECOND_GPUS] or any(
            lasts_months(line.starts_at, line.ends_at, months) for line in lines
        )


def _ease(room: Room) -> tuple[bool, int]:
    left = min(room.line - room.before, room.share_left)
    return left >= room.give, room.line - room.before - room.give


def what_became(request: QuotaRequest) -> tuple[str, str]:
    """What became of a request that was sent, and who decided it last, as people read it."""
    steps: list[Any] = list(request.decisions.all())
    by = steps[-1].taken_by if steps else ""
    match request.state:
        case State.APPROVED if any(step.rule_id for step in steps):
            return "rule", by
        case State.APPROVED:
            return ("full" if request.revision == 1 else "changed"), by
        case State.PARTIALLY_APPROVED:
            return "part", by
        case State.REJECTED:
            return "refused", by
        case State.WITHDRAWN | State.LAPSED:
            return "gone", by
    return "open", by
