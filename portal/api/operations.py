"""The caller's own long works: how far they are, stop one, save what came of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.operations import cancel, operations
from portal.models import Operation, OperationLine
from portal.ui.operations import OperationFilters, file_answer, report_answer


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """``done`` of ``total`` steps or rows; ``tally`` counts outcomes by name. ``file_until`` is null when there is no
    file to save.
    """

    tally = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    result = serializers.DictField(read_only=True)

    class Meta:
        model = Operation
        fields = (
            "public_id", "kind", "about", "state", "done", "total", "tally", "result", "trouble", "cancel_asked_at",
            "created_at", "started_at", "moved_at", "ended_at", "file_name", "file_size", "file_sha256", "file_until",
        )  # fmt: skip


class LineSerializer(serializers.ModelSerializer[OperationLine]):
    """``place`` is the row of the file that the line is about; 0: the work as a whole."""

    class Meta:
        model = OperationLine
        fields = ("place", "tone", "subject", "text", "at")


class OperationViewSet(ReadViewSet):
    queryset = operations()
    serializer_class = OperationSerializer
    filterset_class = OperationFilters

    @extend_schema(request=None, responses=OperationSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(cancel(acting_user=self.person, operation=self.get_object()))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, **kwargs: Any) -> Any:
        """The file that came of it; an archive of a tenant's data asks for a fresh second factor."""
        return file_answer(self.get_object(), self.person)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True)
    def report(self, request: Request, **kwargs: Any) -> Any:
        """Every line of it as CSV."""
        return report_answer(self.get_object())
