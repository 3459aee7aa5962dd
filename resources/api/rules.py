"""Rules that approve requests, for machines: the same versions, and the same trial on the past, as on the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from resources.api.serializers import RuleCitedSerializer
from resources.models import AutoRule
from resources.queries.rule_trials import ORDER, VERDICTS, Trial, try_rule
from resources.services import rules as service
from tenants.models import Authority, DataClass, OrganisationKind

LARGEST = 2_000_000_000


class RuleSerializer(serializers.ModelSerializer[AutoRule]):
    authority = serializers.UUIDField(source="authority.public_id")
    written_by = serializers.CharField(source="set_by.get_full_name")
    responsible = serializers.CharField(source="activated_by.get_full_name", allow_null=True, default=None)

    class Meta:
        model = AutoRule
        fields = (
            "public_id", "authority", "slug", "version", "name", "position", "modes", "tenant_kinds", "kinds",
            "max_data_class", "max_gpus", "max_gpu_hours", "max_days", "max_held", "keep_free_percent", "only_calm", "note",
            "written_by", "activated_at", "responsible", "ended_at", "ended_because",
        )  # fmt: skip


class RuleBeginInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    slug = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80, allow_blank=True, default="")


class RuleFacts(serializers.Serializer[Any]):
    """All of it has to hold; a limit that is null does not limit, an empty list holds for all."""

    name = serializers.CharField(max_length=80, required=False)
    position = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    modes = serializers.ListField(child=serializers.SlugField(max_length=40), required=False, max_length=40)
    tenant_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=OrganisationKind.choices), required=False, max_length=20
    )
    kinds = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)
    max_data_class = serializers.ChoiceField(choices=DataClass.choices, required=False)
    max_gpus = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    max_gpu_hours = serializers.IntegerField(min_value=1, max_value=LARGEST, allow_null=True, required=False)
    max_days = serializers.IntegerField(min_value=1, max_value=3660, required=False)
    max_held = serializers.IntegerField(min_value=0, max_value=LARGEST, allow_null=True, required=False)
    keep_free_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    only_calm = serializers.BooleanField(required=False)


class RuleNoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


class RuleEndInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class DaysInput(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=730, default=90)


class MissSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()


class SaidSerializer(serializers.Serializer[Any]):
    """What one rule that was asked said of the request; ``missing``: what of it did not hold, empty where it approved."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    missing = MissSerializer(many=True)


class LookedSerializer(serializers.Serializer[Any]):
    """Which rule approved a request, or why none did. ``looked_at`` null: no rule looked at it. ``held``: what the rule
    that approved it says, in words.
    """

    looked_at = serializers.DateTimeField(source="look.created_at", default=None, allow_null=True)
    revision = serializers.IntegerField(source="look.revision", default=None, allow_null=True)
    approved_by = RuleCitedSerializer(source="decision.rule", default=None, allow_null=True)
    responsible = serializers.CharField(source="decision.decider.get_full_name", default=None, allow_null=True)
    held = serializers.ListField(source="words", child=serializers.CharField(), default=list)
    rules = SaidSerializer(source="said", many=True, default=list)


class TriedSerializer(serializers.Serializer[Any]):
    request = serializers.UUIDField(source="request.public_id")
    reference = serializers.CharField(source="request.reference")
    gpus = serializers.IntegerField(source="asked.gpus")
    approves = serializers.BooleanField()
    missing = MissSerializer(many=True)
    became = serializers.ChoiceField(choices=sorted(VERDICTS))
    decided_by = serializers.CharField(source="by")
    verdict = serializers.ChoiceField(choices=ORDER)


class TrialSerializer(serializers.Serializer[Trial]):
    """``verdict``: differs (people decided otherwise), undecided, same, left (the rule leaves it to people)."""

    days = serializers.IntegerField()
    cut = serializers.BooleanField()
    approved = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = TriedSerializer(many=True)


class RuleViewSet(ReadViewSet):
    """Versions of the rules of the caller's authorities; one without ``activated_at`` is worked on."""

    queryset = AutoRule.objects.select_related("authority", "set_by", "activated_by")
    serializer_class = RuleSerializer
    verbs = dict.fromkeys(("update", "activate", "retire", "destroy"), "edit")
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "create": RuleBeginInput, "update": RuleFacts, "activate": RuleNoteInput, "retire": RuleEndInput,
    }  # fmt: skip

    @extend_schema(responses={201: RuleSerializer})
    def create(self, request: Request) -> Response:
        """Begin the next version as a copy of the newest, or go on with the one begun."""
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "approve", public_id=facts.pop("authority"))
        row = service.begin_rule(acting_user=self.person, authority=authority, **facts)
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=RuleSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(service.write_rule(acting_user=self.person, row=row, facts=self.cleaned(request)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        service.drop_rule(acting_user=self.person, row=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=RuleSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, **kwargs: Any) -> Response:
        """Put it in force, in the caller's right; not by who wrote it."""
        row = self.get_object()
        return self.answer(service.activate_rule(acting_user=self.person, row=row, **self.cleaned(request)))

    @extend_schema(responses=RuleSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(service.retire_rule(acting_user=self.person, row=row, **self.cleaned(request)))

    @extend_schema(responses=TrialSerializer, parameters=[OpenApiParameter("days", int)])
    @action(detail=True, methods=["get"])
    def trial(self, request: Request, **kwargs: Any) -> Response:
        """What it would have decided of the requests of the last ``days``, differences first; nothing is decided."""
        row, asked = self.get_object(), DaysInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(TrialSerializer(try_rule(row, self.person, asked.validated_data["days"])).data)
