"""Conditions as people read them."""

from __future__ import annotations

import pytest

from tenants.questions.schema import Questionnaire, Step, read_questions
from tenants.questions.words import condition_text

QUESTIONS = read_questions([
    {"key": "data_kind", "kind": "choice", "label": {"en": "Personal data"},
     "options": [["plain", {"en": "Ordinary"}], ["special", {"en": "Special categories"}]]},
    {"key": "moves", "kind": "yes_no", "label": {"en": "Does it leave the Union?"}},
])  # fmt: skip
SET = Questionnaire((Step("data", {"en": "Data"}, {}, QUESTIONS),))


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ({}, ""),
        ({"data_kind": ["plain", "special"]}, "Personal data: Ordinary, Special categories"),
        ({"moves": ["yes"]}, "Does it leave the Union? Yes"),
        ({"data_kind": ["*"]}, "Personal data"),
        ({"data_kind": ["special"], "moves": ["no"]}, "Personal data: Special categories; Does it leave the Union? No"),
        ({"unknown": ["a", "b"]}, "unknown: a, b"),
    ],
)
def test_a_condition_is_said_in_the_words_of_its_questions(when, text):
    assert condition_text(SET, when) == text
