"""Imports of tenants, for machines: bring a file, try it, take it over; the works are at /operations/."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.operations import OperationSerializer
from portal.api.views import ReadViewSet
from portal.core.access import fetch
from tenants.api.serializers import PublicId
from tenants.models import Authority, TenantImport
from tenants.services.imports import run_import, try_import, upload_import


class ImportSerializer(serializers.ModelSerializer[TenantImport]):
    """``trial`` and ``run`` are the public ids of operations, null before they begin."""

    authority = PublicId("authority")
    trial = PublicId("trial", allow_null=True)
    run = PublicId("run", allow_null=True)
    columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    ignored = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = TenantImport
        fields = (
            "public_id", "authority", "name", "sha256", "rows", "columns", "ignored", "trial", "run", "created_at",
        )  # fmt: skip


class ImportInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True, max_length=300)


class RunInput(serializers.Serializer[Any]):
    invite_owners = serializers.BooleanField(default=False)


class ImportViewSet(ReadViewSet):
    queryset = TenantImport.objects.select_related("authority", "trial", "run")
    serializer_class = ImportSerializer
    verbs = {"trial": "edit", "take_over": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": ImportInput, "take_over": RunInput}  # noqa: RUF012

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if getattr(self, "action_map", {}).get("post") == "create" else super().get_parsers()

    @extend_schema(responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Bring a file (CSV or JSON in UTF-8); nothing is made yet."""
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "decide", public_id=facts["authority"])
        file = facts["file"]
        row = upload_import(acting_user=self.person, authority=authority, name=file.name, content=file.read())
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def trial(self, request: Request, **kwargs: Any) -> Response:
        """Say of each row what it would do."""
        work = try_import(acting_user=self.person, batch=self.get_object())
        return Response(OperationSerializer(work).data, status.HTTP_202_ACCEPTED)

    @extend_schema(responses={202: OperationSerializer})
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, **kwargs: Any) -> Response:
        """Make the tenants that are not here yet; asks for a fresh second factor."""
        batch, facts = self.get_object(), self.cleaned(request)
        work = run_import(acting_user=self.person, batch=batch, site=request.build_absolute_uri("/"), **facts)
        return Response(OperationSerializer(work).data, status.HTTP_202_ACCEPTED)
