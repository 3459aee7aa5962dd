# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import pytest

from tenants.names import key, mixed_word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "MULLER UND SOHNE"),
        ("Müller+Söhne G.m.b.H.", "Müller & Söhne"),
        ("Société d’Énergie S.A.R.L.", "Societe d'Energie"),
        ("Główny Urząd Miar", "GLOWNY  URZAD-MIAR"),
        ("Straßenamt Köln", "STRASSENAMT KOLN"),
        ("Ινστιτούτο Υδάτων Α.Ε.", "ΙΝΣΤΙΤΟΥΤΟ ΥΔΑΤΩΝ"),
        ("Агенция за води ЕООД", "агенция за води"),
        ("Ælfric Þór ehf.", "AELFRIC THOR"),
        ("Ban\u200bque Alpha", "Banque Alpha"),
        ("Cafe\u0301 Zu\u0308rich AG", "Café Zürich"),
        ("ﬁrma", "Firma"),
        ("Nordic Compute sp. z o.o.", "Nordic Compute"),
    ],
)
def test_names_that_people_read_as_one_have_one_key(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("University of Lund", "University of Bergen"), ("Alpha 1", "Alpha 2"), ("Wasser Nord", "Wasser Süd")],
)
def test_names_of_two_organisations_stay_two(one, other):
    assert key(one) != key(other)


def test_a_name_that_is_a_legal_form_alone_keeps_it():
    assert key("SE") == "se"


@pytest.mark.parametrize("name", ["", "  ", "&", "—"])
def test_a_name_without_letters_has_an_empty_key(name):
    assert key(name) == ""


@pytest.mark.parametrize("name", ["Bаnk Alpha", "Αlpha", "Agencу"])
def test_a_word_of_two_alphabets_is_found(name):
    assert mixed_word(name)


@pytest.mark.parametrize("name", ["Bank Alpha", "Ινστιτούτο Water", "Агенция Bank", "β-Carotene 2000", "Énergie"])
def test_words_of_one_alphabet_each_are_fine(name):
    assert mixed_word(name) == ""
