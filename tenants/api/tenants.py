"""Tenants, their projects and people, for machines."""

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
from tenants.api.lifecycle import TenantLife
from tenants.api.roles import RoleViewSet
from tenants.filters import MembershipFilters, ProjectFilters, TenantFilters
from tenants.models import Membership, Project, Tenant
from tenants.services.people import add_member
from tenants.services.projects import create_project, end_project, revise_project
from tenants.services.tenants import reactivate_tenant, suspend_tenant


class TenantViewSet(TenantLife):
    queryset = Tenant.objects.select_related("authority")
    serializer_class = s.TenantSerializer
    filterset_class = TenantFilters
    verbs = {"suspend": "decide", "reactivate": "decide", "archive": "manage_members"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"suspend": s.ReasonInput, "reactivate": s.ReasonInput}  # noqa: RUF012

    @extend_schema(responses=s.TenantSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, **kwargs: Any) -> Response:
        tenant = self.get_object()
        return self.answer(suspend_tenant(acting_user=self.person, tenant=tenant, **self.cleaned(request)))

    @extend_schema(responses=s.TenantSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, **kwargs: Any) -> Response:
        tenant = self.get_object()
        return self.answer(reactivate_tenant(acting_user=self.person, tenant=tenant, **self.cleaned(request)))


class ProjectViewSet(ReadViewSet):
    queryset = Project.objects.select_related("tenant")
    serializer_class = s.ProjectSerializer
    filterset_class = ProjectFilters
    verbs = {"update": "edit", "end": "end"}  # noqa: RUF012 - declared a ClassVar
    token_scopes = dict.fromkeys(("create", "update"), "projects:write")
    input_classes = {"create": s.NewProjectInput, "update": s.ProjectInput, "end": s.ReasonInput}  # noqa: RUF012

    @extend_schema(responses={201: s.ProjectSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        tenant = fetch(TenantViewSet.queryset.all(), self.person, "manage_projects", public_id=facts.pop("tenant"))
        return self.answer(create_project(acting_user=self.person, tenant=tenant, **facts), status.HTTP_201_CREATED)

    @extend_schema(responses=s.ProjectSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        project = self.get_object()
        return self.answer(revise_project(acting_user=self.person, project=project, **self.cleaned(request)))

    @extend_schema(responses=s.ProjectSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        """End it for good, with what it was granted and asked for."""
        project = self.get_object()
        return self.answer(end_project(acting_user=self.person, project=project, **self.cleaned(request)))


class MembershipViewSet(RoleViewSet):
    queryset = Membership.objects.select_related("tenant__authority", "user", "given_by")
    serializer_class = s.MembershipSerializer
    filterset_class = MembershipFilters
    input_classes = {**RoleViewSet.input_classes, "create": s.MembershipInput}  # noqa: RUF012

    @extend_schema(responses={201: s.MembershipSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        tenant = fetch(TenantViewSet.queryset.all(), self.person, "manage_members", public_id=facts.pop("tenant"))
        row = add_member(acting_user=self.person, tenant=tenant, site=request.build_absolute_uri("/"), **facts)
        return self.answer(row, status.HTTP_201_CREATED)
