"""Documents of applications, for machines."""

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
from tenants.models import CaseDocument
from tenants.services.documents import content_of, remove_document


class DocumentInput(serializers.Serializer[Any]):
    """``question`` is the key of the question of the kind file that it answers; without one, the application as such."""

    file = serializers.FileField(allow_empty_file=True, max_length=300)
    question = serializers.CharField(required=False, allow_blank=True, max_length=40, default="")


class DocumentSerializer(serializers.ModelSerializer[CaseDocument]):
    application = serializers.UUIDField(source="case.public_id")
    added_by = serializers.CharField()

    class Meta:
        model = CaseDocument
        fields = (
            "public_id", "application", "question", "name", "size", "sha256", "state", "finding", "scanned_at", "added_by",
            "created_at",
        )  # fmt: skip


class DocumentViewSet(ReadViewSet):
    """Documents of the applications that the caller wrote or may decide."""

    queryset = CaseDocument.objects.select_related("case__authority", "added_by")
    serializer_class = DocumentSerializer
    verbs = {"destroy": "edit"}  # noqa: RUF012 - declared a ClassVar
    token_scopes = {"destroy": "onboarding:write"}  # noqa: RUF012 - as above

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
