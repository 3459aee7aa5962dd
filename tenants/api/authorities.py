"""Authorities, their policies and staff, and the audit trail, for machines."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.pagination import CursorPages
from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.core.errors import Forbidden
from portal.core.trail import formats, proofs, reading
from tenants.api import serializers as s
from tenants.api.people import PersonSerializer
from tenants.api.roles import StaffRoleViewSet
from tenants.filters import AuthorityFilters, PolicyFilters, StaffFilters, TrailFilters
from tenants.models import Authority, AuthorityMembership, PolicyRule, Trail
from tenants.queries.trail import whole_streams
from tenants.services.authorities import register_authority, revise_authority, set_policy
from tenants.services.factors import reset_factors
from tenants.services.people import add_staff


class AuthorityViewSet(ReadViewSet):
    queryset = Authority.objects.all()
    serializer_class = s.AuthoritySerializer
    filterset_class = AuthorityFilters
    verbs = {"update": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": s.AuthorityInput, "update": s.AuthorityInput}  # noqa: RUF012

    @extend_schema(responses=s.AuthorityChoice(many=True))
    @action(detail=False, url_path="apply", pagination_class=None, filterset_class=None)
    def take_applications(self, request: Request) -> Response:
        """The authorities to which an organisation may apply."""
        rows = Authority.objects.visible_to(self.person, "apply").order_by("name")
        return Response(s.AuthorityChoice(rows, many=True).data)

    @extend_schema(responses={201: s.AuthoritySerializer})
    def create(self, request: Request) -> Response:
        if not self.person.is_platform_admin:
            raise Forbidden
        row = register_authority(acting_user=self.person, facts=self.cleaned(request))  # type: ignore[arg-type]  # what AuthorityInput read
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.AuthoritySerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(revise_authority(acting_user=self.person, authority=row, facts=self.cleaned(request)))  # type: ignore[arg-type]


class PolicyViewSet(ReadViewSet):
    """Every version of every rule; the newest of a key is in force."""

    queryset = PolicyRule.objects.select_related("authority")
    serializer_class = s.PolicySerializer
    filterset_class = PolicyFilters
    input_classes = {"create": s.PolicyInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses={201: s.PolicySerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "edit", public_id=facts.pop("authority"))
        return self.answer(set_policy(acting_user=self.person, authority=authority, **facts), status.HTTP_201_CREATED)


class StaffViewSet(StaffRoleViewSet):
    queryset = AuthorityMembership.objects.select_related("authority", "user", "given_by", "delegated_from__user")
    serializer_class = s.StaffSerializer
    filterset_class = StaffFilters
    input_classes = {  # noqa: RUF012
        **StaffRoleViewSet.input_classes, "create": s.StaffInput, "reset_second_factor": s.ResetInput,
    }  # fmt: skip

    @extend_schema(responses={201: s.StaffSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "edit", public_id=facts.pop("authority"))
        site = request.build_absolute_uri("/")
        row = add_staff(acting_user=self.person, authority=authority, site=site, **facts)
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=PersonSerializer)
    @action(detail=False, methods=["post"], url_path="reset-second-factor", filterset_class=None)
    def reset_second_factor(self, request: Request) -> Response:
        """Take every second factor off the account with this address; for platform administrators."""
        if not self.person.is_platform_admin:
            raise Forbidden
        return Response(PersonSerializer(reset_factors(acting_user=self.person, **self.cleaned(request))).data)


class TrailPages(CursorPages):
    ordering = ("-at", "-id")


class TrailViewSet(ReadViewSet):
    """The audit events the caller may read."""

    queryset = Trail.objects.select_related("actor", "entry")
    serializer_class = s.TrailSerializer
    filterset_class = TrailFilters
    pagination_class = TrailPages
    lookup_field = "pk"
    lookup_value_regex = "[0-9]+"

    @extend_schema(
        parameters=[
            OpenApiParameter("as", str, enum=sorted(formats.FORMATS), description="the form of each line"),
            OpenApiParameter("after", int, description="the cursor of the last line you have"),
            OpenApiParameter("most", int, description="how many lines at most, up to 10,000"),
        ],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, (200, "text/plain"): OpenApiTypes.STR},
    )
    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> HttpResponse:
        """Events in the order they were committed, one a line; ``X-Next-Cursor`` is where the next call begins."""
        asked = s.ExportInput(
            data={name: request.query_params[name] for name in ("as", "after", "most") if name in request.query_params}
        )
        asked.is_valid(raise_exception=True)
        media_type, write = formats.FORMATS[asked.validated_data["as"]]
        after, most = asked.validated_data["after"], asked.validated_data["most"]
        found = list(reading.lines(self.filter_queryset(self.get_queryset()), after=after, most=most))
        response = HttpResponse("".join(f"{write(line)}\n" for line in found), content_type=media_type)
        response["X-Next-Cursor"] = str(found[-1].position if found else after)
        return response

    @extend_schema(responses={(200, "application/x-ndjson"): OpenApiTypes.STR})
    @action(detail=False, pagination_class=None, filterset_class=None)
    def proof(self, request: Request) -> HttpResponse:
        """For each record that the caller reads as a whole: the way from its last sealed entry to the signed root.

        Saved before the lines of ``export`` (from the beginning, ``as=jsonl``) it is what ``audit_verify`` checks.
        """
        head = [reading.header(complete=True, after=0)]
        lines = [*head, *(proof.line() for proof in proofs.prove(whole_streams(self.person)))]
        return HttpResponse("".join(f"{line}\n" for line in lines), content_type="application/x-ndjson")
