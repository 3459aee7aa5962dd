"""What waits for somebody, as the menu counts it: at most one more than it shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.core.registry import MOST_COUNTED
from portal.core.written import Written
from portal.models import User
from resources.models import Decision, IdleFinding, QuotaRequest
from resources.queries.deciders import in_reach


def _waiting(user: User, now: datetime) -> QuerySet[Any]:
    """Requests that this person can decide now; those they approved themselves wait for somebody else."""
    mine = Decision.objects.filter(request=OuterRef("pk"), decider_id=user.pk, revision=OuterRef("revision"))
    rows = QuotaRequest.objects.visible_to(user, "decide", few=True)
    rows = rows.filter(in_reach(user, now), state__in=QuotaRequest.DECIDABLE)
    return _first(rows.exclude(Exists(mine), state=QuotaRequest.State.AWAITING_SECOND))


def _idle_waiting(user: User, _now: datetime) -> QuerySet[Any]:
    """Findings that this person can decide about now."""
    return _first(IdleFinding.objects.visible_to(user, "decide", few=True).filter(state__in=IdleFinding.DECIDABLE))


def _first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values("pk")[: MOST_COUNTED + 1]


WAITING, IDLE_WAITING = Written(_waiting), Written(_idle_waiting)
