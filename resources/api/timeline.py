"""A pool over time, for machines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

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


class LevelSerializer(serializers.Serializer[Any]):
    """A time in which the promise does not change."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    promised = serializers.IntegerField()
