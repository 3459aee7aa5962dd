"""Maintenance windows for machines: the same services as the pages.

A token of a provider may announce, change and cancel what only interrupts; what takes capacity away decides about others
and needs a person with a fresh second factor.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from resources.api.serializers import Named, shown
from resources.forms.maintenance import MOST_GPUS
from resources.maintenance_tables import MaintenanceFilters
from resources.models import CapacityPool, Cluster, MaintenanceWindow
from resources.queries.maintenance import WITH_NAMES, Consequences, consequences
from resources.services import maintenance as service

LONGEST_REASON = 2000
BY_TOKEN = dict.fromkeys(("create", "update", "cancel", "end"), "maintenance:write")


class MaintenanceSerializer(serializers.ModelSerializer[MaintenanceWindow]):
    """``pool`` null: every pool of the cluster; ``gpus`` null: all of them; ``ends_at`` belongs to nobody."""

    cluster = shown()
    pool = Named(read_only=True, allow_null=True)

    class Meta:
        model = MaintenanceWindow
        fields = (
            "public_id", "cluster", "pool", "gpus", "starts_at", "ends_at", "effect", "reason", "state",
            "cancelled_because", "created_at",
        )  # fmt: skip


class MaintenanceFacts(serializers.Serializer[Any]):
    """What is left out stays as it is. Once it has begun only ``ends_at`` and ``reason`` change."""

    pool = Named(CapacityPool, "edit", beside=("cluster", "kind"), allow_null=True, required=False)
    gpus = serializers.IntegerField(min_value=1, max_value=MOST_GPUS, allow_null=True, required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    effect = serializers.ChoiceField(choices=MaintenanceWindow.Effect.choices, required=False)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False)


class MaintenanceInput(MaintenanceFacts):
    """``effect``: "interrupts" leaves promises as they are, "counts" takes the GPUs from what can be promised."""

    cluster = Named(Cluster, "edit")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    effect = serializers.ChoiceField(choices=MaintenanceWindow.Effect.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON)


class CancelInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class OverSerializer(serializers.Serializer[Any]):
    """A time in which more is promised of a pool than is left; ``before``: already so without this window."""

    pool = shown()
    since = serializers.DateTimeField(source="time.since")
    until = serializers.DateTimeField(source="time.until")
    promised = serializers.IntegerField(source="time.promised")
    most = serializers.IntegerField(source="time.most")
    before = serializers.BooleanField()


class ConsequencesSerializer(serializers.Serializer[Consequences]):
    """Whom it affects, as far as the caller may see: at most fifty grants by their ids, and how many there are."""

    out = serializers.IntegerField()
    tenants = serializers.IntegerField()
    held = serializers.IntegerField()
    grants = serializers.ListField(child=Named(read_only=True))
    over = OverSerializer(many=True)
    beside = serializers.ListField(child=Named(read_only=True))


class MaintenanceViewSet(ReadViewSet):
    queryset = MaintenanceWindow.objects.select_related(*WITH_NAMES)
    serializer_class = MaintenanceSerializer
    filterset_class = MaintenanceFilters
    verbs = dict.fromkeys(("update", "cancel", "end"), "edit")
    token_scopes = BY_TOKEN
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "create": MaintenanceInput, "update": MaintenanceFacts, "cancel": CancelInput, "preview": MaintenanceInput,
    }  # fmt: skip

    @extend_schema(responses={201: MaintenanceSerializer})
    def create(self, request: Request) -> Response:
        """Announce it. Those affected are told once."""
        row = service.announce_maintenance(acting_user=self.person, **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=MaintenanceSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        """Change what was announced. Those who were told, and whoever it concerns now, are told."""
        row = self.get_object()
        return self.answer(service.change_maintenance(acting_user=self.person, window=row, **self.cleaned(request)))

    @extend_schema(responses=MaintenanceSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """It does not take place."""
        row = self.get_object()
        return self.answer(service.cancel_maintenance(acting_user=self.person, window=row, **self.cleaned(request)))

    @extend_schema(request=None, responses=MaintenanceSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        """It is over before its end."""
        return self.answer(service.end_maintenance(acting_user=self.person, window=self.get_object()))

    @extend_schema(responses=ConsequencesSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def consequences(self, request: Request, **kwargs: Any) -> Response:
        """Who holds GPUs meanwhile, and when a pool is over-promised."""
        return Response(ConsequencesSerializer(consequences(self.get_object(), self.person)).data)

    @extend_schema(responses=ConsequencesSerializer)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """The same of a window that is not announced. Nothing is kept, and nobody is told."""
        window = MaintenanceWindow(**self.cleaned(request))
        service.weigh(window)
        return Response(ConsequencesSerializer(consequences(window, self.person)).data)
