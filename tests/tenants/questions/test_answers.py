from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.questions import standard
from tenants.questions.advice import Advice
from tenants.questions.answers import WrongAnswer, advice, asked, clean, gaps, relevant, shown, trouble
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
    own = {
        "academia": {"pic", "recognised_by"}, "startup": {"euid", "lei", "pic", "employees", "sme", "controlled_abroad", "owners", "founded", "funding"},
        "industry": {"euid", "lei", "pic", "employees", "sme", "controlled_abroad", "owners"}, "public_agency": {"parent_body", "founding_act"},
        "regional_authority": {"parent_body", "territory"}, "justice": {"parent_body", "court_rules"},
        "education": {"school_body", "minors"}, "health": {"health_licence"}, "nonprofit": {"aims"},
    }  # fmt: skip
    of_all = keys({})
    assert {kind: keys({"kind": kind}) - of_all for kind in own} == own


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
     ({"kind": "startup"}, ["employees", "sme", "controlled_abroad", "founded", "funding"]), ({"ai_role": "both"}, ["high_risk", "gpai"]),
     ({"dual_use": "yes"}, ["dual_use_items", "export_licence"]),
     ({"end_user_region": "beyond"}, ["end_users"]), ({"mandate": "power_of_attorney"}, ["mandate_until", "mandate_file"]), ({"no_sanctions": "no"}, ["no_sanctions"])],
)  # fmt: skip
def test_gaps_are_what_keeps_it_from_being_sent(facts, missing):
    assert [gap.question.key for gap in gaps(SET, case_answers(**facts))] == missing


def test_shown_is_what_people_read():
    kind = SET.question("kind")
    assert kind is not None
    assert (shown(kind, "academia"), shown(of("countries"), ["SE", "FI"]), shown(of("yes_no"), "yes"), shown(of("text"), "")) == (
        "University or research", "Sweden, Finland", "Yes", "",
    )  # fmt: skip


def test_a_threshold_makes_a_question_whatever_way_the_number_is_written():
    training = {"ai_role": "provider", "gpai": "yes"}
    asked_with = {flop: "commission_told" in keys({**training, "training_flop": flop}) for flop in FLOPS}
    assert asked_with == FLOPS


FLOPS = {
    "1e25": True,
    "1,5e25": True,
    "10 000 000 000 000 000 000 000 000": True,
    "9.9e24": False,
    "many": False,
    "": False,
}


def test_the_law_speaks_beside_the_answers_it_is_about_and_keeps_nobody_from_sending():
    flop, registered = SET.question("training_flop"), SET.question("nis2_registered")
    assert flop is not None
    assert registered is not None
    assert advice(flop, "3e23") == []
    assert advice(flop, "2e25") == [
        "A model trained with more than this is presumed to have systemic risk. [(EU) 2024/1689, 51(2)]"
    ]
    assert [len(advice(registered, answer)) for answer in ("yes", "no", "")] == [0, 1, 0]
    assert clean(flop, "2e25") == "2e25"


def test_a_day_before_a_law_is_advised_about():
    old = of("date", advice=(Advice({"en": "Void since then."}, before="2021-06-27"),))
    assert [advice(old, day) for day in ("2021-06-26", "2021-06-27", "soon")] == [["Void since then."], [], []]


@pytest.mark.parametrize("day", ["2018-05-24", "1995-01-01"])
def test_an_agreement_older_than_the_law_is_told_the_day_of_the_law(day):
    signed = SET.question("dpa_date")
    assert signed is not None
    with pytest.raises(WrongAnswer, match="may not be before 2018-05-25"):
        clean(signed, day)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("Rocket \U0001f680 GmbH", "“\U0001f680”, which no register carries"), ("Star \u2605", "no register carries"),
     ("B\u0430nk Alpha", "letters of two alphabets"), ("\U000e0041Alpha", "invisible character"),
     ("A\u0338\u0321\u0322\u0323\u0324lpha", "marks piled up"), ("\ue000 Alpha", "no register carries"), ("Alpha\u3164", "invisible")],
)  # fmt: skip
def test_a_name_that_is_not_what_it_looks_like_is_told_why(text, sentence):
    with pytest.raises(WrongAnswer, match=sentence):
        clean(of("text"), text)


def test_a_long_text_may_hold_pictures_and_any_alphabet():
    text = "\U0001f680 \u2605 Привет, κόσμε"
    assert clean(of("long"), text) == text


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [("lei", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"), ("euid", "DEK1101R.HRB116737", "HRB116737"),
     ("pic", "999 999 999", "12345678")],
)  # fmt: skip
def test_a_number_of_one_kind_is_tried_by_its_own_rule(kind, good, bad):
    assert clean(of(kind), good) == good.replace(" ", "")
    with pytest.raises(WrongAnswer, match=bad):
        clean(of(kind), bad)


def test_a_day_is_shown_as_everywhere_and_what_is_none_as_it_was_typed():
    assert [shown(of("date"), value) for value in ("2026-02-05", "soon", "2026-13-01")] == [
        "5 Feb 2026",
        "soon",
        "2026-13-01",
    ]
