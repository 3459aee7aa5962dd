from __future__ import annotations

import uuid

from django.db import models


class PublicModel(models.Model):
    """A row with two names: a bigint for joins and a UUID for addresses, which tells nothing about how many there are."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
