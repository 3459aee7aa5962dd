"""Conditions of grants, for machines: the same services as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.ui.lists import Filters
from resources.api import serializers as s
from resources.models import GrantCondition, RequestDocument
from resources.queries.conditions import WITH_NAMES
from resources.services import condition_holds, conditions

LONGEST_TEXT = 4000


class ConditionFilters(Filters):
    search_fields = ("text", "tenant__name", "request__reference")
    state = django_filters.MultipleChoiceFilter(choices=GrantCondition.State.choices)
    request = django_filters.UUIDFilter(field_name="request__public_id")
    grant = django_filters.UUIDFilter(field_name="request__lines__grants__public_id", distinct=True)

    class Meta:
        model = GrantCondition
        fields = ("q", "state", "request", "grant")


@extend_schema_serializer(component_name="GrantConditionSayMetInput")
class SayMetInput(serializers.Serializer[Any]):
    """``document``: one of the request's, attached before (POST …/requests/…/documents/)."""

    note = serializers.CharField(max_length=LONGEST_TEXT)
    document = s.Named(RequestDocument, required=False, allow_null=True, default=None)


@extend_schema_serializer(component_name="GrantConditionNoteInput")
class NoteInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")


@extend_schema_serializer(component_name="GrantConditionReasonInput")
class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_TEXT)


@extend_schema_serializer(component_name="GrantConditionShortenInput")
class ShortenInput(ReasonInput):
    """``keep_hours``: budgets of GPU-hours keep all that is left and can be used; else as large a part as of the time."""

    last_day = serializers.DateField()
    keep_hours = serializers.BooleanField(default=False)


class ConditionViewSet(ReadViewSet):
    queryset = GrantCondition.objects.select_related(
        *WITH_NAMES, "request__tenant", "request__authority", "document", "said_by", "closed_by"
    )
    serializer_class = s.GrantConditionSerializer
    filterset_class = ConditionFilters
    verbs = {  # noqa: RUF012 - declared a ClassVar
        "say_met": "answer", **dict.fromkeys(("confirm", "send_back", "lift", "suspend", "shorten"), "decide"),
    }  # fmt: skip
    token_scopes = {"say_met": "requests:write"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "say_met": SayMetInput, "confirm": NoteInput, "shorten": ShortenInput,
        **dict.fromkeys(("send_back", "lift", "suspend"), ReasonInput),
    }  # fmt: skip

    def act(self, what: Callable[..., GrantCondition], request: Request) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        what(acting_user=self.person, condition=row, **facts)
        return self.answer(self.queryset.all().get(pk=row.pk))

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"], url_path="say-met")
    def say_met(self, request: Request, **kwargs: Any) -> Response:
        """Say that it is met, and by what one sees it; an approver looks at that."""
        return self.act(conditions.say_met, request)

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        return self.act(conditions.confirm_met, request)

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        return self.act(conditions.send_back_condition, request)

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, **kwargs: Any) -> Response:
        return self.act(conditions.lift_condition, request)

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, **kwargs: Any) -> Response:
        """Suspend what runs of the grants, while it is overdue, until it is confirmed or lifted."""
        return self.act(condition_holds.suspend_for_condition, request)

    @extend_schema(responses=s.GrantConditionSerializer)
    @action(detail=True, methods=["post"])
    def shorten(self, request: Request, **kwargs: Any) -> Response:
        """Let the grants end with a day, while it is overdue."""
        return self.act(condition_holds.shorten_for_condition, request)
