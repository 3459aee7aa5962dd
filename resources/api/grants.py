"""Grants, their measured use and their GPU-hours, and idle findings, for machines: the same services as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.errors import NotFound
from resources import filters, grant_filters
from resources.api import serializers as s
from resources.api import wish_inputs as w
from resources.models import Grant, IdleFinding
from resources.queries.budgets import budget_of
from resources.queries.conditions import SEEN, seen_with_grants
from resources.queries.measured import LAST_DAYS, suggestion, use_with_former
from resources.queries.savings import given_back, savings
from resources.services import grants as service
from resources.services import idle
from resources.services.grant_changes import release_grant, transfer_grant

LONGEST_TEXT = 4000


class GrantSerializer(serializers.ModelSerializer[Grant]):
    tenant = s.shown()
    pool = s.shown()
    environment = serializers.CharField(source="environment.external_name")
    paid_by = serializers.UUIDField(source="share.authority.public_id")
    supersedes = s.shown()
    conditions = serializers.SerializerMethodField()

    class Meta:
        model = Grant
        fields = (
            "public_id", "tenant", "pool", "environment", "paid_by", "amount", "budget_hours", "starts_at", "ends_at",
            "grace_until", "ended_at", "supersedes", "state", "conditions", "created_at",
        )  # fmt: skip

    @extend_schema_field(s.GrantConditionSerializer(many=True))
    def get_conditions(self, row: Grant) -> Any:
        """Those under which it was given, of the authority that pays, as far as the caller may see them."""
        found: Any = getattr(row.line.request, SEEN, ())
        mine = [each for each in found if each.decision.deciding_authority_id == row.share.authority_id]
        return s.GrantConditionSerializer(mine, many=True).data


class UseSerializer(serializers.Serializer[Any]):
    """A tenant's use of a grant's pool in whole hours of a time; ``coverage``: how much of it was measured, 0..1.

    Ratios are of what was promised in the measured time, null where nothing was measured.
    """

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    measured_until = serializers.DateTimeField(allow_null=True)
    coverage = serializers.FloatField()
    with_other_grants = serializers.BooleanField(source="others")
    promised_hours = serializers.FloatField()
    allocated_hours = serializers.FloatField()
    busy_hours = serializers.FloatField()
    allocated_ratio = serializers.FloatField(allow_null=True)
    busy_ratio = serializers.FloatField(allow_null=True)
    usual_allocated = serializers.IntegerField()
    usual_busy = serializers.IntegerField()


class GrantUseSerializer(serializers.Serializer[Any]):
    """``suggested``: GPUs that the last thirty days speak for, null where too little is known."""

    life = UseSerializer()
    last_30_days = UseSerializer()
    suggested = serializers.IntegerField(allow_null=True)


class ForecastSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    pace = serializers.FloatField()
    runs_out = serializers.DateTimeField(allow_null=True)


class BudgetSerializer(serializers.Serializer[Any]):
    """``used_gpu_seconds``: exact, of whole measured hours; what running jobs held."""

    budget_hours = serializers.IntegerField(source="hours")
    used_gpu_seconds = serializers.IntegerField(source="used_s")
    used_hours = serializers.FloatField()
    left_hours = serializers.FloatField()
    percent = serializers.FloatField()
    measured_until = serializers.DateTimeField(allow_null=True)
    forecast = ForecastSerializer(allow_null=True)


class GrantReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_TEXT)


class IdleNoteInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")


class JustifyInput(GrantReasonInput):
    needed_until = serializers.DateTimeField()


class IdleReleaseInput(IdleNoteInput):
    gpus = serializers.IntegerField(min_value=1)


class ReclaimInput(GrantReasonInput):
    gpus = serializers.IntegerField(min_value=1)


class GrantViewSet(ReadViewSet):
    queryset = Grant.objects.select_related(
        "tenant", "authority", "pool__kind", "pool__cluster", "environment__project", "share__authority", "supersedes"
    )
    serializer_class = GrantSerializer
    filterset_class = filters.GrantFilters
    verbs = {"revoke": "decide", "release": "renew", "transfer": "renew"}  # noqa: RUF012 - declared a ClassVar
    token_scopes = dict.fromkeys(("release", "transfer"), "requests:write")
    input_classes = {"revoke": GrantReasonInput, "release": w.ReleaseInput, "transfer": w.TransferInput}  # noqa: RUF012 - as above

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related(seen_with_grants(self.request.user))

    def answer(self, row: Any, status: int = 200) -> Response:
        prefetch_related_objects([row], seen_with_grants(self.person))
        return super().answer(row, status)

    @extend_schema(responses=GrantUseSerializer)
    @action(detail=True)
    def use(self, request: Request, **kwargs: Any) -> Response:
        """Promised, allocated and busy GPU-hours as measured, and what they speak for."""
        row = self.get_object()
        life = use_with_former(row)
        advice = suggestion(row, row.amount, life)
        said = {"life": life, "last_30_days": life.last(LAST_DAYS), "suggested": advice.gpus if advice else None}
        return Response(GrantUseSerializer(said).data)

    @extend_schema(responses=BudgetSerializer)
    @action(detail=True)
    def budget(self, request: Request, **kwargs: Any) -> Response:
        """How many of a grant's GPU-hours are used, and when they run out. 404 where it has no such budget."""
        row = self.get_object()
        if not row.budget_hours:
            raise NotFound
        return Response(BudgetSerializer(budget_of(row)).data)

    @extend_schema(responses=GrantSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **kwargs: Any) -> Response:
        """Give GPUs back, at once or from a moment on; the grant in its place, or the one that is over."""
        row, facts = self.get_object(), self.cleaned(request)
        return self.answer(release_grant(acting_user=self.person, grant=row, **facts) or row)

    @extend_schema(responses=GrantSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, **kwargs: Any) -> Response:
        """Move GPUs to another project of the tenant; the grant that it has now."""
        row, facts = self.get_object(), self.cleaned(request)
        return self.answer(transfer_grant(acting_user=self.person, grant=row, **facts))

    @extend_schema(responses=GrantSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        service.revoke_grant(acting_user=self.person, grant=row, reason=facts["reason"])
        return self.answer(self.queryset.all().get(pk=row.pk))


class IdleSerializer(serializers.ModelSerializer[IdleFinding]):
    tenant = s.shown()
    grant = s.shown()

    class Meta:
        model = IdleFinding
        fields = (
            "public_id", "tenant", "grant", "state", "gpus", "busy", "promised", "since", "until", "hours", "notices",
            "noticed_at", "reason", "needed_until", "asked_gpus", "given_back", "saved_hours", "closed_at", "created_at",
        )  # fmt: skip


class SavingSerializer(serializers.Serializer[Any]):
    authority = serializers.UUIDField(source="authority.public_id")
    month = serializers.DateTimeField()
    findings = serializers.IntegerField()
    gpus = serializers.IntegerField()
    saved_hours = serializers.FloatField()
    coming_hours = serializers.FloatField()


DECIDING = ("accept", "escalate", "dismiss", "reclaim", "confirm", "send_back")


class IdleViewSet(ReadViewSet):
    queryset = IdleFinding.objects.select_related("tenant", "grant")
    serializer_class = IdleSerializer
    filterset_class = grant_filters.IdleFilters
    verbs = {"justify": "answer", "release": "answer", **dict.fromkeys(DECIDING, "decide")}  # noqa: RUF012 - declared a ClassVar
    token_scopes = dict.fromkeys(("justify", "release"), "requests:write")
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "justify": JustifyInput, "release": IdleReleaseInput, "reclaim": ReclaimInput,
        **dict.fromkeys(("escalate", "dismiss", "send_back"), GrantReasonInput),
        **dict.fromkeys(("accept", "confirm"), IdleNoteInput),
    }  # fmt: skip

    def act(self, what: Callable[..., IdleFinding], request: Request) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        what(acting_user=self.person, finding=row, **facts)
        return self.answer(self.queryset.all().get(pk=row.pk))

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def justify(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.justify_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.release_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.accept_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.escalate_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.dismiss_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def reclaim(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.reclaim_idle, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.confirm_reclaim, request)

    @extend_schema(responses=IdleSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        return self.act(idle.send_back_reclaim, request)

    @extend_schema(responses=SavingSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_class=None)
    def savings(self, request: Request, **kwargs: Any) -> Response:
        """GPU-hours that findings gave back, by authority and month."""
        return Response(SavingSerializer(savings(given_back(self.person)), many=True).data)
