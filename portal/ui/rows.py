"""The rows of a table as HTML: what the cells of a column share is worked out once a column, not once a cell.

django-tables2 looks up accessor, attributes, signature and heading for every cell, which cost a page of 50 rows more
than everything else it did. The rules are its own: a choice shows its label, an empty value the column's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from inspect import getfullargspec
from operator import attrgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.base import render_value_in_context
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2.rows import BoundRow
from django_tables2.utils import Accessor

from portal.ui.escaping import escaped
from portal.ui.labels import label

Cell = Callable[[Any], Any]
ELEMENT = re.compile(r"<[^>]*>")
LONG = 24
"""A word of so many letters or more may be broken anywhere; shorter ones stay whole, and so do the columns."""


def body(table: Any, records: Iterable[Any]) -> SafeString:
    """All rows of ``table``, escaped as a template would."""
    records, context = list(records), Context()
    if not records:
        return mark_safe("")
    drawn = [
        (format_html('<td data-l="{}" {}>', bound.header, bound.attrs["td"].as_html()), _cell(table, bound, records[0]))
        for bound in table.columns
    ]
    out: list[str] = []
    for record in records:
        out.append("<tr>")
        for opening, cell in drawn:
            text = _text(cell(record), context)
            if len(text) >= LONG and any(len(word) >= LONG for word in ELEMENT.sub(" ", text).split()):
                text = f'<div class="long">{text}</div>'
            out += (opening, text, "</td>")
        out.append("</tr>")
    return mark_safe("".join(out))  # noqa: S308  # every value has been escaped


def _text(value: Any, context: Context) -> str:
    if isinstance(value, str | models.Model):
        return escaped(value)
    return render_value_in_context(value, context)


def _cell(table: Any, bound: Any, sample: Any) -> Cell:
    """What a cell of this column shows, as a function of the row."""
    if bound.link:
        return lambda record: BoundRow(record, table=table).get_cell(bound.name)
    default, empty = bound.default, bound.column.empty_values
    wanted = _wanted(getattr(bound.render, "__func__", bound.render))
    fixed = {"column": bound.column, "bound_column": bound, "table": table}
    render = partial(bound.render, **{name: value for name, value in fixed.items() if name in wanted})
    by_value = "value" in wanted
    if not empty and not by_value and "bound_row" not in wanted:  # worked out from the row alone
        return (lambda record: render(record=record)) if "record" in wanted else (lambda _record: render())
    read = _reader(bound.accessor, sample)

    def show(record: Any) -> Any:
        value = read(record)
        if value in empty:
            return default
        given = {"value": value} if by_value else {}
        if "record" in wanted:
            given["record"] = record
        if "bound_row" in wanted:
            given["bound_row"] = BoundRow(record, table=table)
        return render(**given)

    return show


@lru_cache(maxsize=1024)
def _wanted(render: Cell) -> frozenset[str]:
    """What a column's function asks for."""
    return frozenset(getfullargspec(render).args)


def _reader(path: str, sample: Any) -> Cell:
    """The value at ``path``; None where there is nothing, the label where it is a choice of the row itself."""
    accessor = Accessor(path)

    def resolve(record: Any) -> Any:
        try:
            return accessor.resolve(record)
        except Exception:  # noqa: BLE001  # a column may have no field; django-tables2 asks no further either
            return None

    fields = _fields(accessor.bits, sample)
    if not fields or not all(field.concrete for field in fields):
        return resolve
    if len(fields) > 1:
        return partial(_beyond, attrgetter(".".join(accessor.bits)))
    if getattr(fields[0], "choices", None) and hasattr(sample, f"get_{path}_display"):
        return lambda record: label(record, path)
    return lambda record: getattr(record, path)


def _fields(names: list[str], sample: Any) -> list[Any]:
    """The columns that lead from the row to a value, one after the other; none where it is no column."""
    found: list[Any] = []
    model = type(sample) if isinstance(sample, models.Model) else None
    for name in names:
        try:
            field: Any = model._meta.get_field(name) if model else None
        except FieldDoesNotExist:
            return []
        if field is None:
            return []
        found.append(field)
        model = field.related_model
    return found


def _beyond(read: Cell, record: Any) -> Any:
    """A value of a row that stands beside this one; None where none does."""
    try:
        return read(record)
    except AttributeError:
        return None
