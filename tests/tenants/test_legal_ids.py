from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.legal_ids import LegalId, WrongNumber, recognise


@pytest.mark.parametrize(
    ("text", "kind", "number", "country"),
    [
        ("LU12345613", "vat", "LU12345613", "LU"),
        (" lu 1234.5613 ", "vat", "LU12345613", "LU"),
        ("EL094259216", "vat", "EL094259216", "GR"),
        ("ATU13585627", "vat", "ATU13585627", "AT"),
        ("NL4495445B01", "vat", "NL4495445B01", "NL"),
        ("213800KUD8LAJWSQ9D15", "lei", "213800KUD8LAJWSQ9D15", ""),
        ("HRB 123456", "register", "HRB 123456", ""),
        ("B  99999", "register", "B 99999", ""),
        ("999999999", "register", "999999999", ""),
        ("DEK1101R.HRB116737", "euid", "DEK1101R.HRB116737", "DE"),
    ],
)
def test_recognise_knows_a_number_by_its_shape(text, kind, number, country):
    assert recognise(text) == LegalId(kind, number, country)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LU12345614", "VAT number of LU"),
        ("213800KUD8LAJWSQ9D16", "LEI"),
        ("abc", "register"),
        ("none", "register"),
        ("", "register"),
    ],
)
def test_recognise_says_what_cannot_be_right(text, said):
    with pytest.raises(WrongNumber, match=said):
        recognise(text)


@given(st.text(max_size=40))
def test_recognise_keeps_a_number_that_it_recognises_again(text):
    try:
        found = recognise(text)
    except WrongNumber:
        return
    assert recognise(found.number) == found


@given(st.integers(0, 19), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_recognise_catches_any_single_wrong_character_of_an_lei(place, character):
    right = "213800KUD8LAJWSQ9D15"
    wrong = right[:place] + character + right[place + 1 :]
    if wrong == right or character.isdigit() != right[place].isdigit():
        return  # a letter counts as two digits: ISO 7064 promises nothing where the length changes
    with pytest.raises(WrongNumber):
        recognise(wrong)
