"""Documents of requests, for machines."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.ui.downloads import as_download
from resources.models import RequestDocument
from resources.services.request_documents import content_of, remove_document


class RequestDocumentSerializer(serializers.ModelSerializer[RequestDocument]):
    request = serializers.UUIDField(source="request.public_id")
    added_by = serializers.CharField()

    class Meta:
        model = RequestDocument
        fields = (
            "public_id", "request", "revision", "name", "size", "sha256", "state", "finding", "scanned_at", "added_by",
            "created_at",
        )  # fmt: skip


class RequestDocumentViewSet(ReadViewSet):
    """Documents of the requests that the caller wrote or may decide."""

    queryset = RequestDocument.objects.select_related("request", "added_by")
    serializer_class = RequestDocumentSerializer
    verbs = {"destroy": "edit"}  # noqa: RUF012 - declared a ClassVar
    token_scopes = {"destroy": "requests:write"}  # noqa: RUF012

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The file itself, once it was checked."""
        row = self.get_object()
        return as_download(row.name, row.ending, content_of(row))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        remove_document(acting_user=self.person, document=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
