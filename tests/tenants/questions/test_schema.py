from __future__ import annotations

import json
from copy import deepcopy

import pytest
from django.conf import settings
from django.utils import translation

from tenants.models import DataClass, OnboardingCase, OrganisationKind
from tenants.questions import standard
from tenants.questions.schema import CORE, CORE_LONGEST, CORE_VALUES, KINDS, WrongSet, read, said


def changed(act) -> dict:
    content = deepcopy(standard.content())
    act(content)
    return content


def question(content, key):
    return next(each for step in content["steps"] for each in step["questions"] if each["key"] == key)


def test_the_standard_set_is_sound_and_survives_being_kept_as_json():
    found = read(json.loads(json.dumps(standard.content())))
    assert [step.key for step in found.steps] == ["organisation", "people", "data", "use"]
    assert {each.kind for each in found} <= KINDS
    assert {each.key for each in found if each.core} == set(CORE)


def test_what_may_be_answered_where_decisions_rest_on_it_is_what_the_columns_hold():
    assert {"kind": tuple(OrganisationKind.values), "data_class": tuple(DataClass.values)} == CORE_VALUES
    held = {key: OnboardingCase._meta.get_field(key).max_length for key in CORE_LONGEST}
    assert held == CORE_LONGEST


def test_the_standard_set_has_every_text_in_every_language():
    codes = {code for code, _name in settings.LANGUAGES}
    missing = [
        each.key
        for each in read(standard.content())
        if set(each.label) != codes or (each.help and set(each.help) != codes)
    ]
    assert missing == []


def test_said_is_the_readers_language_else_english():
    texts = {"en": "Seat", "fr": "Siège"}
    with translation.override("fr"):
        assert said(texts) == "Siège"
    with translation.override("de"):
        assert said(texts) == "Seat"


WRONG = {
    "a threshold that is no number": (
        lambda c: question(c, "commission_told").update(when={"training_flop": [">=much"]}),
        "“commission_told” depends on the answer “>=much” to “training_flop”, which that does not offer.",
    ),
    "advice about nothing": (
        lambda c: question(c, "sme").update(advice=[{"text": {"en": "x"}}]),
        "“sme”: advice needs one of “values”, “least” and “before”.",
    ),
    "advice from a number that is none": (
        lambda c: question(c, "employees").update(advice=[{"text": {"en": "x"}, "least": "many"}]),
        "“employees”: advice needs a number such as 1e25, or a day written as 2026-12-31.",
    ),
    "documents without end": (
        lambda c: question(c, "register_extract").update(most="99"),
        "“register_extract”: “most” says how many documents a question for files takes, from 1 to 10.",
    ),
    "asked twice": (lambda c: c["steps"][1]["questions"].append(question(c, "sector")), "“sector” is asked twice."),
    "no choices": (lambda c: question(c, "sector").pop("options"), "“sector” offers no choices."),
    "depends on what comes later": (
        lambda c: question(c, "legal_form").update(when={"purpose": ["x"]}),
        "“legal_form” depends on “purpose”, which is not asked before it.",
    ),
    "depends on an answer that is not offered": (
        lambda c: question(c, "sme").update(when={"kind": ["circus"]}),
        "“sme” depends on the answer “circus” to “kind”, which that does not offer.",
    ),
    "no text": (lambda c: question(c, "sector").update(label={"fr": "Secteur"}), "“sector” has no English text; others fall back to it."),
    "no questions": (lambda c: c["steps"][3].update(questions=[]), "“use” has no questions."),
    "another value where rules know all of them": (
        lambda c: question(c, "kind")["options"].append(["church", {"en": "Church"}]),
        "Decisions rest on “kind”: only their texts may change, not what may be answered.",
    ),
    "a fact that may stay empty": (
        lambda c: question(c, "purpose").update(required=False),
        "Decisions rest on “purpose”: only their texts may change, not what may be answered.",
    ),
    "a fact longer than its place": (
        lambda c: question(c, "organisation").update(limit=500),
        "Decisions rest on “organisation”: only their texts may change, not what may be answered.",
    ),
    "a limit that is no number": (
        lambda c: question(c, "website").update(limit="long"), "“website”: “limit” is a number up to 10000."
    ),
    "a date that is none": (
        lambda c: question(c, "founded").update(latest="soon"), "“founded”: a date is written as 2026-12-31, or “today”."
    ),
    "a fact made optional by a condition": (
        lambda c: question(c, "data_class").update(when={"kind": ["academia"]}),
        "“data_class” must be asked of everybody, as choice: decisions rest on it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_set_that_cannot_be_asked_says_why(what):
    act, sentence = WRONG[what]
    with pytest.raises(WrongSet) as wrong:
        read(changed(act))
    assert sentence in wrong.value.sentences


@pytest.mark.parametrize("content", [{}, {"steps": []}, {"steps": "x"}, {"steps": [None]}, {"steps": [{"key": "A b"}]}])
def test_a_set_that_is_no_set_is_refused_with_sentences(content):
    with pytest.raises(WrongSet) as wrong:
        read(content)
    assert all(wrong.value.sentences)
