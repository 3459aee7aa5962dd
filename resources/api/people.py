"""Staff of providers, for machines."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.access import fetch
from resources.models import Provider, ProviderMembership
from resources.roles import ProviderRole
from tenants.api.people import PersonSerializer
from tenants.api.roles import StaffRoleViewSet
from tenants.api.serializers import PublicId
from tenants.filters import RoleFilters
from tenants.services.memberships import give_role
from tenants.services.people import known_person


class ProviderStaffSerializer(serializers.ModelSerializer[ProviderMembership]):
    provider = PublicId("provider")
    user = PersonSerializer()
    given_by = serializers.CharField(source="given_by.get_full_name", allow_null=True, default=None)
    stands_in_for = PersonSerializer(source="delegated_from.user", allow_null=True, default=None)

    class Meta:
        model = ProviderMembership
        fields = (
            "public_id", "provider", "user", "role", "stands_in_for", "valid_from", "valid_until", "given_by",
            "created_at",
        )  # fmt: skip


class ProviderStaffInput(serializers.Serializer[Any]):
    provider = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(ProviderRole.choices)
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_until = serializers.DateTimeField(allow_null=True, default=None)


class ProviderStaffViewSet(StaffRoleViewSet):
    queryset = ProviderMembership.objects.select_related("provider", "user", "given_by", "delegated_from__user")
    serializer_class = ProviderStaffSerializer
    filterset_class = RoleFilters
    input_classes = {**StaffRoleViewSet.input_classes, "create": ProviderStaffInput}  # noqa: RUF012

    @extend_schema(responses={201: ProviderStaffSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        provider = fetch(Provider.objects.all(), self.person, "edit", public_id=facts.pop("provider"))
        person = known_person(facts.pop("email"), self.person)
        row = give_role(acting_user=self.person, anchor=provider, user=person, **facts)
        return self.answer(row, status.HTTP_201_CREATED)
