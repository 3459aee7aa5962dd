"""Idle GPUs as the capacity page of an authority shows them: what open findings say, and of which time they speak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, Sum

from portal.core.access import powers
from portal.models import User
from resources.models import IdleFinding

FEW = 4


@dataclass(frozen=True, slots=True)
class IdleNow:
    """``gpus`` of ``findings`` grants stood idle for as long as policy says, as measured until ``oldest`` … ``newest``."""

    gpus: int
    findings: int
    with_approver: int
    oldest: datetime | None
    newest: datetime | None
    largest: tuple[IdleFinding, ...]

    @property
    def more(self) -> int:
        return self.findings - len(self.largest)


def idle_now(user: User) -> IdleNow | None:
    """Of the open findings that the person sees for an authority; None: they look for none. Two queries, or none."""
    if "view_authority" not in powers(user):
        return None
    rows = IdleFinding.objects.visible_to(user).open()
    sums = rows.aggregate(
        gpus=Sum("gpus"), findings=Count("pk"), newest=Max("until"), oldest=Min("until"),
        with_approver=Count("pk", filter=Q(state__in=IdleFinding.DECIDABLE)),
    )  # fmt: skip
    beside = rows.select_related("tenant", "grant__pool__kind", "grant__pool__cluster")
    largest = tuple(beside.order_by("-gpus", "-pk")[:FEW]) if sums["findings"] else ()
    return IdleNow(sums.pop("gpus") or 0, largest=largest, **sums)
