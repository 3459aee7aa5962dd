"""Checks of applications and tenants, and what an authority verifies, for machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.core.errors import Forbidden, Refused
from portal.ui.lists import Filters
from tenants.api.people import PersonSerializer
from tenants.models import Authority, CaseDocument, ComplianceCheck
from tenants.queries import checks as queries
from tenants.services import check_catalogues, check_decisions


class ToldSerializer(serializers.Serializer[Any]):
    """One check as the organisation that is checked may read it."""

    key = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    state_text = serializers.CharField()
    text = serializers.CharField()
    valid_until = serializers.DateTimeField(allow_null=True)


class CheckSerializer(serializers.ModelSerializer[ComplianceCheck]):
    application = serializers.UUIDField(source="case.public_id", default=None)
    tenant = serializers.UUIDField(source="tenant.public_id", default=None)
    title = serializers.CharField()
    found = serializers.CharField(help_text=_("What was found, as a sentence."))
    facts = serializers.SerializerMethodField()
    document = serializers.UUIDField(source="document.public_id", default=None)
    proposed_by = PersonSerializer(allow_null=True)
    proposed_for = PersonSerializer(allow_null=True)
    verified_by = PersonSerializer(allow_null=True)
    on_behalf_of = PersonSerializer(allow_null=True)

    class Meta:
        model = ComplianceCheck
        fields = (
            "public_id", "application", "tenant", "key", "round", "current", "title", "method", "required", "state",
            "finding", "found", "facts", "ran_at", "next_attempt_at", "evidence", "document", "proposal", "proposed_by",
            "proposed_for", "proposed_at", "reason", "verified_by", "on_behalf_of", "verified_at", "remark",
            "valid_until",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_facts(self, row: ComplianceCheck) -> dict[str, Any]:
        """What the finding's sentence is made of; numbers of rows of ours are nobody's business."""
        return {name: value for name, value in row.facts.items() if name != "list"}


class ResultInput(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=["passed", "failed"])
    evidence = serializers.CharField(max_length=4000)
    document = serializers.UUIDField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)


class CheckReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000)


class CheckNothingInput(serializers.Serializer[Any]):
    """Takes nothing."""


class CheckFilters(Filters):
    search_fields = ("key", "case__organisation", "tenant__name")
    state = django_filters.MultipleChoiceFilter(label=_("Status"), choices=ComplianceCheck.State.choices)
    current = django_filters.BooleanFilter(label=_("Last round"))
    required = django_filters.BooleanFilter(label=_("Required"))
    application = django_filters.UUIDFilter(label=_("Application"), field_name="case__public_id")
    tenant = django_filters.UUIDFilter(label=_("Tenant"), field_name="tenant__public_id")


class CheckViewSet(ReadViewSet):
    """Every round of every check of the authorities for which the caller decides or audits; nothing of what they
    applied for or belong to themselves. A person that is checked reads /api/v1/applications/ID/checks/.
    """

    queryset = ComplianceCheck.objects.select_related(*queries.BESIDE)
    serializer_class = CheckSerializer
    filterset_class = CheckFilters
    verbs = dict.fromkeys(("result", "propose", "confirm", "decline", "again"), "decide")
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "result": ResultInput, "propose": CheckReasonInput, "confirm": CheckReasonInput, "decline": CheckReasonInput,
        "again": CheckNothingInput,
    }  # fmt: skip

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else queries.apart_from(rows, self.person)

    def get_object(self) -> Any:
        row = super().get_object()
        if why := queries.of_its_side(row, self.person):
            raise Forbidden(why)
        return row

    def _act(self, request: Request, service: Callable[..., ComplianceCheck], **more: Any) -> Response:
        check = self.get_object()
        row = service(acting_user=self.person, check=check, **{**self.cleaned(request), **more})
        return Response(CheckSerializer(row, context=self.get_serializer_context()).data)

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def result(self, request: Request, **kwargs: Any) -> Response:
        """An officer's verdict with what it rests on."""
        check, facts = self.get_object(), self.cleaned(request)
        wanted, document = facts.get("document"), None
        if wanted:
            papers = CaseDocument.objects.visible_to(self.person).filter(case=check.case_id)
            document = papers.filter(public_id=wanted).first()
        if wanted and document is None:
            raise Refused(_("This document does not belong to the application."), field="document")
        facts["document"] = document
        row = check_decisions.settle_check(acting_user=self.person, check=check, **facts)
        return Response(CheckSerializer(row, context=self.get_serializer_context()).data)

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, **kwargs: Any) -> Response:
        """The first of two officers: waive the check, or clear the hit. A check that failed gets a next round."""
        return self._act(request, check_decisions.propose_check)

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        """The second officer agrees."""
        return self._act(request, check_decisions.confirm_check)

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **kwargs: Any) -> Response:
        """The second officer does not agree."""
        return self._act(request, check_decisions.decline_check)

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, **kwargs: Any) -> Response:
        """Have it looked at again; a settled check gets a next round, which is the answer."""
        return self._act(request, check_decisions.renew_check)


class RulesSerializer(serializers.Serializer[Any]):
    """What an authority verifies. ``version`` 0 is the portal's own catalogue."""

    authority = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    checks = serializers.ListField(child=serializers.DictField())


class RulesInput(serializers.Serializer[Any]):
    checks = serializers.ListField(child=serializers.DictField())
    reason = serializers.CharField(max_length=300)


class CheckRulesViewSet(ReadViewSet):
    """What authorities verify, by the authority's id."""

    queryset = Authority.objects.all()
    serializer_class = RulesSerializer
    verbs = {"update": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"update": RulesInput}  # noqa: RUF012 - declared a ClassVar

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([self._told(row) for row in page or ()])

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._told(self.get_object()))

    @extend_schema(request=RulesInput, responses=RulesSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        """Put a whole catalogue in force for what is sent from now on."""
        row, facts = (
            fetch(self.queryset.all(), self.person, "edit", public_id=self.kwargs["public_id"]),
            self.cleaned(request),
        )
        content = {"checks": facts["checks"]}
        check_catalogues.set_catalogue(acting_user=self.person, authority=row, content=content, reason=facts["reason"])
        return Response(self._told(row))

    def _told(self, row: Authority) -> dict[str, Any]:
        found = queries.set_of(row)
        told = {"authority": row.public_id, "name": row.name, "version": found.version if found else 0}
        return dict(RulesSerializer({**told, **queries.content_of(row)}).data)
