"""Keeping guardian's grants the projection they are, when time passes or a row went missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.core.access import granted, live_now
from portal.core.audit import record
from portal.core.events import announce
from portal.core.locks import hold
from portal.models import User
from tenants.services.memberships import OFFICES, project

Pair = tuple[int, int]
"""(anchor id, user id)."""


@dataclass(frozen=True)
class Difference:
    """Grants that are not what the live memberships say, of one person on one anchor."""

    label: str
    anchor_id: int
    user_id: int
    missing: frozenset[str]
    surplus: frozenset[str]


def differences(label: str, around: Q | None = None) -> Iterator[Difference]:
    """Compare grants with memberships; ``around`` narrows it to the people of these memberships."""
    office = OFFICES[label]
    memberships = office.memberships._default_manager.all()
    people = list(memberships.filter(around).values_list("user_id", flat=True)) if around is not None else None
    live = memberships.filter(live_now())
    if people is not None:
        live = live.filter(user__in=people)
    wanted: dict[Pair, set[str]] = defaultdict(set)
    for anchor_id, user_id, role in live.values_list(f"{office.field}_id", "user_id", "role"):
        wanted[anchor_id, user_id] |= office.grants[role]
    held: dict[Pair, set[str]] = defaultdict(set)
    for anchor_id, user_id, codename in granted(label, people):
        held[anchor_id, user_id].add(codename)
    for anchor_id, user_id in sorted(wanted.keys() | held.keys()):
        should, has = wanted[anchor_id, user_id], held[anchor_id, user_id]
        if should != has:
            yield Difference(label, anchor_id, user_id, frozenset(should - has), frozenset(has - should))


def rebuild(label: str) -> list[Difference]:
    """Make every grant of this kind of anchor what the memberships say; what was wrong."""
    found = list(differences(label))
    for difference in found:
        mend(difference)
    return found


@transaction.atomic
def mend(difference: Difference) -> None:
    """Project one person's roles on one anchor again; audited, since a right changes."""
    office = OFFICES[difference.label]
    anchor = office.anchor_model._default_manager.get(pk=difference.anchor_id)
    user = User.objects.get(pk=difference.user_id)
    hold("rights", user.pk)
    project(anchor, user)
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    record(
        "grants.projected", acting_user=None, target=anchor, before={"surplus": sorted(difference.surplus)},
        after={"user": user.pk, "missing": sorted(difference.missing)}, **office.audit(anchor),
    )  # fmt: skip
    announce("membership.changed", topics=[f"user.{user.pk}"], user=str(user.public_id))


def sweep(days: int = 2) -> int:
    """Take back what ended and give what began in the last ``days``; how many people's rights that changed."""
    now = timezone.now()
    since = now - timedelta(days=days)
    changed = Q(valid_until__gt=since, valid_until__lte=now) | Q(valid_from__gt=since, valid_from__lte=now)
    count = 0
    for label in OFFICES:
        for difference in differences(label, changed):
            mend(difference)
            count += 1
    return count
