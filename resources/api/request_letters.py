"""Letters about decisions on requests, for machines."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from portal.api.views import ReadViewSet
from portal.ui.downloads import as_download
from resources.models import RequestLetter
from tenants.services.letters import file_of


class RequestLetterSerializer(serializers.ModelSerializer[RequestLetter]):
    request = serializers.UUIDField(source="request.public_id")
    decision = serializers.UUIDField(source="decision.public_id")
    version = serializers.IntegerField(source="template_version", allow_null=True)

    class Meta:
        model = RequestLetter
        fields = (
            "public_id", "request", "decision", "kind", "language", "version", "subject", "body", "sha256", "created_at",
        )  # fmt: skip


class RequestLetterViewSet(ReadViewSet):
    """Letters about decisions on requests, as they were written; they never change."""

    queryset = RequestLetter.objects.select_related("request", "decision").defer("pdf")
    serializer_class = RequestLetterSerializer

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The file, compared with the hash that was taken when it was written."""
        row = self.get_object()
        return as_download(f"{row.request.reference}-{row.decision_id}.pdf", "pdf", file_of(row))
