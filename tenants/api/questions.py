"""Question sets, for machines: the same versions as on the pages, each as one JSON document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from tenants.api import serializers as s
from tenants.models import Authority, QuestionSet
from tenants.services import question_sets


class QuestionSetViewSet(ReadViewSet):
    """Every version of what the caller's authorities ask; one without a day of publishing is worked on."""

    queryset = QuestionSet.objects.select_related("authority")
    serializer_class = s.QuestionSetSerializer
    verbs = {"update": "edit", "publish": "edit", "destroy": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {  # noqa: RUF012
        "create": s.QuestionSetInput, "update": s.QuestionSetContentInput, "publish": s.NoteInput,
    }  # fmt: skip

    @extend_schema(responses={201: s.QuestionSetSerializer})
    def create(self, request: Request) -> Response:
        """Begin the next version as a copy of what is asked now, or go on with the one begun."""
        authority = fetch(Authority.objects.all(), self.person, "decide", public_id=self.cleaned(request)["authority"])
        row = question_sets.begin_set(acting_user=self.person, authority=authority)
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.QuestionSetSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(question_sets.write_set(acting_user=self.person, row=row, **self.cleaned(request)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        question_sets.drop_set(acting_user=self.person, row=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=s.QuestionSetSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(question_sets.publish_set(acting_user=self.person, row=row, **self.cleaned(request)))
