"""Who looks after which request: the approvers who may decide it, and how much each of them has in hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from portal.core.access import live_now
from portal.models import User
from resources.models import QuotaRequest, Share
from resources.queries.deciders import objection, possible_pools, same_eyes, touches
from resources.queries.rulings import so_far, waiting_step
from tenants.models import AuthorityMembership
from tenants.roles import AuthorityRole

State = QuotaRequest.State


@dataclass(frozen=True)
class Load:
    """An approver with the requests that wait in their hands: ``open`` of them, ``late`` of these past their day."""

    person: User
    open: int
    late: int


def overdue() -> Q:
    """Requests whose day has passed; one that waits for its tenant is never late."""
    return Q(state__in=QuotaRequest.DECIDABLE, due_at__lt=timezone.now())


def colleagues(request: QuotaRequest) -> list[Load]:
    """Who may decide the request now, by name, with what each has in hand: approvers of authorities that could pay for
    an open line, or who may confirm the step that waits.
    """
    first = waiting_step(request)
    pools = [*first.lines.filter(granted__gt=0).values_list("share__pool", flat=True)] if first else [
        pool.pk for pool in possible_pools(request, [each.line for each in so_far(request) if each.is_open])
    ]  # fmt: skip
    shares = Share.objects.filter(pool__in=pools)
    if first:
        shares = shares.filter(authority=first.deciding_authority)
    clusters = [*shares.values_list("pool__cluster__public_id", flat=True)]
    roles = AuthorityMembership.objects.filter(
        touches(clusters), live_now(), authority__in=shares.values("authority"), role=AuthorityRole.QUOTA_APPROVER,
        user__is_active=True,
    )  # fmt: skip
    people = User.objects.filter(pk__in=roles.values("user")).order_by("full_name", "pk")
    able = [each for each in people if not objection(each, request) and not (first and same_eyes(each, first))]
    rows = QuotaRequest.objects.filter(state__in=QuotaRequest.OPEN, reviewer__in=able)
    held = rows.values("reviewer").order_by().annotate(open=Count("pk"), late=Count("pk", filter=overdue()))
    counts = {row["reviewer"]: (row["open"], row["late"]) for row in held}
    return [Load(each, *counts.get(each.pk, (0, 0))) for each in able]
