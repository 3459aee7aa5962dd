"""A person as others may read of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PersonSerializer(serializers.Serializer[Any]):
    public_id = serializers.UUIDField()
    full_name = serializers.CharField()
    email = serializers.EmailField()
