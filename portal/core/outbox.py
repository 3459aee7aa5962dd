"""Work that must happen once although everything may crash: claim, do it outside, settle.

A row that wants work has ``lease_until`` (nobody else may take it before) and ``fence`` (a number that grows with
every claim). Whoever claimed late and is overtaken finds its fence stale when it settles, and its result is dropped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model)


def claim(queryset: models.QuerySet[Row], *, lease_seconds: float, limit: int) -> list[Row]:
    """Take up to ``limit`` rows of ``queryset`` for this worker until the lease ends; rows taken elsewhere are skipped.

    The short transaction here is over when this returns: the work itself runs with none open.
    """
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    with transaction.atomic():
        ids = list(
            queryset.filter(free)
            .order_by("pk")
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)[:limit]
        )
        table = queryset.model._base_manager
        table.filter(pk__in=ids).update(lease_until=now + timedelta(seconds=lease_seconds), fence=F("fence") + 1)
        return list(queryset.model._default_manager.filter(pk__in=ids).order_by("pk"))


def settle(row: models.Model, **fields: Any) -> bool:
    """Write the outcome and give the lease back, if the claim is still ours. False: somebody took over meanwhile."""
    fence: int = row.fence  # type: ignore[attr-defined]  # every outbox row has one
    table = type(row)._base_manager
    changed = table.filter(pk=row.pk, fence=fence).update(lease_until=None, **fields)
    if changed:
        for name, value in {"lease_until": None, **fields}.items():
            setattr(row, name, value)
    return bool(changed)
