"""What those who decide requests send, and what several at once answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from resources.api.serializers import Named, ReasonInput
from resources.models import CapacityPool
from tenants.models import Authority


class TermInput(serializers.Serializer[Any]):
    """What is given of one line; place and period are as asked unless they are said. ``budget_hours``: of a line that asks
    for GPU-hours; unless it is said, as large a part of them as of the GPUs and of the time.
    """

    line = serializers.UUIDField()
    amount = serializers.IntegerField(min_value=0)
    pool = Named(CapacityPool, "offer", required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    rest_open = serializers.BooleanField(default=False)
    budget_hours = serializers.IntegerField(min_value=1, required=False)


@extend_schema_serializer(component_name="RequestAssignInput")
class AssignInput(serializers.Serializer[Any]):
    approver = serializers.UUIDField()


@extend_schema_serializer(component_name="RequestAppealInput")
class AppealInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


@extend_schema_serializer(component_name="RequestManyInput")
class ManyInput(ReasonInput):
    """Requests by their public ids, fifty at most."""

    requests = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=50)


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of one of several requests; ``said``: its state, or what stood in the way."""

    request = serializers.UUIDField(source="request.public_id")
    done = serializers.BooleanField()
    said = serializers.CharField()


class AmountsInput(serializers.Serializer[Any]):
    """GPUs by the public id of the line, or lines with place and period; without either all that is open and that the
    authority may pay.
    """

    amounts = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    lines = TermInput(many=True, required=False)
    authority = Named(Authority, "approve", required=False)


class PlacesInput(serializers.Serializer[Any]):
    """Pool by the public id of the line, for lines that leave their cluster to the decider."""

    placements = serializers.DictField(child=Named(CapacityPool, "offer", ("cluster", "kind")), required=False)


class GrantConditionInput(serializers.Serializer[Any]):
    """What the tenant has to do, by the end of a day on the clocks of the authority that decides."""

    text = serializers.CharField(max_length=500)
    due_on = serializers.DateField()


@extend_schema_serializer(component_name="RequestApprovalInput")
class ApprovalInput(AmountsInput, PlacesInput, ReasonInput):
    """``conditions``: part of the decision, under which the GPUs are granted."""

    conditions = GrantConditionInput(many=True, required=False)


class PreviewInput(AmountsInput, PlacesInput):
    pass
