"""Roles that identity providers give, for machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.core.errors import Forbidden
from tenants.api.people import PersonSerializer
from tenants.api.serializers import OptionalReasonInput
from tenants.claim_forms import staff_offices
from tenants.filters import ClaimFilters
from tenants.models import ClaimMapping
from tenants.services.claims import Plan, dry_run, end_mapping, map_claim
from tenants.services.memberships import OFFICES


class ClaimMappingSerializer(serializers.ModelSerializer[ClaimMapping]):
    made_by = PersonSerializer()

    class Meta:
        model = ClaimMapping
        fields = (
            "public_id", "provider", "claim", "value", "anchor_label", "anchor_name", "role", "made_by", "created_at",
            "ended_at",
        )  # fmt: skip


class ClaimMappingInput(serializers.Serializer[Any]):
    provider = serializers.CharField(max_length=60)
    claim = serializers.CharField(max_length=100)
    value = serializers.CharField(max_length=200)
    anchor_label = serializers.CharField(max_length=60, help_text=_("tenants.Authority or resources.Provider"))
    anchor = serializers.UUIDField()
    role = serializers.CharField(max_length=30)

    def validate_anchor_label(self, label: str) -> str:
        if label not in staff_offices():
            raise serializers.ValidationError(_("Write one of: %(names)s.") % {"names": ", ".join(staff_offices())})
        return label


class ChangeSerializer(serializers.Serializer[Any]):
    """What a sign-in of one person would change through one mapping."""

    person = PersonSerializer()
    change = serializers.ChoiceField(["gets", "loses", "withheld"])
    mapping = serializers.UUIDField()
    why = serializers.CharField()


class ClaimMappingViewSet(ReadViewSet):
    queryset = ClaimMapping.objects.select_related("made_by", "authority")
    serializer_class = ClaimMappingSerializer
    filterset_class = ClaimFilters
    verbs = {"end": "end"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": ClaimMappingInput, "end": OptionalReasonInput}  # noqa: RUF012

    def admins_only(self) -> None:
        if not self.person.is_platform_admin:
            raise Forbidden

    @extend_schema(responses={201: ClaimMappingSerializer})
    def create(self, request: Request) -> Response:
        self.admins_only()
        facts = self.cleaned(request)
        place: Any = OFFICES[facts.pop("anchor_label")].anchor_model
        anchor = fetch(place._default_manager.all(), self.person, "edit", public_id=facts.pop("anchor"))
        return self.answer(map_claim(acting_user=self.person, anchor=anchor, **facts), status.HTTP_201_CREATED)

    @extend_schema(responses=ClaimMappingSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(end_mapping(acting_user=self.person, mapping=self.get_object(), **self.cleaned(request)))

    @extend_schema(responses=ChangeSerializer(many=True))
    @action(detail=False, url_path="dry-run", pagination_class=None, filterset_class=None)
    def dry_run(self, request: Request) -> Response:
        """Who would get or lose which role if everybody signed in now."""
        self.admins_only()
        return Response(ChangeSerializer(changes_of(dry_run()), many=True).data)


def changes_of(plans: Iterable[Plan]) -> list[dict[str, Any]]:
    """One row for each thing that would change, or is withheld."""
    found: list[dict[str, Any]] = []
    for plan in plans:
        said: list[tuple[str, Any, str]] = [("gets", each, "") for each in plan.gives]
        said += [("loses", each.mapping, "") for each in plan.ends]
        said += [("withheld", each, why) for each, why in plan.withheld]
        found += [
            {"person": plan.user, "change": what, "mapping": row.public_id, "why": why} for what, row, why in said
        ]
    return found
