"""Where a rule would grant what was asked, and what that does to the pools now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from portal.core.locks import hold
from resources.models import AutoRule, CapacityPool, Grant, QuotaRequest, Share
from resources.quantities import Promise, peak
from resources.queries.capacity import Placement, Preview, as_asked, effects_of, preview
from resources.queries.deciders import objection, payable, payers, second_person_because
from resources.queries.offers import cleared
from resources.queries.rules import Asked, Miss, Room, misses_now
from resources.queries.rulings import SoFar

EVER = timedelta(days=3650)
Places = dict[int, CapacityPool]
"""Line id → pool, for the lines that leave it to whoever decides."""


def consider(rule: AutoRule, request: QuotaRequest, asked: Asked, lines: Sequence[SoFar]) -> tuple[list[Miss], Places]:
    """What of the rule does not hold at this moment, and where its lines would go. Holds the pools until commit.

    The rule pays from the shares that the person responsible for it may promise from, as they are now.
    """
    person = rule.activated_by
    if person is None or not person.is_active or objection(person, request):
        return [Miss("right", {"person": str(person)})], {}
    if objection(rule.set_by, request):
        return [Miss("author")], {}
    shares = next((held for authority, held in payers(person, request, lines) if authority.pk == rule.authority_id), {})
    if len(payable(lines, shares)) < len(lines):
        return [Miss("share")], {}
    hold("pool", *shares)
    fresh = Share.objects.select_related("authority", "pool__cluster", "pool__kind").in_bulk(
        [s.pk for s in shares.values()]
    )
    placed = _place(request, lines, {share.pool_id: share for share in fresh.values()})
    if len(placed) < len(lines):
        return [Miss("share")], {}
    rooms = [room_of(effect) for effect in effects_of(placed)]
    second = bool(second_person_because(rule.authority_id, placed, ()))  # nobody decided before
    anywhere = {each.line.pk: each.pool for each in placed if each.line.pool_id is None}
    return misses_now(rule, held_by(request, asked), rooms, second=second), anywhere


def _place(request: QuotaRequest, lines: Sequence[SoFar], shares: dict[int, Share]) -> list[Placement]:
    """Each line in its pool; one that names none where most is left below the policy line."""
    taken: list[Placement] = []
    for each in lines:
        line = each.line
        if line.pool_id:
            found = [shares[line.pool_id]] if line.pool_id in shares else []
        else:
            found = [s for s in shares.values() if s.pool.kind_id == line.kind_id and cleared(request.project, s.pool)]
        tried = [as_asked(line, share.pool, share, each.left) for share in sorted(found, key=lambda share: share.pk)]
        if tried:
            taken.append(max(tried, key=lambda one: _ease(effects_of([*taken, one])[-1])))
    return taken


def _ease(effect: Preview) -> tuple[bool, int]:
    return effect.fits >= effect.give, effect.left


def room_of(effect: Preview) -> Room:
    """An effect as rules weigh it."""
    now = timezone.now()
    ever = preview(effect.pool, now, now + EVER)
    share_left = effect.share.gpus - effect.share_before if effect.share else 0
    return Room(
        str(effect.pool), effect.give, effect.before, effect.promisable, effect.before + effect.room_below_line, share_left,
        calm=ever.room_below_line >= 0,
    )  # fmt: skip


def held_by(request: QuotaRequest, asked: Asked) -> int:
    """The most GPUs that are granted to the tenant at any instant of the time it asks for."""
    rows = Grant.objects.counting().filter(tenant=request.tenant_id, starts_at__lt=asked.ends, ends_at__gt=asked.begins)
    promised = [Promise(*row) for row in rows.values_list("amount", "starts_at", "ends_at")]
    return peak(promised, asked.begins, asked.ends)[0]
