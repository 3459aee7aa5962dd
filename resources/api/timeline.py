"""A pool over time, for machines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from resources.forms.timeline import MOST_GPUS, MOST_REQUESTS
from resources.queries.supposing import Supposed

YEAR = timedelta(days=366)
LONGEST_SPAN = 3 * YEAR


class SpanInput(serializers.Serializer[Any]):
    """A period of up to three years, the coming year unless said otherwise; ``until`` belongs to nobody."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since = attrs.setdefault("since", timezone.now())
        attrs.setdefault("until", since + YEAR)
        if not timedelta(0) < attrs["until"] - attrs["since"] <= LONGEST_SPAN:
            raise serializers.ValidationError({"until": _("Choose an end after the beginning, within three years.")})
        return attrs


class PlanInput(SpanInput):
    """A period, and what is supposed meanwhile: GPUs out for maintenance for a time, new GPUs from a moment on, open
    requests as if they were approved in full.
    """

    out = serializers.IntegerField(required=False, min_value=1, max_value=MOST_GPUS)
    out_from = serializers.DateTimeField(required=False)
    out_until = serializers.DateTimeField(required=False)
    more = serializers.IntegerField(required=False, min_value=1, max_value=MOST_GPUS)
    more_from = serializers.DateTimeField(required=False)
    requests = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST_REQUESTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        facts = super().validate(attrs)
        if mistakes := Supposed.mistakes(facts):
            raise serializers.ValidationError(mistakes)
        return facts

    @property
    def supposed(self) -> Supposed:
        return Supposed.of(self.validated_data)


class LevelSerializer(serializers.Serializer[Any]):
    """A time in which neither changes: the promise, and what the pool can promise at most."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    promised = serializers.IntegerField()
    most = serializers.IntegerField()
