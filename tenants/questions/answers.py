"""Answers tried against their questions: what is asked of whom, what an answer means, and what is still missing."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_countries import countries

from tenants.legal_ids import WrongNumber, recognise
from tenants.questions.advice import at_least, number_of
from tenants.questions.letters import mixed_word
from tenants.questions.numbers import NUMBERED
from tenants.questions.schema import Question, Questionnaire, Step, said

Answers = Mapping[str, Any]
JOINERS = "\u200c\u200d"
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u115f\u1160\u3164\U000e0000-\U000e007f]"
)
"""Characters that nobody sees: controls, zero widths, marks that turn the direction of what follows."""
PICTURES = frozenset(map(chr, (*range(0x2600, 0x27C0), *range(0x2B00, 0x2C00), *range(0xFE00, 0xFE10))))
PILED = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]{4}")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.\-]{5,30}")


class WrongAnswer(ValueError):
    """The answer cannot be right; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that keeps the application from being sent, and the sentence about it."""

    step: Step
    question: Question
    sentence: str


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether the answers given so far make it a question at all."""
    return all(_fits(answers.get(key), wanted) for key, wanted in question.when.items())


def _fits(value: Any, wanted: tuple[str, ...]) -> bool:
    if _values(value) & set(wanted):
        return True
    return any(each[:2] == ">=" and at_least(value, each[2:]) for each in wanted)


def asked(questionnaire: Questionnaire, answers: Answers) -> list[tuple[Step, list[Question]]]:
    """Steps with the questions that these answers leave to be asked, in order."""
    known: dict[str, Any] = {}
    steps = []
    for step in questionnaire.steps:
        mine = []
        for question in step.questions:  # a condition on a question that is not asked itself does not hold
            if is_asked(question, known):
                mine.append(question)
                known[question.key] = answers.get(question.key)
        steps.append((step, mine))
    return steps


def relevant(questionnaire: Questionnaire, answers: Answers) -> dict[str, Any]:
    """The answers to what is asked; what was typed before another answer made it moot is left out."""
    keys = [question.key for step, questions in asked(questionnaire, answers) for question in questions]
    return {key: answers[key] for key in keys if not is_empty(answers.get(key))}


def gaps(questionnaire: Questionnaire, answers: Answers) -> list[Gap]:
    """What still keeps the application from being sent."""
    found = []
    for step, questions in asked(questionnaire, answers):
        for question in questions:
            try:
                clean(question, answers.get(question.key))
            except WrongAnswer as wrong:
                found.append(Gap(step, question, str(wrong)))
    return found


def is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def clean(question: Question, value: Any) -> Any:
    """What the answer means, in the form it is kept: text, list of texts, ISO date. Raises WrongAnswer."""
    label = said(question.label)
    if is_empty(value):
        if question.required:
            raise WrongAnswer(_("“%(label)s” has no answer yet.") % {"label": label})
        return [] if question.many else ""
    cleaned = CLEANERS[question.kind](question, value, label)
    if question.must and cleaned != question.must:
        raise WrongAnswer(
            _("“%(label)s”: only with the answer “%(must)s” can the application be sent.")
            % {"label": label, "must": shown(question, question.must)}
        )
    return cleaned


def trouble(question: Question, value: Any) -> str:
    """What is wrong with an answer while it is written; who has not answered yet needs no complaint."""
    if is_empty(value):
        return ""
    try:
        clean(question, value)
    except WrongAnswer as wrong:
        return str(wrong)
    return ""


def shown(question: Question, value: Any) -> str:
    """An answer as people read it."""
    if is_empty(value):
        return ""
    if isinstance(value, list):
        return ", ".join(shown(question, each) for each in value)
    if question.kind in {"choice", "several"}:
        return question.option(value)
    if question.kind == "yes_no":
        return {"yes": _("Yes"), "no": _("No")}.get(value, str(value))
    if question.kind in {"country", "countries"}:
        return str(countries.name(value) or value)
    return _day_shown(value) if question.kind == "date" else str(value)


def _day_shown(value: Any) -> str:
    try:
        return date_format(dt.date.fromisoformat(value), "j M Y")
    except (TypeError, ValueError):
        return str(value)


def advice(question: Question, value: Any) -> list[str]:
    """What the law says of this answer; it keeps nobody from sending it."""
    return [] if is_empty(value) else [str(each) for each in question.advice if each.holds(value)]


def _values(value: Any) -> set[str]:
    return set(value) if isinstance(value, list) else {value} if isinstance(value, str) else set()


def _text(question: Question, value: Any, label: str) -> str:
    text = unicodedata.normalize("NFC", str(value)).strip()
    if question.kind != "long":
        text = re.sub(r"\s+", " ", text)
    hidden = INVISIBLE.search(text.translate(dict.fromkeys(map(ord, JOINERS))) if question.kind == "long" else text)
    if hidden:
        raise WrongAnswer(
            _(
                "“%(label)s” contains an invisible character (%(code)s), which can make a text look like another one. Type it anew instead of pasting it."
            )
            % {"label": label, "code": f"U+{ord(hidden[0]):04X}"}
        )
    if question.kind == "text":
        _plain(text, label)
    if len(text) > question.longest:
        raise WrongAnswer(
            _("“%(label)s” has %(count)s characters; %(limit)s fit. Shorten it.")
            % {"label": label, "count": len(text), "limit": question.longest}
        )
    return text


