"""What endpoints show and take. Rows are named by their public ids; inputs find only what the caller may see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from portal.ui.addresses import refused_addresses
from resources.forms.addresses import addresses_in
from resources.live.snapshot import is_silent
from resources.models import (
    AutoRule,
    CapacityPool,
    Cluster,
    Decision,
    DecisionLine,
    GPUKind,
    GrantCondition,
    Provider,
    Quota,
    QuotaRequest,
    RequestLine,
    Share,
)
from tenants.models import Authority, DataClass


@extend_schema_field(OpenApiTypes.UUID)
class Named(serializers.SlugRelatedField):  # type: ignore[type-arg]  # generic only for the type checker
    """A row by its public id; ``verb`` is what the caller must be allowed to do on it, ``beside`` what comes with it."""

    def __init__(
        self, model: type[models.Model] | None = None, verb: str = "view", beside: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        self.model: Any = model
        self.verb, self.beside = verb, beside
        super().__init__(slug_field="public_id", **kwargs)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        user = request.user if request else AnonymousUser()
        rows = self.model.objects.visible_to(user, self.verb)
        return rows.select_related(*self.beside) if self.beside else rows

    def to_representation(self, obj: Any) -> str:
        return str(obj.public_id)


def shown() -> Any:
    return Named(read_only=True)


class ProviderSerializer(serializers.ModelSerializer[Provider]):
    country = serializers.CharField()

    class Meta:
        model = Provider
        fields = ("public_id", "name", "slug", "country", "contact_email", "created_at")


class ProviderInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    slug = serializers.SlugField()
    country = serializers.CharField(max_length=2)
    contact_email = serializers.EmailField()


class ClusterSerializer(serializers.ModelSerializer[Cluster]):
    provider = shown()
    country = serializers.CharField()
    silent = serializers.SerializerMethodField()

    class Meta:
        model = Cluster
        fields = (
            "public_id", "provider", "name", "slug", "city", "country", "data_classes", "certifications",
            "confidential_computing", "state", "collect_seconds", "last_success_at", "silent", "created_at",
        )  # fmt: skip

    def get_silent(self, row: Cluster) -> bool:
        return is_silent(row)


class ClusterInput(serializers.Serializer[Any]):
    provider = Named(Provider, "operate")
    name = serializers.CharField(max_length=100)
    slug = serializers.SlugField()
    city = serializers.CharField(max_length=100)
    country = serializers.CharField(max_length=2)
    data_classes = serializers.ListField(child=serializers.ChoiceField(DataClass.choices), allow_empty=False)
    certifications = serializers.ListField(child=serializers.CharField(max_length=60), default=list)
    confidential_computing = serializers.BooleanField(default=False)
    driver = serializers.CharField(max_length=30, default="counted")
    driver_settings = serializers.DictField(default=dict)
    collector = serializers.CharField(max_length=30, default="prometheus", allow_blank=True)
    collector_settings = serializers.DictField(default=dict)
    collect_seconds = serializers.IntegerField(min_value=2, max_value=3600, default=10)

    def validate_driver_settings(self, value: dict[str, Any]) -> dict[str, Any]:
        if refused := refused_addresses(addresses_in(value)):
            raise serializers.ValidationError(refused)
        return value

    validate_collector_settings = validate_driver_settings


class ClusterStateInput(serializers.Serializer[Any]):
    state = serializers.ChoiceField([Cluster.State.ACTIVE, Cluster.State.MAINTENANCE, Cluster.State.RETIRED])
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class SeenModelSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    gpus = serializers.IntegerField()
    kind = shown()


class ProbeSerializer(serializers.Serializer[Any]):
    seconds = serializers.FloatField()
    gpus = serializers.IntegerField()
    hosts = serializers.IntegerField()
    allocated = serializers.IntegerField()
    models = SeenModelSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField()


class KindSerializer(serializers.ModelSerializer[GPUKind]):
    class Meta:
        model = GPUKind
        fields = ("public_id", "slug", "vendor", "name", "memory_gib", "aliases", "created_at")


class KindInput(serializers.Serializer[Any]):
    slug = serializers.SlugField(max_length=40)
    vendor = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    memory_gib = serializers.IntegerField(min_value=1)
    aliases = serializers.ListField(child=serializers.CharField(max_length=120), default=list)


class PoolSerializer(serializers.ModelSerializer[CapacityPool]):
    cluster = shown()
    kind = shown()
    promisable = serializers.IntegerField(read_only=True)
    line = serializers.IntegerField(read_only=True)

    class Meta:
        model = CapacityPool
        fields = (
            "public_id", "cluster", "kind", "installed", "healthy", "reserved", "overcommit", "policy_line_percent",
            "promisable", "line", "counted_at", "count_source", "created_at",
        )  # fmt: skip


class PoolFacts(serializers.Serializer[Any]):
    installed = serializers.IntegerField(min_value=0)
    healthy = serializers.IntegerField(min_value=0)
    reserved = serializers.IntegerField(min_value=0, default=0)
    overcommit = serializers.DecimalField(max_digits=4, decimal_places=2, default=Decimal("1.00"))
    policy_line_percent = serializers.IntegerField(min_value=1, max_value=100, default=90)


class PoolInput(PoolFacts):
    cluster = Named(Cluster, "edit")
    kind = Named(GPUKind)


class RoomInput(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    gpus = serializers.IntegerField(min_value=0, default=0)


class EffectSerializer(serializers.Serializer[Any]):
    """A preview: what is promised at the moment of the period at which least is left, without and with these GPUs.

    ``promisable``: what can be promised at that moment, ``out``: what maintenance takes from it.
    """

    pool = shown()
    asked = serializers.IntegerField()
    give = serializers.IntegerField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    promisable = serializers.IntegerField()
    line = serializers.IntegerField(source="policy_line")
    out = serializers.IntegerField()
    most = serializers.IntegerField()
    fits = serializers.IntegerField()
    over_line = serializers.BooleanField()
    over_pool = serializers.BooleanField()
    over_share = serializers.BooleanField()


class ShareSerializer(serializers.ModelSerializer[Share]):
    pool = shown()
    authority = shown()

    class Meta:
        model = Share
        fields = ("public_id", "pool", "authority", "gpus", "created_at")


class ShareFacts(serializers.Serializer[Any]):
    gpus = serializers.IntegerField(min_value=0)


class ShareInput(ShareFacts):
    pool = Named(CapacityPool, "edit")
    authority = Named(Authority, "edit")


class LineSerializer(serializers.ModelSerializer[RequestLine]):
    pool = shown()
    cluster = serializers.CharField(source="cluster.slug", allow_null=True, default=None)
    kind = serializers.CharField(source="kind.slug")
    unit = serializers.ChoiceField(("gpus", "gpu_hours"))

    class Meta:
        model = RequestLine
        fields = ("public_id", "pool", "cluster", "kind", "unit", "amount", "budget_hours", "starts_at", "ends_at")


class DecisionLineSerializer(serializers.ModelSerializer[DecisionLine]):
    """What a step gives of a line; 0 refuses it. ``pool``: where; null of a line that is refused."""

    line = serializers.UUIDField(source="line.public_id")
    pool = serializers.UUIDField(source="share.pool.public_id", default=None)
    starts_at = serializers.DateTimeField(source="begins")
    ends_at = serializers.DateTimeField(source="ends")

    class Meta:
        model = DecisionLine
        fields = ("line", "pool", "granted", "budget_hours", "starts_at", "ends_at", "closes")


class RuleCitedSerializer(serializers.ModelSerializer[AutoRule]):
    """The version of a rule that took a decision."""

    class Meta:
        model = AutoRule
        fields = ("public_id", "name", "slug", "version", "activated_at")


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """``rule``: the rule that took it; then ``decider`` is who answers for the rule, and did not look at the request."""

    decider = serializers.CharField(source="decider.get_full_name")
    on_behalf_of = serializers.CharField(source="on_behalf_of.get_full_name", allow_null=True, default=None)
    deciding_authority = shown()
    lines = DecisionLineSerializer(many=True)
    answers = serializers.UUIDField(source="answers.public_id", default=None)
    rule = RuleCitedSerializer(allow_null=True)

    class Meta:
        model = Decision
        fields = (
            "public_id", "revision", "step", "decider", "on_behalf_of", "deciding_authority", "outcome", "reason", "over_line",
            "second_because", "answers", "rule", "lines", "created_at",
        )  # fmt: skip


class GrantConditionSerializer(serializers.ModelSerializer[GrantCondition]):
    """A condition of a grant; ``due_on``: its last day by the clocks of ``set_by``, ``due_at``: the moment after it."""

    tenant = shown()
    request = shown()
    decision = shown()
    set_by = serializers.UUIDField(source="decision.deciding_authority.public_id")
    due_on = serializers.DateField(source="last_day")
    document = serializers.UUIDField(source="document.public_id", default=None)
    said_by = serializers.CharField(source="said_by.get_full_name", default=None)
    closed_by = serializers.CharField(source="closed_by.get_full_name", default=None)

    class Meta:
        model = GrantCondition
        fields = (
            "public_id", "tenant", "request", "decision", "set_by", "number", "text", "due_on", "due_at", "state", "note",
            "document", "said_by", "said_at", "closed_by", "closed_at", "suspended_at", "created_at",
        )  # fmt: skip


class RequestSerializer(serializers.ModelSerializer[QuotaRequest]):
    tenant = shown()
    project = shown()
    mode = serializers.CharField(source="mode.slug", allow_null=True, default=None)
    lines = serializers.SerializerMethodField()
    decisions = DecisionSerializer(many=True)
    conditions = GrantConditionSerializer(many=True)

    class Meta:
        model = QuotaRequest
        fields = (
            "public_id", "reference", "tenant", "project", "state", "revision", "change", "mode", "stage", "mode_answers",
            "purpose", "lines", "decisions", "conditions",
            "submitted_at", "due_at", "decided_at", "created_at",
        )  # fmt: skip

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, row: QuotaRequest) -> Any:
        lines = [line for line in row.lines.all() if line.revision == row.revision]
        return LineSerializer(lines, many=True).data


@extend_schema_serializer(component_name="RequestReasonInput")
class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class QuotaSerializer(serializers.ModelSerializer[Quota]):
    tenant = shown()
    pool = shown()
    environment = serializers.CharField(source="environment.external_name")
    over = serializers.IntegerField(read_only=True)

    class Meta:
        model = Quota
        fields = (
            "public_id", "tenant", "pool", "environment", "wanted", "revision", "applied_revision", "observed",
            "observed_used", "observed_at", "over", "state", "reason", "created_at",
        )  # fmt: skip
