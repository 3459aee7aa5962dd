# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import pytest

from tenants.questions.letters import mixed_word


@pytest.mark.parametrize("name", ["Bаnk Alpha", "Αlpha", "Agencу"])
def test_a_word_of_two_alphabets_is_found(name):
    assert mixed_word(name)


@pytest.mark.parametrize("name", ["Bank Alpha", "Ινστιτούτο Water", "Агенция Bank", "β-Carotene 2000", "Énergie"])
def test_words_of_one_alphabet_each_are_fine(name):
    assert mixed_word(name) == ""
