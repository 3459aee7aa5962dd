"""Requests with what hangs on them, and whom they concern."""

from __future__ import annotations

import hashlib

from django.db import models
from django.db.models import Prefetch, Q

from portal.models import User
from resources.models import Decision, QuotaRequest, RequestDocument, RequestLetter, RequestLine


def with_lines() -> Prefetch[str]:
    """The lines of requests, all revisions, with kind, cluster and pool."""
    return Prefetch("lines", queryset=RequestLine.objects.select_related("pool", "cluster", "kind").order_by("pk"))


def with_lines_in_short() -> Prefetch[str]:
    """The lines of requests as lists show them: how much, of which kind, where and when, and nothing else read.

    They are the list ``shown_lines`` of each request: as its ``lines`` each would get a question of its own, never asked.
    """
    rows = RequestLine.objects.select_related("cluster", "kind").only(
        "request_id", "revision", "amount", "budget_hours", "starts_at", "ends_at", "cluster__name", "kind__name"
    )
    return Prefetch("lines", queryset=rows.order_by("pk"), to_attr="shown_lines")


def with_decisions() -> Prefetch[str]:
    """The decisions of requests in their order."""
    rows = Decision.objects.select_related("decider", "on_behalf_of", "deciding_authority", "answers", "rule")
    rows = rows.prefetch_related("lines__line", "lines__share__pool").order_by("revision", "step")
    return Prefetch("decisions", queryset=rows)


def face_of(request: QuotaRequest) -> str:
    """What the request says, in a few letters: whoever changes a draft shows by them which text was read."""
    lines = [
        (
            each.pool_id,
            each.kind_id,
            each.amount,
            each.budget_hours,
            each.starts_at.timestamp(),
            each.ends_at.timestamp(),
        )
        for each in request.current_lines
    ]
    said = (
        request.project_id, request.purpose, request.stage, request.mode_id, sorted(request.mode_answers.items()), lines
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def documents_of(request: QuotaRequest, user: User) -> models.QuerySet[RequestDocument]:
    """The documents of a request that the person may see, in the order in which they were added."""
    rows = RequestDocument.objects.visible_to(user).filter(request=request)
    return rows.select_related("added_by").order_by("pk")


def letters_about(request: QuotaRequest, user: User) -> models.QuerySet[RequestLetter]:
    """The letters about a request that the person may read, the newest first, without their files."""
    return RequestLetter.objects.visible_to(user).filter(request=request).defer("pdf").order_by("-pk")


def concerning(user: User) -> Q:
    """Requests that the person made, took into review, or decided."""
    decided = QuotaRequest.objects.filter(decisions__decider=user).values("pk")
    return Q(requested_by=user) | Q(reviewer=user) | Q(pk__in=decided)
