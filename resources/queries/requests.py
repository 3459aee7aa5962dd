"""Requests with what hangs on them, and whom they concern."""

from __future__ import annotations

from django.db.models import Prefetch, Q

from portal.models import User
from resources.models import Decision, QuotaRequest, RequestLine


def with_lines() -> Prefetch[str]:
    """The lines of requests, all revisions, with kind, cluster and pool."""
    return Prefetch("lines", queryset=RequestLine.objects.select_related("pool", "cluster", "kind").order_by("pk"))


def with_decisions() -> Prefetch[str]:
    """The decisions of requests in their order."""
    rows = Decision.objects.select_related("decider", "on_behalf_of", "deciding_authority", "answers")
    rows = rows.prefetch_related("lines__line", "lines__share__pool").order_by("revision", "step")
    return Prefetch("decisions", queryset=rows)


def concerning(user: User) -> Q:
    """Requests that the person made, took into review, or decided."""
    decided = QuotaRequest.objects.filter(decisions__decider=user).values("pk")
    return Q(requested_by=user) | Q(reviewer=user) | Q(pk__in=decided)
