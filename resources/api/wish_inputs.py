"""What a tenant sends when it asks: lines with or without a pool, an access mode, and answers to its questions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from resources.api.serializers import Named
from resources.forms.asking import MOST_LINES
from resources.forms.gpus import read_gpus
from resources.models import AccessMode, CapacityPool, GPUKind, Grant, QuotaRequest
from resources.services.wishes import MOST
from tenants.models import Project
from tenants.models.tenant import Stage


@extend_schema_field(OpenApiTypes.INT)
class GPUsInput(serializers.Field[int, Any, Any, Any]):
    """So many whole GPUs or GPU hours."""

    def to_internal_value(self, data: Any) -> int:
        try:
            return read_gpus(data, MOST)
        except ValueError as wrong:
            raise serializers.ValidationError(str(wrong)) from None

    def to_representation(self, value: Any) -> Any:
        return value


class WishInput(serializers.Serializer[Any]):
    """One line: of a ``pool``, or of a ``kind`` on any cluster that is cleared for the project (the decider places it).

    ``amount`` GPUs at once; or ``budget_hours`` GPU-hours, with ``amount`` as the most at once if it is given.
    ``ends_at`` is the first instant that no longer belongs to it.
    """

    pool = Named(CapacityPool, "offer", ("cluster", "kind"), required=False)
    kind = Named(GPUKind, required=False)
    amount = GPUsInput(required=False)
    budget_hours = GPUsInput(required=False)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("pool" in attrs) == ("kind" in attrs):
            raise serializers.ValidationError(
                _("Name a pool, or a kind alone for any cluster that is cleared; not both, and not neither.")
            )
        if "amount" not in attrs and "budget_hours" not in attrs:
            raise serializers.ValidationError(_("Say how many GPUs (amount), or how many GPU hours (budget_hours)."))
        return attrs


class RequestInput(serializers.Serializer[Any]):
    """``mode``: an access mode that the authority offers; without one the authority's usual time holds. ``change`` and
    ``grant``: how a grant is to change.
    """

    project = Named(Project, "request", ("tenant",))
    mode = Named(AccessMode, "offer", required=False, allow_null=True, default=None)
    stage = serializers.ChoiceField(Stage.choices, required=False, allow_blank=True, default="")
    mode_answers = serializers.DictField(required=False, default=dict)
    change = serializers.ChoiceField(QuotaRequest.Change.choices, required=False, default="new")
    grant = Named(Grant, "renew", required=False, allow_null=True, default=None)
    purpose = serializers.CharField(max_length=4000)
    lines = WishInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]  # of the list

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["change"] == QuotaRequest.Change.NEW) != (attrs["grant"] is None):
            raise serializers.ValidationError(_("A change names the grant that it changes, and new GPUs name none."))
        return attrs


@extend_schema_serializer(component_name="RequestAnswerInput")
class AnswerInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    purpose = serializers.CharField(max_length=4000, allow_blank=True, default="")
    stage = serializers.ChoiceField(Stage.choices, required=False, allow_blank=True, default="")
    mode_answers = serializers.DictField(required=False)
    lines = WishInput(many=True, required=False, default=list, max_length=MOST_LINES)  # type: ignore[call-arg]  # of the list


class FileInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, max_length=300)


class ReleaseInput(serializers.Serializer[Any]):
    """``at``: from when on; without it at once."""

    gpus = GPUsInput()
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class TransferInput(serializers.Serializer[Any]):
    project = Named(Project, "request", ("tenant",))
    gpus = GPUsInput()
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")
