from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from functools import cache
from inspect import getattr_static
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

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


class LightModel(models.Model):
    """A row that is made quickly when it is read."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(  # type: ignore[override]  # the stubs speak of a later Django
        cls, db: str | None, field_names: Collection[str], values: Collection[Any]
    ) -> Self:
        """The row as the database gave it, made without the constructor, which looks at every field of the model for
        each row: a page of 50 rows makes 400 with those that stand beside them. What was not read is left out, and read
        when it is asked for, as ever.
        """
        told = _told(cls)
        if told is None:
            return super().from_db(db, field_names, values)
        new = cls.__new__(cls)
        new._state = state = ModelState()  # noqa: SLF001  # ours as much as the constructor’s
        state.adding, state.db = False, db
        new.__dict__.update(zip(field_names, values, strict=True))
        if told:
            for name in told.intersection(field_names):
                setattr(new, name, new.__dict__.pop(name))
        return new


@cache
def _told(model: type[models.Model]) -> frozenset[str] | None:
    """The columns whose values an attribute of the model takes in its own way; None where making a row does more."""
    if model.__init__ is not models.Model.__init__ or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return None
    names = [field.attname for field in model._meta.concrete_fields]
    return frozenset(name for name in names if not isinstance(getattr_static(model, name), DeferredAttribute))


class PublicModel(LightModel):
    """A row with two names: a bigint for joins and a UUID for addresses, which tells nothing about how many there are."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(LightModel.Meta):
        abstract = True
