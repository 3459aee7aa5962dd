"""One organisation, however its name is written: in all alphabets of the Union, with signs nobody sees, dressed up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.checks.names import bare, best, likeness, same_name, spelled

SAME = [
    ("Grünwerk Turbinen GmbH & Co. KG", "GRUENWERK TURBINEN"),  # German
    ("Straßenbau Weiß AG", "Strassenbau Weiss"),
    ("Société Générale S.A.", "Societe  Generale"),  # French
    ("Œuvre & Cie", "Oeuvre Cie"),
    ("Łódź Energia sp. z o.o.", "Lodz Energia"),  # Polish
    ("Žižka a.s.", "Zizka"),  # Czech
    ("Kováč spol. s r.o.", "Kovac"),  # Slovak
    ("Őrség Kft.", "ORSEG"),  # Hungarian
    ("Țară și Câmpie S.R.L.", "Tara si Campie"),  # Romanian, comma below
    ("Ţară şi Câmpie", "Țară și Câmpie SRL"),  # and cedilla
    ("Đuro Đaković d.d.", "Duro Dakovic"),  # Croatian
    ("Čebelarstvo Šiška d. o. o.", "Cebelarstvo Siska"),  # Slovene
    ("Ørsted A/S", "Orsted"),  # Danish
    ("Åland Rederi Ab", "Aland Rederi"),  # Swedish
    ("Örebro Energi AB", "Orebro Energi"),
    ("Yhtiö Ääni Oy", "Yhtio Aani"),  # Finnish
    ("Tallinna Ülikool OÜ", "Tallinna Ulikool"),  # Estonian
    ("Žemės ūkis UAB", "Zemes ukis"),  # Lithuanian
    ("Ķīmija SIA", "Kimija"),  # Latvian
    ("Ħal Għaxaq p.l.c.", "Hal Ghaxaq"),  # Maltese
    ("Éire Cónaí Teoranta", "Eire Conai Teoranta"),  # Irish
    ("Fundação Coração, S.A.", "Fundacao Coracao"),  # Portuguese
    ("Año Niño S.L.", "Ano Nino"),  # Spanish
    ("Perché Così S.p.A.", "Perche Cosi"),  # Italian
    ("IJsselmeer B.V.", "Ĳsselmeer"),  # Dutch, a ligature
    ("ΔΕΗ Α.Ε.", "ΔΕΗ"),  # Greek
    ("Ηλεκτρισμός", "ηλεκτρισμος"),  # accents and the sigma at the end
    ("България ЕООД", "БЪЛГАРИЯ"),  # Bulgarian
    ("ACME Ltd", "Acme Limited"),
    ("ＡＣＭＥ Works", "Acme Works"),  # full width
    ("Works Acme", "Acme Works"),  # order
    ("Ac\u200bme Works", "Acme Works"),  # a space of no width
    ("Acme\u00adWorks", "AcmeWorks"),  # a soft hyphen
    ("\u202eAcme Works", "Acme Works"),  # turned round
    ("Acme\u2066 Works\u2069", "Acme Works"),
    ("Acme\ufeff Works", "Acme Works"),
    ("Ac\ufe0fme Works", "Acme Works"),  # a variation selector
    ("Аcme Works", "Acme Works"),
    ("Αcme Wοrks", "Acme Works"),
    ("ACMЕ WОRKS", "Acme Works"),
    ("O\u2019Brien Works", "O'Brien Works"),
    ("Acme\u00a0Works", "Acme Works"),
    ("شركة\u0640 النور", "شركة النور"),  # Arabic with a stretched letter
    ("שָׁלוֹם", "שלום"),  # Hebrew with and without points
]
DIFFERENT = [
    ("Delta", "Deltona"), ("Nordwerk GmbH", "Südwerk GmbH"), ("GmbH", "AG"), ("Acme One", "Acme Two"), ("", "Acme"),
    ("България", "Румъния"), ("شركة النور", "شركة القمر"), ("Société Générale", "Generali"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_one_name_are_one_name(one, other):
    assert same_name(one, other), (bare(one), bare(other))
    assert same_name(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_names_stay_two_names(one, other):
    assert not same_name(one, other), (bare(one), bare(other))


@pytest.mark.parametrize(
    ("cyrillic", "latin"), [("Иларион Вострелов", "Ilarion Vostrelov"), ("Торговый дом Вострел", "Torgovyi dom Vostrel")]
)  # fmt: skip
def test_cyrillic_is_read_in_latin_letters(cyrillic, latin):
    assert likeness(bare(cyrillic), bare(latin)) >= 88


def test_greek_is_read_in_latin_letters():
    assert spelled("Δημόσια Επιχείρηση Ηλεκτρισμού") == "dimosia epichirisi ilektrismou"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Vostrel Trading House", "Vostrel Tradin House", True),
        ("Vostrel Trading House", "Vostrel Trading", True),
        ("Trading House", "Vostrel Trading House", False),
        ("Ilarion Vostrelov", "Ilarion Wostrelov", False),
        ("Kesselmark Holding", "Kesselbach Holding", False),
        ("Tamsin Orlegrave", "Tamsin Orlgrave", False),
    ],
)
def test_likeness_tells_a_slip_from_another_name(one, other, alike):
    assert (likeness(bare(one), bare(other)) >= 88) is alike


def test_best_takes_the_likest_of_several():
    assert best(["Nobody", "Acme Works Ltd"], bare("ACME Works")) == 100
    assert best([], "acme") == 0


@given(st.text(max_size=60))
def test_any_text_is_comparable_and_the_same_as_itself(text):
    assert bare(bare(text)) is not None
    assert not bare(text) or same_name(text, text)
    assert 0 <= likeness(bare(text), "acme works") <= 100
