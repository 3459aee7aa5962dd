"""Roles of a tenant that its identity provider gives, for machines of its owners."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from tenants.api.claims import ChangeSerializer, changes_of
from tenants.api.people import PersonSerializer
from tenants.api.serializers import OptionalReasonInput
from tenants.filters import TenantClaimFilters
from tenants.models import Tenant, TenantClaim
from tenants.roles import TenantRole
from tenants.services.claims import dry_run
from tenants.services.tenant_claims import end_tenant_claim, map_tenant_claim


class TenantClaimSerializer(serializers.ModelSerializer[TenantClaim]):
    made_by = PersonSerializer()
    tenant = serializers.UUIDField(source="tenant.public_id")

    class Meta:
        model = TenantClaim
        fields = ("public_id", "tenant", "provider", "claim", "value", "role", "made_by", "created_at", "ended_at")


class TenantClaimInput(serializers.Serializer[Any]):
    tenant = serializers.UUIDField()
    provider = serializers.CharField(max_length=60)
    claim = serializers.CharField(max_length=100)
    value = serializers.CharField(max_length=200)
    role = serializers.ChoiceField([choice for choice in TenantRole.choices if choice[0] != TenantRole.OWNER])


class TenantClaimViewSet(ReadViewSet):
    queryset = TenantClaim.objects.select_related("made_by", "tenant__authority")
    serializer_class = TenantClaimSerializer
    filterset_class = TenantClaimFilters
    verbs = {"end": "end"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": TenantClaimInput, "end": OptionalReasonInput}  # noqa: RUF012

    def tenant(self, public_id: Any) -> Tenant:
        return fetch(Tenant.objects.select_related("authority"), self.person, "manage_members", public_id=public_id)

    @extend_schema(responses={201: TenantClaimSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        row = map_tenant_claim(acting_user=self.person, tenant=self.tenant(facts.pop("tenant")), **facts)
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=TenantClaimSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(end_tenant_claim(acting_user=self.person, mapping=row, **self.cleaned(request)))

    @extend_schema(
        responses=ChangeSerializer(many=True),
        parameters=[OpenApiParameter("tenant", UUID, required=True)],
    )
    @action(detail=False, url_path="dry-run", pagination_class=None, filterset_class=None)
    def dry_run(self, request: Request) -> Response:
        """Who would get or lose which role of the tenant if everybody signed in now."""
        asked = serializers.UUIDField().run_validation(request.query_params.get("tenant", ""))
        return Response(ChangeSerializer(changes_of(dry_run(tenant=self.tenant(asked))), many=True).data)
