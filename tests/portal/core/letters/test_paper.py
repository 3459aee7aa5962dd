"""Letters as files: every alphabet of the union, names from right to left, the same bytes each time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.core.letters.fonts import font_file, undrawn
from portal.core.letters.paper import Sheet, print_letter
from tests.pdf import text_of

AT = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def sheet(**fields):
    facts = {
        "head": ["Agency", "Luxembourg"], "to": ["House", "Ida Berg"], "facts": [("Reference", "ON-1")], "subject": "Yes",
        "body": "Dear you,\n\n- one\n- two", "language": "en", "written_at": AT, "foot": "Portal",
    }  # fmt: skip
    return Sheet(**{**facts, **fields})


NAMES = [
    "Žluťoučký kůň, Łódź, Őrség, ħobż, ķekava, Þórr, Șeherezada, Ñandú, Ísafjörður, œuvre, İstanbul, Ėglė, Ūsas",
    "Ινστιτούτο Ποταμών Άλφα και Ωμέγα, ΐ ΰ ϊ",
    "Институт по реките „Дунав“, щастие, ЪЬЮЯ",
    "Größe, straße, ẞ, Åse Østergård, Ääkköset, Müller & Söhne «A» – “B”",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_alphabet_of_the_union_is_drawn(name):
    assert undrawn(name) == []
    found = text_of(print_letter(sheet(to=[name], subject=name)))
    assert found.replace("\n", " ").count(name[:20]) >= 2


def test_a_letter_says_everything_in_its_order():
    lines = text_of(print_letter(sheet())).split("\n")
    assert lines == [
        "Agency", "Luxembourg", "House", "Ida Berg", "Reference: ON-1", "Yes", "Dear you,", "•", "one", "•", "two",
        "Portal    Page 1 of 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("אוניברסיטת הנהרות", "?????????? ??????"),
        ("جامعة الأنهار", "????? ???????"),
        ("\u202eevil\u202c", "evil"),
        ("\u2068נהר\u2069 (Haifa)", "??? (Haifa)"),
    ],
)
def test_a_name_from_right_to_left_keeps_its_neighbours_and_is_marked(name, drawn):
    found = text_of(print_letter(sheet(body=f"Dear {name}, your reference is ON-7.")))
    assert f"Dear {drawn}, your reference is ON-7." in found
    assert ("cannot be drawn" in found.replace("\n", " ")) == ("?" in drawn)


def test_the_same_letter_is_the_same_file():
    assert print_letter(sheet()) == print_letter(sheet())


def test_a_long_letter_goes_on_with_numbered_pages():
    found = text_of(print_letter(sheet(body="\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(30)))))
    assert "Page 1 of 3" in found or "Page 1 of 4" in found
    assert "Paragraph 29." in found


def test_a_word_without_end_breaks_and_loses_nothing():
    word = "w" * 400
    assert text_of(print_letter(sheet(body=word))).count("w") == 400


def test_fonts_are_made_once():
    assert font_file("latin", "") == font_file("latin", "")
    assert font_file("latin", "").exists()
