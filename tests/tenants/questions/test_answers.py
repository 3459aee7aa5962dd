from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.questions import standard
from tenants.questions.answers import WrongAnswer, asked, clean, gaps, relevant, shown, trouble
from tenants.questions.schema import Question, read
from tests.factories.tenants import COMPANY_ANSWERS, case_answers

SET = read(standard.content())


def of(kind: str, **facts) -> Question:
    return Question("it", kind, {"en": "It"}, **facts)


def keys(answers) -> set[str]:
    return {question.key for _step, questions in asked(SET, answers) for question in questions}


NAMES = [
    "Агенция за води", "Česká geologická služba", "Miljøstyrelsen Ærø", "Straßenverkehrsamt Köln", "Keskkonnaagentuur õäöü",
    "Ινστιτούτο Υδάτων", "Instituto Español de Oceanografía", "Énergie d’Œuvre", "Oifig Uisce Éireann", "Državni hidrometeorološki zavod",
    "Országos Vízügyi Főigazgatóság", "Consiglio dell’Università", "Lietuvos geologijos tarnyba ąčęėįšųūž", "Latvijas Vides aģentūra ķļņ",
    "Aġenzija għall-Ilma ħ", "Waterschap ’t Gooi", "Główny Urząd Miar", "Agência de Águas", "Agenția Națională Țărilor", "Štátny ústav ľĺŕ",
    "Agencija za okolje", "Ilmatieteen laitos", "Sjöfartsverket",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_alphabet_of_the_union_is_kept_as_it_is(name):
    assert clean(of("text"), f"  {name} ") == name


def test_a_name_typed_in_parts_is_the_name_typed_at_once():
    assert clean(of("text"), "Cafe\u0301  Zu\u0308rich") == "Café Zürich"


@pytest.mark.parametrize(
    ("text", "code"),
    [("Bank\u200bAlpha", "U+200B"), ("Alpha\u202egnp.exe", "U+202E"), ("\u2066Alpha", "U+2066"), ("Al\u00adpha", "U+00AD"),
     ("\ufeffAlpha", "U+FEFF"), ("Al\u200dpha", "U+200D"), ("Alpha\x07", "U+0007")],
)  # fmt: skip
def test_a_name_with_a_character_that_nobody_sees_is_told_which(text, code):
    with pytest.raises(WrongAnswer, match=r"invisible character") as wrong:
        clean(of("text"), text)
    assert code in str(wrong.value)


def test_a_long_text_may_join_letters_and_break_lines():
    text = "میں\u200cنے\nA second line 👩\u200d💻"
    assert clean(of("long"), text) == text
    with pytest.raises(WrongAnswer):
        clean(of("long"), "Turned \u202e round")


def test_ten_thousand_characters_fit_and_one_more_is_counted():
    assert len(clean(of("long"), "ä" * 10_000)) == 10_000
    with pytest.raises(WrongAnswer, match=r"10001 characters; 10000 fit"):
        clean(of("long"), "ä" * 10_001)


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [("number", "1 250,5", "1250.5"), ("number", "3e23", "3e23"), ("number", "0", "0"), ("date", "2024-02-29", "2024-02-29"),
     ("email", " ida@organisation.test ", "ida@organisation.test"), ("url", "example.org/x", "https://example.org/x"),
     ("phone", "+352 12 34 56", "+352 12 34 56"), ("country", "LU", "LU"), ("countries", ["SE", "FI", "SE"], ["FI", "SE"]),
     ("yes_no", "no", "no"), ("legal_id", "lu 1234 5613", "LU12345613")],
)  # fmt: skip
def test_an_answer_is_kept_in_one_form(kind, text, kept):
    assert clean(of(kind), text) == kept


@pytest.mark.parametrize(
    ("kind", "text"),
    [("number", "many"), ("number", "-1"), ("number", "NaN"), ("number", "Infinity"), ("date", "2023-02-29"), ("date", "31.12.2026"),
     ("email", "ida"), ("url", "javascript:alert(1)"), ("phone", "call me"), ("country", "XX"), ("countries", ["SE", "??"]),
     ("yes_no", "maybe"), ("legal_id", "LU12345614")],
)  # fmt: skip
def test_an_answer_that_cannot_be_right_says_so_and_nothing_typed_is_no_complaint(kind, text):
    assert trouble(of(kind), text)
    assert trouble(of(kind), "") == ""


def test_a_date_after_today_is_refused_where_it_must_have_been():
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    question = of("date", latest="today", earliest="1200-01-01")
    assert clean(question, timezone.localdate().isoformat())
    with pytest.raises(WrongAnswer, match=r"may not be after"):
        clean(question, tomorrow)
    with pytest.raises(WrongAnswer, match=r"may not be before 1200-01-01"):
        clean(question, "1199-12-31")


def test_a_declaration_can_be_sent_with_one_answer_only():
    question = of("yes_no", required=True, must="yes")
    assert clean(question, "yes") == "yes"
    with pytest.raises(WrongAnswer, match=r"only with the answer “Yes”"):
        clean(question, "no")


def test_each_kind_of_organisation_is_asked_its_own_questions():
    university, company, ministry = (keys({"kind": kind}) for kind in ("academia", "startup", "public_agency"))
    assert (university - company, university - ministry) == (set(), {"pic"})
    assert company - university == {"employees", "sme", "founded", "funding"}
    assert ministry - university == {"parent_body"}


def test_a_question_is_not_asked_when_what_it_depends_on_is_not_asked_either():
    answers = {"personal_data": "special", "dpa_signed": "yes", "dpia": "not_needed"}
    assert {"dpa_date", "dpia_reason"} <= keys(answers)
    assert not {"dpa_signed", "dpa_date", "dpia", "dpia_reason"} & keys({**answers, "personal_data": "none"})


def test_relevant_leaves_out_what_another_answer_has_made_moot():
    answers = case_answers(employees="40", pic="")
    assert set(case_answers()) - {"pic"} == set(relevant(SET, answers))


@pytest.mark.parametrize(
    ("facts", "missing"),
    [({}, []), ({"purpose": " "}, ["purpose"]), ({"kind": "startup", **COMPANY_ANSWERS}, []),
     ({"kind": "startup"}, ["employees", "sme", "founded", "funding"]), ({"ai_role": "both"}, ["high_risk", "gpai"]),
     ({"dual_use": "yes"}, ["end_users"]), ({"no_sanctions": "no"}, ["no_sanctions"])],
)  # fmt: skip
def test_gaps_are_what_keeps_it_from_being_sent(facts, missing):
    assert [gap.question.key for gap in gaps(SET, case_answers(**facts))] == missing


def test_shown_is_what_people_read():
    kind = SET.question("kind")
    assert kind is not None
    assert (shown(kind, "academia"), shown(of("countries"), ["SE", "FI"]), shown(of("yes_no"), "yes"), shown(of("text"), "")) == (
        "University or research", "Sweden, Finland", "Yes", "",
    )  # fmt: skip
