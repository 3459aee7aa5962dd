"""API tokens, for people who are signed in; a token itself neither sees nor makes any."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.errors import Refused
from tenants.api.people import PersonSerializer
from tenants.api.roles import EndInput
from tenants.filters import TokenFilters
from tenants.models import ApiToken, TokenScope
from tenants.services.tokens import create_token, places_of, revoke_token


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    user = PersonSerializer()
    tenant = serializers.UUIDField(source="tenant.public_id", allow_null=True, default=None)
    authority = serializers.UUIDField(source="authority.public_id", allow_null=True, default=None)
    provider = serializers.UUIDField(source="anchor_public_id", allow_null=True, default=None)
    state = serializers.ChoiceField(ApiToken.State.choices, read_only=True)

    class Meta:
        model = ApiToken
        fields = (
            "public_id", "user", "name", "tenant", "authority", "provider", "scopes", "networks", "expires_at",
            "last_used_at", "last_used_from", "state", "created_at",
        )  # fmt: skip


class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(read_only=True, help_text=gettext_lazy("Shown this once."))

    class Meta(TokenSerializer.Meta):
        fields: Any = (*TokenSerializer.Meta.fields, "token")


class TokenInput(serializers.Serializer[Any]):
    """``place``: the public id of a tenant, an authority or a provider of yours."""

    name = serializers.CharField(max_length=80)
    place = serializers.UUIDField()
    scopes = serializers.ListField(child=serializers.ChoiceField(TokenScope.choices), default=list)
    networks = serializers.ListField(child=serializers.CharField(max_length=50), default=list)
    expires_at = serializers.DateTimeField()


class TokenViewSet(ReadViewSet):
    queryset = ApiToken.objects.select_related("user", "tenant", "authority")
    serializer_class = TokenSerializer
    filterset_class = TokenFilters
    never_by_token = True
    verbs = {"revoke": "revoke"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": TokenInput, "revoke": EndInput}  # noqa: RUF012

    @extend_schema(responses={201: MadeTokenSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        wanted = facts.pop("place")
        place = next((each for each in places_of(self.person) if each.public_id == wanted), None)
        if place is None:
            raise Refused(_("You belong to no tenant, authority or provider of this id."), field="place")
        row, text = create_token(acting_user=self.person, place=place, **facts)
        shown = {**TokenSerializer(row).data, "token": text}
        return Response(shown, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(responses=TokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(revoke_token(acting_user=self.person, token=row, **self.cleaned(request)))
