"""What waits for somebody, as the menu counts it: at most one more than it shows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value

from portal.core.registry import MOST_COUNTED
from portal.core.written import Written
from portal.models import User
from resources.models import Decision, GrantCondition, IdleFinding, QuotaRequest
from resources.queries.deciders import in_reach


def _waiting(user: User, now: datetime) -> QuerySet[Any]:
    """Requests that this person can decide now; those they approved themselves wait for somebody else."""
    mine = Decision.objects.filter(request=OuterRef("pk"), decider_id=user.pk, revision=OuterRef("revision"))
    rows = QuotaRequest.objects.visible_to(user, "decide", few=True)
    rows = rows.filter(in_reach(user, now), state__in=QuotaRequest.DECIDABLE)
    return _first(rows.exclude(Exists(mine), state=QuotaRequest.State.AWAITING_SECOND))


def _beside(user: User, _now: datetime) -> QuerySet[Any]:
    """Findings and conditions that this person can decide about now: (which of the two, key)."""
    findings = IdleFinding.objects.visible_to(user, "decide", few=True).filter(state__in=IdleFinding.DECIDABLE)
    conditions = GrantCondition.objects.visible_to(user, "decide", few=True).filter(
        state__in=GrantCondition.WITH_APPROVER
    )
    return _named(IDLE, findings).union(_named(CONDITIONS, conditions), all=True)


def _named(name: int, rows: QuerySet[Any]) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.order_by().annotate(name=Value(name)).values_list("name", "pk")
    return found[: MOST_COUNTED + 1]


def _first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values("pk")[: MOST_COUNTED + 1]


IDLE, CONDITIONS = 1, 2
WAITING, BESIDE = Written(_waiting), Written(_beside)


def beside(user: User, name: int) -> int:
    """How many findings (``IDLE``) or conditions (``CONDITIONS``) wait for this person. One query for both numbers of a
    menu: what it answered stays with the person, who is read anew for every page.
    """
    known: Counter[int] | None = user.__dict__.get("_beside")
    if known is None:
        known = user.__dict__["_beside"] = Counter(row[0] for row in BESIDE.rows(user))
    return known[name]
