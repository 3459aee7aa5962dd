"""A letter as a PDF: A4, the portal's own font, in any of its languages and alphabets.

The same letter makes the same bytes: its moment is the one that is given, never the clock's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from portal.core.letters.fonts import font_file, scripts_for, undrawn
from portal.core.letters.text import parts, plain

SIDE, TOP, BOTTOM = 25.0, 20.0, 22.0
LINE, TEXT, SMALL, TITLE = 5.6, 10.5, 8.5, 13.0
"""Millimetres of a line, points of the letters."""
INK, FAINT = (14, 26, 44), (90, 104, 128)


@dataclass(frozen=True)
class Sheet:
    """What is printed: who writes (``head``: lines, the first is the name), to whom, the text, and the small print.

    ``facts``: (label, value) of what a reader looks a letter up by. ``address``: where the same letter is on a page.
    """

    head: Sequence[str]
    to: Sequence[str]
    facts: Sequence[tuple[str, str]]
    subject: str
    body: str
    language: str
    written_at: datetime
    foot: str = ""
    author: str = ""


UNDRAWN = "?"
"""Stands for a character that the font has no shape for; without it the character would be gone unseen."""


class _Paper(FPDF):
    def __init__(self, foot: str, missing: Sequence[str]) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.missing = dict.fromkeys(map(ord, missing), UNDRAWN)

    def drawn(self, text: str) -> str:
        """The text as the font can draw it."""
        return plain(text).translate(self.missing)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_text_color(*FAINT)
        self.set_font(size=SMALL, style="")
        number = _("Page %(n)d of %(all)s") % {"n": self.page_no(), "all": "{nb}"}
        self.cell(0, 5, f"{self.drawn(self.foot)}    {number}", align="C")


def print_letter(sheet: Sheet) -> bytes:
    """The letter as a file. What the font cannot draw becomes a mark, and the letter says so at its end."""
    said = plain("\n".join([*sheet.head, *sheet.to, sheet.subject, sheet.body, sheet.foot, *map(str, sheet.facts)]))
    missing = undrawn(said)
    paper = _Paper(sheet.foot, missing)
    _prepare(paper, sheet, said)
    _head(paper, sheet)
    _text(paper, sheet.body)
    if missing:
        _note(paper, missing)
    return bytes(paper.output())


def _prepare(paper: _Paper, sheet: Sheet, said: str) -> None:
    scripts = scripts_for(said)
    for script in scripts:
        for style in ("", "B"):
            paper.add_font(f"inter-{script}", style, font_file(script, style))
    paper.set_fallback_fonts([f"inter-{script}" for script in scripts[1:]], exact_match=True)
    paper.set_font(f"inter-{scripts[0]}", size=TEXT)
    paper.set_margins(SIDE, TOP, SIDE)
    paper.set_auto_page_break(auto=True, margin=BOTTOM)
    paper.set_creation_date(sheet.written_at)
    paper.set_lang(sheet.language)
    paper.set_title(plain(sheet.subject))
    paper.set_author(plain(sheet.author or (sheet.head[0] if sheet.head else "")))
    paper.add_page()


def _line(paper: _Paper, text: str, size: float = TEXT, style: str = "", height: float = LINE) -> None:
    paper.set_font(style=style, size=size)
    paper.multi_cell(0, height, paper.drawn(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _head(paper: _Paper, sheet: Sheet) -> None:
    paper.set_text_color(*INK)
    for number, line in enumerate(sheet.head):
        if number:
            paper.set_text_color(*FAINT)
        _line(paper, line, SMALL if number else TITLE, "" if number else "B", 4.4 if number else 7)
    paper.set_draw_color(*FAINT)
    paper.line(SIDE, paper.get_y() + 3, paper.w - SIDE, paper.get_y() + 3)
    paper.ln(12)
    paper.set_text_color(*INK)
    for line in sheet.to:
        _line(paper, line)
    paper.ln(8)
    paper.set_text_color(*FAINT)
    for label, value in sheet.facts:
        _line(paper, f"{label}: {value}", SMALL, height=4.4)
    paper.ln(8)
    paper.set_text_color(*INK)
    _line(paper, sheet.subject, TITLE, "B", 6.5)
    paper.ln(4)


def _text(paper: _Paper, body: str) -> None:
    for part in parts(body):
        if part.text:
            _line(paper, part.text)
        for item in part.items:
            paper.set_font(style="", size=TEXT)
            paper.set_x(SIDE + 2)
            paper.cell(5, LINE, "•")
            paper.multi_cell(0, LINE, paper.drawn(item), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        paper.ln(3)


def _note(paper: _Paper, missing: Sequence[str]) -> None:
    paper.ln(4)
    paper.set_text_color(*FAINT)
    _line(
        paper,
        _(
            "Some characters of this letter cannot be drawn in this file; a mark stands for each of them (%(codes)s). The page of the letter in the portal shows them."
        )
        % {"codes": ", ".join(f"U+{ord(each):04X}" for each in missing[:8])},
        SMALL,
        height=4.4,
    )
