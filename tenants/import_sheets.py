"""Reading the file of tenants that a site brings along: CSV or JSON in, one dictionary of texts a row out.

Nothing is guessed about content here: which columns there are, how they are called, how many rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import Refused

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("organisation", "organization", "tenant"),
    "legal_id": ("register_number", "vat", "lei", "legal id", "register number"),
    "kind": ("type",),
    "country": ("country_code",),
    "contact_email": ("contact", "email", "contact address"),
    "data_class": ("data class",),
    "residency": ("countries", "data_countries"),
    "owner_email": ("owner", "owner address"),
    "owner_name": ("owner name",),
    "recertify_on": ("recertification", "next_review"),
}
"""Column → how sites call it too."""
NEEDED = ("name", "legal_id", "kind", "country", "contact_email", "data_class")
MOST_ROWS = 50_000
LONGEST_CELL = 1_000
OTHER_KINDS = {
    b"%PDF-": gettext_lazy("a PDF"), b"PK\x03\x04": gettext_lazy("a workbook or an archive"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("a workbook of an old kind"), b"\x89PNG": gettext_lazy("a picture"),
    b"\xff\xd8\xff": gettext_lazy("a picture"),
}  # fmt: skip
"""First bytes of what people choose by mistake, and what it is."""
KNOWN = {each: column for column, others in COLUMNS.items() for each in (column, *others)}


@dataclass(frozen=True)
class Sheet:
    """A file as it was read. ``columns``: those that mean something here, as column → heading; ``ignored``: headings."""

    rows: list[dict[str, str]] = field(repr=False)
    columns: dict[str, str]
    ignored: list[str]

    def lines(self) -> bytes:
        """As it is kept: one JSON object a line, so that a worker goes on in the middle without reading it anew."""
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in self.rows).encode()


def read_sheet(name: str, content: bytes) -> Sheet:
    """The rows of an uploaded file. Raises Refused with what is wrong and what to do."""
    for mark, what in OTHER_KINDS.items():
        if content.startswith(mark):
            raise _wrong(_("“%(name)s” is %(what)s, not a table as text. Open the table in a spreadsheet, save it as “CSV UTF-8”, and choose that file."), name, what=what)  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(_("“%(name)s” is not in UTF-8. Save it as “CSV UTF-8” or as JSON, then choose it again."), name) from None  # fmt: skip
    if "\0" in text:
        raise _wrong(_("“%(name)s” is no text. Save the table as CSV (UTF-8) or JSON, then choose it again."), name)
    found = _json(name, text) if text.lstrip()[:1] in {"[", "{"} else _csv(name, text)
    if not found:
        raise _wrong(_("“%(name)s” holds no row. Choose the file with the tenants in it."), name)
    if len(found) > MOST_ROWS:
        raise _wrong(
            _("“%(name)s” holds more than %(most)d rows. Split it; each part can be imported by itself."), name
        )
    return _understood(name, found)


def _csv(name: str, text: str) -> list[dict[str, Any]]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [row for row in reader if any(_text(value) for value in row.values())]
    except csv.Error as error:
        raise _wrong(_("“%(name)s” cannot be read as CSV (%(error)s). Save it anew from the spreadsheet."), name, error=error) from None  # fmt: skip


def _json(name: str, text: str) -> list[dict[str, Any]]:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise _wrong(_("“%(name)s” cannot be read as JSON (%(error)s)."), name, error=error) from None
    except RecursionError:
        raise _wrong(_("“%(name)s” cannot be read as JSON: it is nested too deeply."), name) from None
    rows = told.get("tenants") if isinstance(told, dict) else told
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(_("“%(name)s” is JSON, but no list of objects. Write [{\"name\": …}, …] or {\"tenants\": […]}."), name)  # fmt: skip
    return rows


def _understood(name: str, found: list[dict[str, Any]]) -> Sheet:
    columns: dict[str, str] = {}
    ignored: list[str] = []
    for heading in dict.fromkeys(key for row in found for key in row):
        column = KNOWN.get(_text(heading).lower().replace("-", "_"))
        if column is None or column in columns:
            ignored.append(_text(heading) or _("(without a heading)"))
        else:
            columns[column] = heading
    if missing := [column for column in NEEDED if column not in columns]:
        raise _wrong(
            _("“%(name)s” lacks the columns %(missing)s. Add them in the first line; a template can be saved here."),
            name, missing=", ".join(missing),
        )  # fmt: skip
    rows = [{column: _text(row.get(heading)) for column, heading in columns.items()} for row in found]
    return Sheet(rows, columns, ignored[:50])


def _text(value: Any) -> str:
    """A cell as text: lists of JSON joined, the apostrophe that keeps a spreadsheet from computing taken off."""
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    text = "" if value is None else str(value).strip()
    return (text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text)[:LONGEST_CELL].replace("\0", "")


def template() -> str:
    """A file to begin with: the headings, and one row as it should look."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerow(
        [
            "Example University", "LU12345613", "academia", "LU", "office@university.example", "internal", "LU FR",
            "owner@university.example", "Ida Berg", "",
        ]
    )  # fmt: skip
    return out.getvalue()


def words_of(value: str) -> list[str]:
    """The parts of a cell that lists things: "LU FR", "LU, FR", "LU;FR"."""
    return [part for part in value.replace(",", " ").replace(";", " ").replace("|", " ").split() if part]


def _wrong(sentence: str, name: str, **facts: Any) -> Refused:
    return Refused(
        sentence % {"name": name, "most": MOST_ROWS, **facts}, code="tenants.import_unreadable", field="file"
    )


def first(rows: Iterable[dict[str, str]], number: int) -> list[dict[str, str]]:
    return [row for row, _place in zip(rows, range(number), strict=False)]
