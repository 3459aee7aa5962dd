"""The caller's saved views of lists."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.saved_views import remove_view, save_view, saved_views
from portal.models import SavedView
from portal.ui.lists import KEEPERS, kept


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    class Meta:
        model = SavedView
        fields = ("public_id", "page", "name", "query", "circle", "created_at")


class SavedViewInput(serializers.Serializer[Any]):
    """``page``: the list's name; ``query``: what stands behind its question mark; ``circle``: a place of yours."""

    page = serializers.ChoiceField(choices=[])
    name = serializers.CharField(max_length=60)
    query = serializers.CharField(max_length=1000, allow_blank=True, default="")
    circle = serializers.UUIDField(allow_null=True, default=None)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "page": serializers.ChoiceField(choices=sorted(KEEPERS))}


class SavedViewViewSet(ReadViewSet):
    queryset = saved_views()
    serializer_class = SavedViewSerializer
    never_by_token = True
    input_classes = {"create": SavedViewInput}  # noqa: RUF012

    @extend_schema(responses={201: SavedViewSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        row = save_view(acting_user=self.person, **{**facts, "query": kept(facts["query"])})
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        remove_view(acting_user=self.person, view=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
