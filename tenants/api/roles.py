"""What can be done with one role, for machines: change its period, end it, delegate it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from tenants.api.people import PersonSerializer
from tenants.services.delegations import delegate_role
from tenants.services.memberships import change_role, end_role
from tenants.services.people import known_person


class EndInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class ChangeRoleInput(serializers.Serializer[Any]):
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_until = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class DelegateInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RoleSerializer(serializers.Serializer[Any]):
    """What every role has: whose it is, from when until when, by whom."""

    public_id = serializers.UUIDField()
    user = PersonSerializer()
    role = serializers.CharField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    given_by = serializers.CharField(source="given_by.get_full_name", allow_null=True, default=None)
    created_at = serializers.DateTimeField()


class RoleViewSet(ReadViewSet):
    """Roles of one kind of anchor; a subclass gives them."""

    verbs = {"change": "edit", "end": "end", "delegate": "delegate"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"change": ChangeRoleInput, "end": EndInput, "delegate": DelegateInput}  # noqa: RUF012

    @extend_schema(responses=RoleSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(change_role(acting_user=self.person, membership=row, **self.cleaned(request)))

    @extend_schema(responses=RoleSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(end_role(acting_user=self.person, membership=row, **self.cleaned(request)))


class StaffRoleViewSet(RoleViewSet):
    """Roles that can be delegated for an absence."""

    @extend_schema(responses={201: RoleSerializer})
    @action(detail=True, methods=["post"])
    def delegate(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        to = known_person(facts.pop("email"), self.person)
        made = delegate_role(acting_user=self.person, membership=row, to=to, **facts)
        return self.answer(made, status.HTTP_201_CREATED)
