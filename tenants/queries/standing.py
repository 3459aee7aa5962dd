"""In whose right somebody decides: their own, or that of a colleague who is away and named them.

Four eyes look through delegation: who stands in for somebody is no second person beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.models import User
from tenants.errors import FourEyes
from tenants.models import Authority, AuthorityMembership

Objection = Callable[[User], str]
"""Why a person stands too near to a matter to decide it; "" when they do not."""
Clusters = Callable[[], frozenset[UUID]]
"""→ public ids of the clusters that a matter is about."""


@dataclass(frozen=True)
class Standing:
    """The right in which somebody acts. ``on_behalf_of`` None: their own."""

    on_behalf_of: User | None = None
    gpu_limit: int | None = None

    @property
    def facts(self) -> dict[str, int]:
        """For the record of the act."""
        return {"on_behalf_of": self.on_behalf_of.pk} if self.on_behalf_of else {}


OWN = Standing()


def standing(
    user: User, authority: Authority | int, role: str, objection: Objection, clusters: Clusters = frozenset
) -> Standing:
    """The first right by which ``user`` may decide: their own, else that of an absent colleague who could.

    ``clusters``: asked for those it is about, where a right is limited to some; one that leaves one out is passed over.
    Raises FourEyes when the person stands too near themselves, or when everybody whose right they hold does. Rows
    reach a service through ``fetch``: who holds no such role here is not this function's question, and acts as such.
    """
    if against := objection(user):
        raise FourEyes(against)
    refusal = ""
    for row in _rights(user, authority, role):
        if not _reaches(row, clusters):
            continue
        origin: Any = row.delegated_from
        if origin is None:
            return Standing(gpu_limit=row.gpu_limit)
        if origin.user.is_active and not objection(origin.user):
            return Standing(origin.user, _lower(row.gpu_limit, origin.gpu_limit))
        refusal = _(
            "You stand in for %(person)s, who may not decide this themselves: they stand too near to it, or their "
            "account is closed. Somebody else has to decide."
        ) % {"person": origin.user.get_full_name()}
    if refusal:
        raise FourEyes(refusal)
    return OWN


def objection_of(user: User, authority: Authority | int, role: str, objection: Objection) -> str:
    """The same as a sentence, for pages; "" when nothing is in the way."""
    try:
        standing(user, authority, role, objection)
    except FourEyes as error:
        return str(error)
    return ""


def eyes(user: User, since: datetime | None = None) -> set[int]:
    """Ids of the people who count as one pair of eyes with ``user``: whom they stand in for and who stands in for
    them, today or at any time since ``since``.
    """
    now = timezone.now()
    rows = AuthorityMembership.objects.filter(valid_from__lte=now, valid_until__gt=since or now)
    pairs = rows.filter(Q(user=user) | Q(delegated_from__user=user), delegated_from__isnull=False)
    return {user.pk, *chain.from_iterable(pairs.values_list("user_id", "delegated_from__user_id"))}


def _rights(user: User, authority: Authority | int, role: str) -> list[AuthorityMembership]:
    """The rows by which ``user`` holds the role now, their own first, the widest limit first."""
    rows = AuthorityMembership.objects.filter(live_now(), user=user, authority=authority, role=role)
    ordered = rows.order_by(F("delegated_from").asc(nulls_first=True), F("gpu_limit").desc(nulls_first=True), "pk")
    return list(ordered.select_related("delegated_from__user"))


def _reaches(row: AuthorityMembership, clusters: Clusters) -> bool:
    """Whether the row, and the one it was delegated from, decide on all of the clusters."""
    held: list[Any] = [row, *([row.delegated_from] if row.delegated_from else [])]
    return all(not each.only_clusters or clusters() <= set(each.only_clusters) for each in held)


def _lower(one: int | None, other: int | None) -> int | None:
    known = [limit for limit in (one, other) if limit is not None]
    return min(known) if known else None
