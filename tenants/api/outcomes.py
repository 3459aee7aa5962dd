"""Conditions of admissions and the texts of officers, for machines; and what decisions are made of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.ui.lists import Filters
from tenants.api.people import PersonSerializer
from tenants.models import Authority, CaseCondition, CaseDocument, StockText
from tenants.services import stock
from tenants.services.conditions import Condition, meet_condition


class ConditionInput(serializers.Serializer[Any]):
    """What has to be done, by the end of which day, and by whom."""

    text = serializers.CharField(max_length=500)
    due_on = serializers.DateField()
    responsible = serializers.CharField(max_length=150)

    def to_internal_value(self, data: Any) -> Any:
        return Condition(**super().to_internal_value(data))


class ApproveInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")
    conditions = ConditionInput(many=True, default=list)


class AskInput(serializers.Serializer[Any]):
    """What is missing; ``answers``: question key → what is wrong with that answer; ``days``: how long they have."""

    reason = serializers.CharField(max_length=4000)
    answers = serializers.DictField(child=serializers.CharField(max_length=1000), default=dict)
    days = serializers.IntegerField(min_value=1, max_value=365, allow_null=True, default=None)


class RejectInput(serializers.Serializer[Any]):
    """``grounds``: keys of GET /api/v1/applications/{id}/grounds/."""

    reason = serializers.CharField(max_length=4000)
    grounds = serializers.ListField(child=serializers.CharField(max_length=60), default=list)


class AppealInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=8000)


class GroundSerializer(serializers.Serializer[Any]):
    """A ground to choose from, in every language that it is written in."""

    key = serializers.CharField()
    texts = serializers.DictField(child=serializers.CharField())


class CaseEffectSerializer(serializers.Serializer[Any]):
    """What a way of deciding leads to: why a second person is needed ("" if not), who it could be, what follows.

    ``blocked``: why it would be refused now, "" if it would not.
    """

    blocked = serializers.CharField(allow_blank=True)
    second = serializers.CharField(allow_blank=True)
    awaited = serializers.ListField(child=serializers.CharField())
    sentences = serializers.ListField(child=serializers.CharField())


class ConditionSerializer(serializers.ModelSerializer[CaseCondition]):
    application = serializers.UUIDField(source="case.public_id")
    met_by = PersonSerializer(allow_null=True)
    document = serializers.UUIDField(source="document.public_id", allow_null=True, default=None)

    class Meta:
        model = CaseCondition
        fields = (
            "public_id", "application", "number", "text", "responsible", "due_at", "state", "evidence", "document",
            "met_by", "met_at", "suspended_at",
        )  # fmt: skip


class MeetInput(serializers.Serializer[Any]):
    evidence = serializers.CharField(max_length=4000)
    document = serializers.UUIDField(allow_null=True, default=None)


class ConditionFilters(Filters):
    search_fields = ("text", "responsible", "case__reference")


class ConditionViewSet(ReadViewSet):
    """Conditions of admissions that the caller's organisation has to meet, or their authority watches."""

    queryset = CaseCondition.objects.standing().select_related("case", "met_by", "document")
    serializer_class = ConditionSerializer
    filterset_class = ConditionFilters
    verbs = {"met": "decide"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"met": MeetInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses=ConditionSerializer)
    @action(detail=True, methods=["post"])
    def met(self, request: Request, **kwargs: Any) -> Response:
        """Say that it is met, and by what one sees it."""
        row, facts = self.get_object(), self.cleaned(request)
        chosen = facts.pop("document")
        document = fetch(CaseDocument.objects.all(), self.person, public_id=chosen) if chosen else None
        return self.answer(meet_condition(acting_user=self.person, condition=row, document=document, **facts))


class TextsField(serializers.DictField):
    """Language → text; English at least."""

    child = serializers.CharField(max_length=1000, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        known = dict(settings.LANGUAGES)
        return {code: text for code, text in super().to_internal_value(data).items() if code in known}


class StockTextSerializer(serializers.ModelSerializer[StockText]):
    authority = serializers.UUIDField(source="authority.public_id")
    texts = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = StockText
        fields = ("public_id", "authority", "use", "texts", "retired_at", "created_at")


class StockTextInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    use = serializers.ChoiceField(StockText.Use.choices)
    texts = TextsField()


class StockTextsInput(serializers.Serializer[Any]):
    texts = TextsField()


class StockTextViewSet(ReadViewSet):
    """Grounds, reasons and questions that officers of the caller's authorities choose from."""

    queryset = StockText.objects.select_related("authority")
    serializer_class = StockTextSerializer
    verbs = {"update": "edit", "destroy": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": StockTextInput, "update": StockTextsInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses={201: StockTextSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        verb = "approve" if facts["use"] in StockText.OF_REQUESTS else "decide"
        authority = fetch(Authority.objects.all(), self.person, verb, public_id=facts.pop("authority"))
        row = stock.add_stock_text(acting_user=self.person, authority=authority, **facts)
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=StockTextSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(stock.change_stock_text(acting_user=self.person, row=row, **self.cleaned(request)))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take it off the list; decisions that used it keep it."""
        stock.retire_stock_text(acting_user=self.person, row=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
