"""The rows of a table as HTML: what the cells of a column share is worked out once a column, not once a cell.

django-tables2 looks up accessor, attributes, signature and heading for every cell, which cost a page of 50 rows more
than everything else it did. The rules are its own: a choice shows its label, an empty value the column's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from inspect import getfullargspec
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.base import render_value_in_context
from django.template.context import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2.rows import BoundRow
from django_tables2.utils import Accessor

from portal.ui.labels import label

Cell = Callable[[Any], Any]
ELEMENT = re.compile(r"<[^>]*>")
UNBROKEN = re.compile(r"[^\s<>]{24,}")
"""A word longer than that may be broken anywhere; shorter ones stay whole, and so do the columns."""


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
            value = cell(record)
            text = conditional_escape(value) if isinstance(value, str) else render_value_in_context(value, context)
            if UNBROKEN.search(text) and UNBROKEN.search(ELEMENT.sub(" ", text)):
                text = f'<div class="long">{text}</div>'
            out += (opening, text, "</td>")
        out.append("</tr>")
    return mark_safe("".join(out))  # noqa: S308  # every value has been through conditional_escape


def _cell(table: Any, bound: Any, sample: Any) -> Cell:
    """What a cell of this column shows, as a function of the row."""
    if bound.link:
        return lambda record: BoundRow(record, table=table).get_cell(bound.name)
    read, default, empty = _reader(bound.accessor, sample), bound.default, bound.column.empty_values
    render, fixed = bound.render, {"column": bound.column, "bound_column": bound, "table": table}
    wanted = set(getfullargspec(render).args)
    fixed = {name: value for name, value in fixed.items() if name in wanted}
    by_value, by_record, by_row = "value" in wanted, "record" in wanted, "bound_row" in wanted

    def show(record: Any) -> Any:
        value = read(record)
        if value in empty:
            return default
        given = dict(fixed)
        if by_value:
            given["value"] = value
        if by_record:
            given["record"] = record
        if by_row:
            given["bound_row"] = BoundRow(record, table=table)
        return render(**given)

    return show


def _reader(path: str, sample: Any) -> Cell:
    """The value at ``path``; None where there is nothing, the label where it is a choice of the row itself."""
    accessor = Accessor(path)

    def resolve(record: Any) -> Any:
        try:
            return accessor.resolve(record)
        except Exception:  # noqa: BLE001  # a column may have no field; django-tables2 asks no further either
            return None

    if len(accessor.bits) != 1 or not isinstance(sample, models.Model):
        return resolve
    try:
        field: Any = sample._meta.get_field(path)
    except FieldDoesNotExist:
        return resolve
    if getattr(field, "choices", None) and hasattr(sample, f"get_{path}_display"):
        return lambda record: label(record, path)
    return (lambda record: getattr(record, path)) if field.concrete else resolve
