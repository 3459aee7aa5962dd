"""Access modes, for machines: what may be chosen, and the same versions as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from resources.models import AccessMode
from resources.queries.modes import offered_modes
from resources.services import modes as service
from tenants.models import Authority


class ModeSerializer(serializers.ModelSerializer[AccessMode]):
    authority = serializers.UUIDField(source="authority.public_id", allow_null=True, default=None)

    class Meta:
        model = AccessMode
        fields = (
            "public_id", "authority", "slug", "version", "name", "about", "questions", "max_gpus", "max_gpu_hours",
            "max_months", "service_days", "auto_decision", "offered", "position", "note", "published_at",
        )  # fmt: skip


class ModeBeginInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    slug = serializers.SlugField(max_length=40)


class ModeFacts(serializers.Serializer[Any]):
    name = serializers.DictField(child=serializers.CharField(max_length=80, allow_blank=True), required=False)
    about = serializers.DictField(child=serializers.CharField(max_length=300, allow_blank=True), required=False)
    questions = serializers.ListField(child=serializers.DictField(), required=False, max_length=40)
    max_gpus = serializers.IntegerField(min_value=1, max_value=2_000_000_000, allow_null=True, required=False)
    max_gpu_hours = serializers.IntegerField(min_value=1, max_value=2_000_000_000, allow_null=True, required=False)
    max_months = serializers.IntegerField(min_value=1, max_value=120, allow_null=True, required=False)
    service_days = serializers.IntegerField(min_value=1, max_value=365, required=False)
    auto_decision = serializers.BooleanField(required=False)
    offered = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=1000, required=False)


class ModeNoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class ModeViewSet(ReadViewSet):
    """Versions of the access modes of the caller's authorities; one without a day of publishing is worked on."""

    queryset = AccessMode.objects.select_related("authority")
    serializer_class = ModeSerializer
    verbs = {"update": "edit", "publish": "edit", "destroy": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": ModeBeginInput, "update": ModeFacts, "publish": ModeNoteInput}  # noqa: RUF012

    @extend_schema(responses={201: ModeSerializer})
    def create(self, request: Request) -> Response:
        """Begin the next version as a copy of what is offered now, or go on with the one begun."""
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "approve", public_id=facts["authority"])
        row = service.begin_mode(acting_user=self.person, authority=authority, slug=facts["slug"])
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=ModeSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(service.write_mode(acting_user=self.person, row=row, facts=self.cleaned(request)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        service.drop_mode(acting_user=self.person, row=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=ModeSerializer(many=True))
    @action(detail=False, methods=["get"])
    def offered(self, request: Request) -> Response:
        """What may be chosen now by projects of the authority that ``?authority=`` names."""
        authority = fetch(Authority.objects.all(), self.person, public_id=_uuid(request.GET.get("authority", "")))
        return Response(ModeSerializer(offered_modes(authority), many=True).data)

    @extend_schema(responses=ModeSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(service.publish_mode(acting_user=self.person, row=row, **self.cleaned(request)))
