"""Paging by key, so that page 2,000 costs what page 1 costs.

A page is cut by (sort value, id) of its last row, never by an offset. Only indexed, never-null columns may be sorts.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from portal.core.access import among

COUNT_BOUND = 10_000


@dataclass(frozen=True)
class Sort:
    """An order that may be asked for: a column that is never null, and which way it begins."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """One cut of a list: its rows in order, and the tokens of the neighbouring cuts (None: there is none)."""

    rows: list[Any]
    newer: str | None
    older: str | None


def cut(
    queryset: models.QuerySet[Any], sort: Sort, at: str, size: int, beside: models.QuerySet[Any] | None = None
) -> Page:
    """The page at token ``at`` ("" the first, "last" the last, else as in ``Page``); a token nobody made is the first.

    ``beside``: the model's rows with what is read beside them, where the rows of the page are to be found first and what
    stands beside them is then read of these alone.
    """
    backwards, position = _read(at)
    descending = sort.descending != backwards
    order = [("-" if descending else "") + name for name in (sort.field, "pk")]
    rows = queryset.order_by(*order)
    value = _typed(queryset.model, sort.field, position[0]) if position else None
    if position is not None and value is not None:
        pk = position[1]
        op = "lt" if descending else "gt"
        beyond = Q(**{f"{sort.field}__{op}": value}) | Q(**{f"pk__{op}": pk})
        rows = rows.filter(Q(**{f"{sort.field}__{op}e": value}) & beyond)
    rows = rows[: size + 1]
    if beside is not None and not rows.query.distinct:
        rows = beside.filter(among("pk", rows.values("pk"))).order_by(*order)
    found = list(rows)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    before_exists = more if backwards else position is not None
    after_exists = position is not None if backwards else more
    return Page(
        found,
        _token("b", found[0], sort) if before_exists else None,
        _token("a", found[-1], sort) if after_exists else None,
    )


def bounded_count(queryset: models.QuerySet[Any]) -> int:
    """How many rows, exactly up to the bound; one more than the bound means "more"."""
    return queryset.order_by()[: COUNT_BOUND + 1].count()


def _token(way: str, row: Any, sort: Sort) -> str:
    value = row
    for name in sort.field.split("__"):
        value = getattr(value, name)
    text = json.dumps([way, value, row.pk], cls=_Exact)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class _Exact(DjangoJSONEncoder):
    """Times to the microsecond: Django's own encoder keeps milliseconds, and rows between them would be lost."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _read(at: str) -> tuple[bool, tuple[Any, int] | None]:
    if at == "last":
        return True, None
    try:
        way, value, pk = json.loads(base64.urlsafe_b64decode(at + "=" * (-len(at) % 4)))
        return way == "b", (value, int(pk))
    except (ValueError, TypeError, binascii.Error):
        return False, None


def _typed(model: type[models.Model], path: str, value: Any) -> Any:
    field: Any = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model or model
    if isinstance(field, models.DateTimeField):
        parsed: datetime | date | None = parse_datetime(str(value))
        return parsed
    return parse_date(str(value)) if isinstance(field, models.DateField) else value
