"""The base of every endpoint: rows through ``visible_to``, one row through ``fetch``."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.access import ScopedQuerySet, fetch
from portal.models import User


class ScopedViewSet(viewsets.GenericViewSet[Any]):
    """Lists and details of what the caller may see; acts ask for the verb that ``verbs`` names for them."""

    queryset: ScopedQuerySet[Any]
    lookup_field = "public_id"
    lookup_value_regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    verb: ClassVar[str] = "view"
    verbs: ClassVar[dict[str, str]] = {}
    token_scopes: ClassVar[dict[str, str]] = {}
    """Action → the scope with which a token may do it; what is not named takes a person (portal.api.permissions)."""
    never_by_token: ClassVar[bool] = False
    input_classes: ClassVar[dict[str, type[serializers.BaseSerializer[Any]]]] = {}

    @property
    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]  # IsAuthenticated holds
        return user

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.all().visible_to(self.person, self.verb)

    def get_object(self) -> Any:
        verb = self.verbs.get(self.action or "", "view")
        return fetch(self.queryset.all(), self.person, verb, **{self.lookup_field: self.kwargs[self.lookup_field]})

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return self.input_classes.get(self.action or "") or super().get_serializer_class()

    def cleaned(self, request: Request, **kwargs: Any) -> dict[str, Any]:
        """The body as the action's input serializer reads it; raises ValidationError with every field's sentence."""
        serializer = self.get_serializer(data=request.data, **kwargs)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data

    def answer(self, row: Any, status: int = 200) -> Response:
        """The row as the endpoint shows it."""
        kind = self.serializer_class
        assert kind is not None
        return Response(kind(row, context=self.get_serializer_context()).data, status=status)


class ReadViewSet(ScopedViewSet):
    """List and retrieve."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())
