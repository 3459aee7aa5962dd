"""What applicants read of an application beside its answers: who was asked to write it, and where it stands."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class WriterInvitationSerializer(serializers.Serializer[Any]):
    """Somebody who was asked to write an application."""

    public_id = serializers.UUIDField()
    email = serializers.EmailField()
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class StationSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # the framework has an attribute of that name
    at = serializers.DateTimeField(allow_null=True)
    now = serializers.BooleanField()


class UsualSerializer(serializers.Serializer[Any]):
    """Days from sending to decision, in the middle of the last decisions; ``decided``: of how many."""

    days = serializers.IntegerField()
    decided = serializers.IntegerField()


class StandingSerializer(serializers.Serializer[Any]):
    """``known``: a sentence when another tenant or open application has this number or name, else empty."""

    stations = StationSerializer(many=True)
    usual = UsualSerializer(allow_null=True)
    known = serializers.CharField()
