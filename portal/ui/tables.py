"""Tables of list pages: django-tables2 columns over a page that is already cut, with a CSV of the same columns."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from portal.models import MARKS
from portal.ui import rows
from portal.ui.badges import state_badge
from portal.ui.escaping import escaped
from portal.ui.labels import label
from portal.ui.times import dated, when

LONGEST_CELL = 32_767
"""Of a workbook (Excel specifications and limits)."""
ELEMENT = re.compile(r"<[^>]*>")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to(name: str) -> Callable[[Any], str]:
    """Where a row is shown that has a page called ``name``; the address is worked out once, not once a row."""

    def address(row: Any) -> str:
        before, after = _around(name, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
        return f"{before}{row.public_id}{after}"

    return address


@lru_cache(maxsize=256)
def _around(name: str, prefix: str, urlconf: str) -> tuple[str, str]:
    """What stands before and after a row's public id; the other two arguments are what addresses depend on."""
    sample = UUID(int=1)
    before, _id, after = reverse(name, args=[sample]).partition(str(sample))
    return before, after


class PortalTable(tables.Table):  # type: ignore[misc]  # django-tables2 is untyped
    """Base of all tables. Columns marked ``wide`` fill the line of a card on a phone; ``hide-s`` ones leave it."""

    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        # django-tables2 inherits no Meta; the sorts and pages belong to the list page, which cuts by key. Given the
        # request, it would sort by the address and cut what is cut already to pages of 25.
        kwargs.setdefault("attrs", {"class": "tbl tbl-cards"})
        super().__init__(*args, orderable=False, **kwargs)
        self.request = request

    def body(self) -> SafeString:
        """The rows as HTML, for the template."""
        return rows.body(self, (row.record for row in self.rows))


class TextColumn(tables.Column):  # type: ignore[misc]  # django-tables2 is untyped
    """Plain text; on a phone its heading stands before it."""

    css = ""

    def __init__(self, *args: Any, css: str = "", **kwargs: Any) -> None:
        self.css = f"{self.css} {css}".strip()
        kwargs.setdefault("attrs", {}).setdefault("td", {})["class"] = self.css
        kwargs["attrs"].setdefault("th", {})["class"] = self.css
        super().__init__(*args, **kwargs)


class NumberColumn(TextColumn):
    css = "num"


class NameColumn(TextColumn):
    """The row's name as the link to it, and a line of what it is beneath (``sub``: a function of the row)."""

    css = "wide"

    def __init__(self, *args: Any, url: Any, sub: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url, self.sub = url, sub

    def render(self, value: Any, record: Any) -> SafeString:
        below = f'<div class="sub">{escaped(self.sub(record))}</div>' if self.sub else ""
        return mark_safe(  # noqa: S308  # each part escaped
            f'<a class="name" href="{escaped(self.url(record))}">{escaped(value)}</a>{below}'
        )

    def value(self, value: Any) -> Any:
        return value


class StateColumn(TextColumn):
    def render(self, record: Any) -> SafeString:
        return state_badge(record.state, label(record, "state"))

    def value(self, record: Any) -> str:
        return str(record.state)


class WhenColumn(TextColumn):
    """A time, and its age beneath."""

    css = "nowrap"

    def render(self, value: Any) -> SafeString:
        if not isinstance(value, datetime):
            return format_html("{}", when(value))
        return dated(value)

    def value(self, value: Any) -> str:
        return str(value.isoformat())


def safe_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, SafeString):  # drawn for a page: a file takes its words
        value = " ".join(html.unescape(ELEMENT.sub(" ", value)).split())
    text = "" if value is None else str(value).translate(MARKS)
    if isinstance(value, int | float | Decimal):
        return text
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_xlsx(table: tables.Table) -> bytes:
    """The table's rows as a workbook: same columns, same order, numbers as numbers, nothing as a formula, times in UTC."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("portal")
    for row in table.as_values():
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    """A text stays a text, also one that begins like a formula; what no workbook can hold is left out of it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value))[:LONGEST_CELL])
        cell.data_type = "s"
        return cell
    return value


def as_csv(table: tables.Table) -> str:
    """The table's rows as CSV: same columns, same order, times in UTC."""
    return "".join(map(csv_line, table.as_values()))


def csv_line(values: Iterable[Any]) -> str:
    """One line of a CSV file, its end included."""
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(value) for value in values])
    return out.getvalue()
