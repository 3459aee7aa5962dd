"""The label of a choice, looked up once a language.

Django's own ``get_…_display`` puts every label of the field into words and hashes it for each row, which was a fifth of
what a list of 50 rows cost.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import get_language


def label(row: models.Model, name: str) -> str:
    """What ``row.get_<name>_display()`` says; asked of the row itself where the word is reckoned and in no column."""
    try:
        field: Any = row._meta.get_field(name)
    except FieldDoesNotExist:
        return str(getattr(row, f"get_{name}_display")())
    value = getattr(row, field.attname)
    return _labels(field, get_language()).get(value, "" if value is None else str(value))


@lru_cache(maxsize=1024)
def _labels(field: Any, language: str | None) -> dict[Any, str]:
    return {value: str(text) for value, text in field.flatchoices}
