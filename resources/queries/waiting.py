"""What waits for a decision by this person, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from resources.models import QuotaRequest
from resources.queries.conditions import due_for
from resources.queries.deciders import in_reach
from tenants.models import OnboardingCase

OPEN = ("submitted", "in_review", "awaiting_second", "appealed")


@dataclass(frozen=True)
class Waiting:
    title: str
    text: str
    url: str
    due_at: datetime | None

    @property
    def late(self) -> bool:
        return self.due_at is not None and self.due_at < timezone.now()


def waiting_for(user: User, limit: int = 6) -> list[Waiting]:
    """Requests, applications and conditions of grants that this person may decide; three queries."""
    requests = (
        QuotaRequest.objects.visible_to(user, "decide")
        .filter(in_reach(user), state__in=OPEN)
        .select_related("tenant", "project")
    )
    cases = OnboardingCase.objects.visible_to(user, "decide").filter(state__in=OPEN)
    soonest = F("due_at").asc(nulls_last=True)
    found = [
        Waiting(
            row.tenant.name,
            f"{row.reference} · {row.project.name}",
            reverse("request", args=[row.public_id]),
            row.due_at,
        )
        for row in requests.order_by(soonest, "pk")[:limit]
    ]
    found += [
        Waiting(
            row.organisation,
            f"{row.reference} · {row.get_kind_display()}",
            reverse("case", args=[row.public_id]),
            row.due_at,
        )
        for row in cases.order_by(soonest, "pk")[:limit]
    ]
    found += [
        Waiting(
            row.tenant.name, f"{row.request.reference} · {row.get_state_display()}: {row}",
            reverse("grant-condition", args=[row.public_id]), row.due_at,
        )
        for row in due_for(user).order_by(soonest, "pk")[:limit]
    ]  # fmt: skip
    end_of_time = timezone.now().replace(year=9999)
    return sorted(found, key=lambda each: each.due_at or end_of_time)[:limit]
