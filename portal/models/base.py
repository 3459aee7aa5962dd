from __future__ import annotations

import re
import uuid

from django.db import models

RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff\u200f\u202a-\u202e\u2066-\u2068]"
)
"""Letters that run from right to left, and the marks by which a text turns itself round."""
MARKS = {0x2068: None, 0x2069: None}


def isolated(name: str) -> str:
    """A name as it may stand in the middle of a sentence: one that runs the other way keeps its neighbours in place.

    The marks are those of Unicode (first strong isolate, UAX 9), so that titles, lists and mails are right as well;
    pages have the same from their style sheet.
    """
    return f"\u2068{name}\u2069" if RIGHT_TO_LEFT.search(name) else name


class PublicModel(models.Model):
    """A row with two names: a bigint for joins and a UUID for addresses, which tells nothing about how many there are."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
