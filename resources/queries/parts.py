"""A request that is decided in part: who decided how much of it, for whom the rest waits, and since when.

Everybody who sees the request may read it: it says no more than its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from resources.models import Decision, QuotaRequest, Share
from resources.queries.deciders import possible_pools
from resources.queries.rulings import SoFar, waiting_step
from tenants.models import Authority

State = QuotaRequest.State


@dataclass(frozen=True, slots=True)
class Part:
    """What one authority decided of a request: GPUs of its lines, ``approved`` of them to be given."""

    authority: Authority
    decided: int
    approved: int
    waits: bool
    """Whether a step of it still takes a second person there."""


@dataclass(frozen=True, slots=True)
class InParts:
    """A request on its way: its parts in the order of their first steps, and for whom what is ``left`` waits, ``since`` the
    last step was taken.
    """

    asked: int
    parts: tuple[Part, ...]
    left: int
    others: tuple[Authority, ...]
    since: datetime
    with_tenant: bool
    """Whether the tenant was asked something: then the rest waits for its answer, and an answer begins all anew."""

    @property
    def decided(self) -> int:
        return self.asked - self.left

    @property
    def by(self) -> str:
        return ", ".join(part.authority.name for part in self.parts)

    @property
    def whom(self) -> str:
        """For whom the rest waits, any of them."""
        return gettext(" or ").join(authority.name for authority in self.others)

    @property
    def waits_at(self) -> str:
        """Where a second person has still to agree; "" where none has to."""
        return next((part.authority.name for part in self.parts if part.waits), "")


def in_parts(request: QuotaRequest, lines: Sequence[SoFar]) -> InParts | None:
    """How far an open request is decided; None when nobody decided any of it, or all of it is over."""
    if request.state not in QuotaRequest.OPEN or not any(each.steps for each in lines):
        return None
    waiting = waiting_step(request)
    return InParts(
        sum(each.line.amount for each in lines),
        tuple(_parts(lines, waiting)),
        sum(each.left for each in lines),
        tuple(_others(request, lines)),
        request.decisions.filter(revision=request.revision).latest("step").created_at,
        request.state == State.INFO_REQUESTED,
    )


def _parts(lines: Sequence[SoFar], waiting: Decision | None) -> list[Part]:
    """Of each line a step takes what it gives, and the step that closes it all that is left."""
    found: dict[int, Part] = {}
    for each in lines:
        left = each.line.amount
        for step in each.steps:
            decision = step.decision
            takes = left if step.closes else step.granted
            left -= takes
            last = found.get(decision.deciding_authority_id)
            found[decision.deciding_authority_id] = Part(
                decision.deciding_authority,
                takes + (last.decided if last else 0),
                step.granted + (last.approved if last else 0),
                bool(waiting and waiting.pk == decision.pk) or bool(last and last.waits),
            )
    return [*found.values()]


def _others(request: QuotaRequest, lines: Sequence[SoFar]) -> list[Authority]:
    """Whoever holds a share from which an open line could be paid, by name; who left a rest of it to others is not asked
    again, unless nobody else is there.
    """
    opened = [each for each in lines if each.is_open]
    if not opened:
        return []
    pools = possible_pools(request, [each.line for each in opened])
    rows = Share.objects.filter(gpus__gt=0, pool__in=pools).select_related("authority", "pool")
    shares = [*rows.order_by("authority__name", "pk")]
    found: dict[int, Authority] = {}
    for each in opened:
        line = each.line
        able = [
            share.authority for share in shares
            if (share.pool_id == line.pool_id if line.pool_id else share.pool.kind_id == line.kind_id)
        ]  # fmt: skip
        left_it = {step.decision.deciding_authority_id for step in each.steps}
        asked = [authority for authority in able if authority.pk not in left_it] or able
        found |= {authority.pk: authority for authority in asked}
    return sorted(found.values(), key=lambda authority: (authority.name, authority.pk))
