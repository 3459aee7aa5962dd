"""The caller's own long works: how far they are, stop one, save what came of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.operations import cancel, operations
from portal.models import Operation, OperationLine
from portal.ui.export_files import LARGE
from portal.ui.exports import LONGEST_QUERY, begin_export
from portal.ui.lists import KEEPERS
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


class ListInput(serializers.Serializer[Any]):
    """``page``: the list's name; ``query``: what stands behind its question mark; ``kind`` of the file."""

    page = serializers.ChoiceField(choices=[])
    query = serializers.CharField(max_length=LONGEST_QUERY, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=sorted(LARGE), default="csv")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "page": serializers.ChoiceField(choices=sorted(KEEPERS))}


class OperationViewSet(ReadViewSet):
    queryset = operations()
    serializer_class = OperationSerializer
    filterset_class = OperationFilters
    input_classes = {"lists": ListInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses={202: OperationSerializer})
    @action(detail=False, methods=["post"])
    def lists(self, request: Request) -> Response:
        """Write a list, however long, as a file; ``file`` gives it out once the work is done."""
        work = begin_export(acting_user=self.person, **self.cleaned(request))
        return self.answer(work, status.HTTP_202_ACCEPTED)

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
