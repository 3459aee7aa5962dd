"""Quota requests, grants and quotas, for machines: the same services as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.errors import Refused
from resources import filters
from resources.api import serializers as s
from resources.models import CapacityPool, Grant, Quota, QuotaRequest
from resources.queries.capacity import preview_request
from resources.queries.deciders import choose_payer, payers
from resources.queries.placement import place
from resources.queries.requests import with_decisions, with_lines
from resources.services import decisions
from resources.services import requests as service
from resources.services.wishes import Wish


class RequestViewSet(ReadViewSet):
    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "authority").prefetch_related(
        with_lines(), with_decisions()
    )
    serializer_class = s.RequestSerializer
    filterset_class = filters.RequestFilters
    verbs = {  # noqa: RUF012 - declared a ClassVar
        **dict.fromkeys(("update", "submit", "withdraw", "answer_question"), "edit"),
        **dict.fromkeys(("review", "approve", "reject", "ask", "confirm", "send_back", "preview"), "decide"),
    }
    token_scopes = dict.fromkeys(("create", "update", "submit", "withdraw", "answer_question"), "requests:write")
    input_classes = {  # noqa: RUF012
        "create": s.RequestInput, "update": s.RequestInput, "answer_question": s.AnswerInput, "approve": s.ApprovalInput,
        "preview": s.PreviewInput,
        **dict.fromkeys(("submit", "withdraw", "review", "reject", "ask", "confirm", "send_back"), s.ReasonInput),
    }  # fmt: skip

    @extend_schema(responses={201: s.RequestSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        row = service.draft_request(
            acting_user=self.person, project=facts["project"], purpose=facts["purpose"], wishes=wishes(facts)
        )
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.RequestSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        changed = service.change_draft(
            acting_user=self.person, request=row, project=facts["project"], purpose=facts["purpose"],
            wishes=wishes(facts),
        )  # fmt: skip
        return self.again(changed)

    @extend_schema(request=None, responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **kwargs: Any) -> Response:
        return self.again(service.submit_request(acting_user=self.person, request=self.get_object()))

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        return self.act(service.withdraw_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_question(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        answered = service.answer_request(
            acting_user=self.person, request=row, text=facts["text"], purpose=facts["purpose"], wishes=wishes(facts)
        )
        return self.again(answered)

    @extend_schema(request=None, responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, **kwargs: Any) -> Response:
        return self.again(decisions.take_into_review(acting_user=self.person, request=self.get_object()))

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(
            decisions.approve_request(
                acting_user=self.person,
                request=row,
                amounts=amounts_of(row, facts),
                reason=facts["reason"],
                placements=places_of(row, facts),
            )
        )

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.reject_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.ask_for_changes, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.confirm_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.send_back_request, request)

    @extend_schema(responses=s.EffectSerializer(many=True))
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """What a decision would do to capacity, line by line; nothing is decided."""
        row, facts = self.get_object(), self.cleaned(request)
        payer = choose_payer(payers(self.person, place(row, places_of(row, facts))), row)
        effects = preview_request(row, payer[1] if payer else {}, amounts_of(row, facts))
        return Response(s.EffectSerializer(effects, many=True).data)

    def act(self, what: Callable[..., QuotaRequest], request: Request) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(what(acting_user=self.person, request=row, reason=facts["reason"]))

    def again(self, row: QuotaRequest, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is after the act, with all that hangs on it."""
        return self.answer(self.queryset.all().get(pk=row.pk), code)


def wishes(facts: dict[str, Any]) -> list[Wish]:
    return [Wish(line["pool"], line["amount"], line["starts_at"], line["ends_at"]) for line in facts["lines"]]


def amounts_of(row: QuotaRequest, facts: dict[str, Any]) -> dict[int, int] | None:
    """Line id → GPUs; None: all that is asked. A line that is not named gets nothing."""
    if "amounts" not in facts:
        return None
    return by_line(row, facts["amounts"], "amounts")


def places_of(row: QuotaRequest, facts: dict[str, Any]) -> dict[int, CapacityPool]:
    """Line id → the pool on which it is placed."""
    return by_line(row, facts.get("placements", {}), "placements")


def by_line(row: QuotaRequest, given: dict[str, Any], field: str) -> dict[int, Any]:
    ids = {str(line.public_id): line.pk for line in row.current_lines}
    unknown = sorted(set(given) - ids.keys())
    if unknown:
        raise Refused(
            _("%(reference)s has no line %(line)s in its newest revision.")
            % {"reference": row.reference, "line": unknown[0]},
            field=field,
        )
    return {ids[name]: value for name, value in given.items()}


class GrantViewSet(ReadViewSet):
    queryset = Grant.objects.select_related("tenant", "pool", "environment")
    serializer_class = s.GrantSerializer
    filterset_class = filters.GrantFilters


class QuotaViewSet(ReadViewSet):
    queryset = Quota.objects.select_related("tenant", "pool", "environment")
    serializer_class = s.QuotaSerializer
    filterset_class = filters.QuotaFilters
