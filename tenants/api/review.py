"""What officers send and read about the work on an application."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tenants.api.people import PersonSerializer
from tenants.models import CaseNote


class LoadSerializer(serializers.Serializer[Any]):
    """An officer, and how many applications they have in hand: all, and those past their day."""

    person = PersonSerializer()
    open = serializers.IntegerField()
    late = serializers.IntegerField()


class AssignInput(serializers.Serializer[Any]):
    officer = serializers.UUIDField()


class CaseNoteInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class NoteSerializer(serializers.ModelSerializer[CaseNote]):
    author = PersonSerializer()

    class Meta:
        model = CaseNote
        fields = ("public_id", "created_at", "author", "text")