def _plain(text: str, label: str) -> None:
    """Names are letters and digits that a register could print."""
    if strange := next((each for each in text if _is_strange(each)), ""):
        raise WrongAnswer(
            _("“%(label)s” contains “%(sign)s”, which no register carries. Write it with letters and digits.")
            % {"label": label, "sign": strange}
        )
    if word := mixed_word(text):
        raise WrongAnswer(
            _(
                "“%(label)s”: in “%(word)s” letters of two alphabets stand side by side, so that it looks like another word. Type it anew with one keyboard."
            )
            % {"label": label, "word": word}
        )
    if PILED.search(unicodedata.normalize("NFD", text)):
        raise WrongAnswer(_("“%(label)s” has marks piled up on one letter. Type it anew.") % {"label": label})


def _is_strange(character: str) -> bool:
    return unicodedata.category(character) in {"Cn", "Co", "Cs"} or character >= "\U0001f000" or character in PICTURES


def _choice(question: Question, value: Any, label: str) -> str:
    offered = {"yes", "no"} if question.kind == "yes_no" else {key for key, texts in question.options}
    if value not in offered:
        raise WrongAnswer(_("“%(label)s” does not offer this answer: please choose one.") % {"label": label})
    return str(value)


def _several(question: Question, value: Any, label: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(_choice(question, each, label) for each in values))


def _country(question: Question, value: Any, label: str) -> str:
    offered = {code for code, texts in question.options}
    if not countries.name(value) or (offered and value not in offered):
        raise WrongAnswer(_("“%(label)s” needs a country from the list.") % {"label": label})
    return str(value)


def _countries(question: Question, value: Any, label: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return sorted({_country(question, each, label) for each in values})


def _number(question: Question, value: Any, label: str) -> str:
    text = _text(question, value, label).replace("\u202f", "").replace(" ", "").replace(",", ".")
    number = number_of(text)
    if number is None or number < 0:
        raise WrongAnswer(_("“%(label)s” needs a number from 0 on, such as 250 or 1e23.") % {"label": label})
    return text


def _date(question: Question, value: Any, label: str) -> str:
    try:
        day = dt.date.fromisoformat(str(value).strip())
    except ValueError:
        raise WrongAnswer(
            _("“%(label)s” needs a date that exists, written as 2026-12-31.") % {"label": label}
        ) from None
    if (limit := _day(question.earliest)) and day < limit:
        raise WrongAnswer(
            _("“%(label)s” is %(day)s; it may not be before %(limit)s.") % {"label": label, "day": day, "limit": limit}
        )
    if (limit := _day(question.latest)) and day > limit:
        raise WrongAnswer(
            _("“%(label)s” is %(day)s; it may not be after %(limit)s.") % {"label": label, "day": day, "limit": limit}
        )
    return day.isoformat()


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    return timezone.localdate() if text == "today" else dt.date.fromisoformat(text)


def _phone(question: Question, value: Any, label: str) -> str:
    text = _text(question, value, label)
    if not PHONE.fullmatch(text):
        raise WrongAnswer(
            _("“%(label)s” needs a telephone number with its country, such as +352 12 34 56.") % {"label": label}
        )
    return text


def _legal_id(question: Question, value: Any, label: str) -> str:
    try:
        return recognise(_text(question, value, label)).number
    except WrongNumber as wrong:
        raise WrongAnswer(str(wrong)) from None


def _numbered(question: Question, value: Any, label: str) -> str:
    try:
        return NUMBERED[question.kind](_text(question, value, label))
    except WrongNumber as wrong:
        raise WrongAnswer(str(wrong)) from None


def _files(question: Question, value: Any, label: str) -> list[str]:
    """Names of the documents that were uploaded to the question."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _email(question: Question, value: Any, label: str) -> str:
    text = _text(question, value, label)
    try:
        EmailValidator()(text)
    except ValidationError:
        raise WrongAnswer(
            _("“%(label)s” needs an e-mail address, such as name@example.org.") % {"label": label}
        ) from None
    return text


def _url(question: Question, value: Any, label: str) -> str:
    text = _text(question, value, label)
    try:
        URLValidator(schemes=["https", "http"])(text if "://" in text else f"https://{text}")
    except ValidationError:
        raise WrongAnswer(
            _("“%(label)s” needs an address on the web, such as https://example.org.") % {"label": label}
        ) from None
    return text if "://" in text else f"https://{text}"


CLEANERS: Mapping[str, Any] = {
    "text": _text, "long": _text, "choice": _choice, "several": _several, "yes_no": _choice, "number": _number,
    "date": _date, "country": _country, "countries": _countries, "email": _email, "phone": _phone, "url": _url,
    "legal_id": _legal_id, "file": _files, **dict.fromkeys(NUMBERED, _numbered),
}  # fmt: skip
