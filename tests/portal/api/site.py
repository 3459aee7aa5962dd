"""The portal's addresses and one endpoint more, over authorities."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from portal import urls
from portal.api.views import ReadViewSet
from portal.core.errors import Refused
from portal.ui.lists import Filters
from tenants.models import Authority

handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500


class ThingFilter(Filters):
    search_fields = ("name",)


class ThingSerializer(serializers.ModelSerializer[Authority]):
    class Meta:
        model = Authority
        fields = ("public_id", "name")


class RenameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)


class Things(ReadViewSet):
    queryset = Authority.objects.all()
    serializer_class = ThingSerializer
    filterset_class = ThingFilter
    verbs = {"rename": "decide"}  # noqa: RUF012
    input_classes = {"rename": RenameSerializer}  # noqa: RUF012

    @action(detail=True, methods=["post"])
    def rename(self, request: Request, public_id: str) -> Response:
        row = self.get_object()
        name = self.cleaned(request)["name"]
        if name == "taken":
            raise Refused("This name is taken. Choose another.", field="name", code="thing.taken", other=7)
        if name == "away":
            raise OperationalError("gone")
        return self.answer(row)


router = SimpleRouter(use_regex_path=True)
router.register("things", Things, basename="api-thing")
urlpatterns = [path("api/v1/", include(router.urls)), *urls.urlpatterns]
