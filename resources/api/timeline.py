"""A pool over time, for machines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from resources.forms.timeline import MOST_GPUS, MOST_REQUESTS
from resources.quantities import Promise
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
        if "out" in facts and not {"out_from", "out_until"} <= facts.keys():
            raise serializers.ValidationError({"out_from": _("Say from when until when they are out.")})
        if "out" in facts and facts["out_until"] <= facts["out_from"]:
            raise serializers.ValidationError({"out_until": _("The maintenance ends before it begins.")})
        if "more" in facts and "more_from" not in facts:
            raise serializers.ValidationError({"more_from": _("Say from which day on they are there.")})
        return facts

    @property
    def supposed(self) -> Supposed:
        facts = self.validated_data
        out = Promise(facts["out"], facts["out_from"], facts["out_until"]) if "out" in facts else None
        return Supposed(out, facts.get("more", 0), facts["more_from"] if "more" in facts else None)


class LevelSerializer(serializers.Serializer[Any]):
    """A time in which neither changes: the promise, and what the pool can promise at most."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    promised = serializers.IntegerField()
    most = serializers.IntegerField()
