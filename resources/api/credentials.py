"""The credentials of a cluster, for machines: written, never read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from portal.core.errors import NotFound
from resources.models import ClusterCredential

PURPOSE = OpenApiParameter("purpose", str, OpenApiParameter.PATH, enum=ClusterCredential.Purpose.values)


def known(purpose: str) -> str:
    if purpose not in ClusterCredential.Purpose.values:
        raise NotFound
    return purpose


class CredentialInput(serializers.Serializer[Any]):
    secret = serializers.CharField(max_length=200_000, write_only=True, trim_whitespace=True)


class CredentialSerializer(serializers.Serializer[Any]):
    """What is set for a cluster, and since when; the content is given to nobody."""

    purpose = serializers.ChoiceField(ClusterCredential.Purpose.choices)
    set_at = serializers.DateTimeField(source="row.set_at", default=None, allow_null=True)
    set_by = serializers.CharField(source="row.set_by", default=None, allow_null=True)
    stale = serializers.BooleanField()
