"""Tables too large for one answer, written piece by piece: each piece a file of its own, put together at the end.

A workbook is openpyxl's own empty one, into whose sheet the rows are let while it is packed; so its size costs no memory.
"""

from __future__ import annotations

import html
import io
import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from portal.ui.tables import LONGEST_CELL, csv_line, safe_cell

Rows = Iterable[Iterable[Any]]
SHEET = "xl/worksheets/sheet1.xml"
ROWS_OF_A_WORKBOOK = 1_048_576
"""Excel specifications and limits; the headings are one of them."""


@dataclass(frozen=True)
class Writer:
    """How a kind of file is written: a piece of it, and the whole out of its pieces; ``most`` lines, 0: any number."""

    piece: Callable[[Rows], bytes]
    pack: Callable[[Path, list[Path]], None]
    most: int = 0


def csv_piece(rows: Rows) -> bytes:
    return "".join(csv_line(row) for row in rows).encode()


def csv_pack(whole: Path, pieces: list[Path]) -> None:
    with whole.open("wb") as out:
        for path in pieces:
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, out)


def xlsx_piece(rows: Rows) -> bytes:
    """Lines of a sheet as ECMA-376 part 1, 18.3.1.73 has them: a number is one, everything else is a text."""
    return "".join(f"<row>{''.join(_cell(value) for value in row)}</row>" for row in rows).encode()


def _cell(value: Any) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = html.escape(ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value))[:LONGEST_CELL], quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def xlsx_pack(whole: Path, pieces: list[Path]) -> None:
    before, after = b"<sheetData>", b"</sheetData>"
    with zipfile.ZipFile(_empty()) as empty, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as book:
        for info in empty.infolist():
            if info.filename != SHEET:
                book.writestr(info.filename, empty.read(info))
        head, tail = empty.read(SHEET).replace(b"<sheetData />", before + after).split(before + after)
        with book.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(head + before)
            for path in pieces:
                with path.open("rb") as piece:
                    shutil.copyfileobj(piece, sheet)
            sheet.write(after + tail)


def _empty() -> io.BytesIO:
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.title = "portal"
    out = io.BytesIO()
    book.save(out)
    return out


LARGE: dict[str, Writer] = {
    "csv": Writer(csv_piece, csv_pack),
    "xlsx": Writer(xlsx_piece, xlsx_pack, ROWS_OF_A_WORKBOOK),
}
