"""Letters and their wordings, for machines."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.core.errors import Refused
from portal.core.letters.text import letter_kinds
from portal.ui.downloads import as_download
from portal.ui.lists import Filters
from tenants.api.people import PersonSerializer
from tenants.models import Authority, CaseLetter, LetterTemplate
from tenants.queries.letters import what_is_seen_of_the_case
from tenants.services.letters import file_of, set_template


class LetterSerializer(serializers.ModelSerializer[CaseLetter]):
    application = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(source="template_version", allow_null=True)

    class Meta:
        model = CaseLetter
        fields = ("public_id", "application", "kind", "language", "version", "subject", "body", "sha256", "created_at")


class LetterViewSet(ReadViewSet):
    """Letters about decisions on applications, as they were written; they never change."""

    queryset = CaseLetter.objects.annotate(**what_is_seen_of_the_case()).select_related("tenant").defer("pdf")
    serializer_class = LetterSerializer

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The file, compared with the hash that was taken when it was written."""
        row = self.get_object()
        return as_download(f"{row.reference or row.tenant}-{row.decision_id}.pdf", "pdf", file_of(row))


class TemplateSerializer(serializers.ModelSerializer[LetterTemplate]):
    authority = serializers.UUIDField(source="authority.public_id")
    set_by = PersonSerializer()

    class Meta:
        model = LetterTemplate
        fields = (
            "public_id", "authority", "kind", "language", "version", "subject", "body", "note", "set_by", "created_at",
        )  # fmt: skip


class TemplateInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    kind = serializers.CharField(max_length=60)
    language = serializers.ChoiceField(settings.LANGUAGES)
    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=12_000)
    note = serializers.CharField(max_length=300)


class LetterKindSerializer(serializers.Serializer[Any]):
    """A kind of letter: what may stand in it, what has to, and the portal's own wording by language."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the framework has an attribute of that name
    placeholders = serializers.DictField(child=serializers.CharField())
    needed = serializers.ListField(child=serializers.CharField())
    texts = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))


class TemplateFilters(Filters):
    search_fields = ("subject", "body", "note")
    kind = django_filters.CharFilter()
    language = django_filters.CharFilter()


class TemplateViewSet(ReadViewSet):
    """Every version of every wording of the caller's authorities; the newest of a kind and language is in force."""

    queryset = LetterTemplate.objects.select_related("authority", "set_by")
    serializer_class = TemplateSerializer
    filterset_class = TemplateFilters
    input_classes = {"create": TemplateInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses={201: TemplateSerializer})
    def create(self, request: Request) -> Response:
        """Put a new version in force; for whoever decides what such letters are about."""
        facts = self.cleaned(request)
        place, kind = facts.pop("authority"), facts["kind"]
        if kind not in letter_kinds:
            raise Refused(f"GET {request.path}kinds/ lists the kinds of letters that there are.", field="kind")
        authority = fetch(Authority.objects.all(), self.person, letter_kinds[kind].verb, public_id=place)
        return self.answer(set_template(acting_user=self.person, authority=authority, **facts), status.HTTP_201_CREATED)

    @extend_schema(responses=LetterKindSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_class=None)
    def kinds(self, request: Request) -> Response:
        """The kinds of letters that there are."""
        rows = [
            {
                "kind": name, "label": kind.label, "needed": sorted(kind.needed),
                "placeholders": {key: each.label for key, each in kind.placeholders.items()},
                "texts": {code: {"subject": subject, "body": body} for code, (subject, body) in kind.texts.items()},
            }
            for name, kind in letter_kinds.items()
        ]  # fmt: skip
        return Response(LetterKindSerializer(rows, many=True).data)
