"""A question set: steps of questions, each with its texts per language and the answers on which it depends.

Kept as JSON, so that an authority can change it and a case keeps the version that it was asked:

    {"steps": [{"key": "data", "title": {"en": "Data"}, "lede": {…}, "questions": [
        {"key": "dpa_date", "kind": "date", "label": {"en": …}, "help": {…}, "required": true,
         "when": {"dpa_signed": ["yes"]}, "options": [["yes", {"en": "Yes"}]], "latest": "today", "must": "yes"}]}]}
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from tenants.questions.advice import Advice, is_number, read_advice
from tenants.questions.texts import Texts, said, texts_of

__all__ = ["Question", "Questionnaire", "Step", "WrongSet", "read", "said"]
KINDS = frozenset(
    {
        "text", "long", "choice", "several", "yes_no", "number", "date", "country", "countries", "email", "phone",
        "url", "legal_id", "lei", "euid", "pic", "file",
    }
)  # fmt: skip
CHOOSING = frozenset({"choice", "several"})
CORE = {
    "organisation": "text", "kind": "choice", "country": "country", "legal_id": "legal_id", "contact_email": "email",
    "data_class": "choice", "residency": "countries", "purpose": "long",
}  # fmt: skip
"""Questions that every set asks, because decisions and placement rest on them; only their texts may change."""
CORE_VALUES = {
    "kind": (
        "public_agency", "regional_authority", "industry", "startup", "academia", "education", "health", "justice",
        "nonprofit",
    ),
    "data_class": ("public", "internal", "confidential", "restricted"),
}  # fmt: skip
"""What may be chosen there: rules and placement know these and no others."""
CORE_EARLIER = {"kind": CORE_VALUES["kind"][:5]}
"""What could be chosen in sets that were published before there were more."""
CORE_LONGEST = {"organisation": 200, "legal_id": 60, "contact_email": 254, "purpose": 4000}
KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
LIMITS = {"text": 200, "long": 10_000, "phone": 40, "url": 300, "email": 254, "legal_id": 60, "file": 130}
"""The most characters an answer may have, where a question sets no limit of its own."""


MOST_FILES = 10


class WrongSet(ValueError):
    """The set cannot be asked; ``sentences`` say what is wrong, one each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``when``: answers to other questions, all of which must be given for it to be asked.

    ``options`` of a question for countries narrow the list. ``must`` is the only answer with which the application may
    be sent (a declaration); ``earliest`` and ``latest`` are ISO dates or "today". ``most`` is how many documents a
    question for files takes; ``advice`` what the law says of certain answers, which keeps nobody from sending them.
    """

    key: str
    kind: str
    label: Texts
    help: Texts = field(default_factory=dict)
    required: bool = False
    options: tuple[tuple[str, Texts], ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int = 0
    must: str = ""
    earliest: str = ""
    latest: str = ""
    most: str = ""
    advice: tuple[Advice, ...] = ()

    @property
    def core(self) -> bool:
        return self.key in CORE

    @property
    def many(self) -> bool:
        """Whether its answer is a list."""
        return self.kind in {"several", "countries", "file"}

    @property
    def most_files(self) -> int:
        return int(self.most or 1) if self.kind == "file" else 0

    @property
    def longest(self) -> int:
        return self.limit or LIMITS.get(self.kind, 200)

    def option(self, value: str) -> str:
        return next((said(texts) for key, texts in self.options if key == value), value)


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    title: Texts
    lede: Texts
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Question]:
        return (question for step in self.steps for question in step.questions)

    def question(self, key: str) -> Question | None:
        return next((question for question in self if question.key == key), None)

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)

    @property
    def governing(self) -> frozenset[str]:
        """Keys of the questions on whose answers others depend."""
        return frozenset(key for question in self for key in question.when)


def read(content: Mapping[str, Any]) -> Questionnaire:
    """The set that ``content`` describes; raises WrongSet with everything that is wrong with it."""
    wrong: list[str] = []
    steps = tuple(_step(raw, wrong) for raw in _list(content, "steps", wrong, _("The set")))
    found = Questionnaire(steps)
    _consistent(found, wrong)
    if wrong:
        raise WrongSet(wrong)
    return found


def read_questions(raw: Sequence[Any]) -> tuple[Question, ...]:
    """Questions that stand by themselves, in no set; raises WrongSet with everything that is wrong with them."""
    wrong: list[str] = []
    found = tuple(_question(each, wrong) for each in raw)
    seen: set[str] = set()
    for question in found:
        if question.key in seen:
            wrong.append(_("“%(key)s” is asked twice.") % {"key": question.key})
        if question.kind in CHOOSING and not question.options:
            wrong.append(_("“%(key)s” offers no choices.") % {"key": question.key})
        if unknown := set(question.when) - seen:
            wrong.append(
                _("“%(key)s” depends on “%(other)s”, which is not asked before it.")
                % {"key": question.key, "other": min(unknown)}
            )
        seen.add(question.key)
    if wrong:
        raise WrongSet(wrong)
    return found


def _step(raw: Any, wrong: list[str]) -> Step:
    raw = raw if isinstance(raw, Mapping) else {}
    key = str(raw.get("key", ""))
    if not KEY.fullmatch(key):
        wrong.append(_("A step has the key “%(key)s”: use small letters, digits and _.") % {"key": key})
    title = texts_of(raw.get("title"), wrong, key, needed=True)
    questions = tuple(_question(each, wrong) for each in _list(raw, "questions", wrong, key))
    return Step(key, title, texts_of(raw.get("lede"), wrong, key), questions)


def _question(raw: Any, wrong: list[str]) -> Question:
    raw = raw if isinstance(raw, Mapping) else {}
    key, kind = str(raw.get("key", "")), str(raw.get("kind", ""))
    if not KEY.fullmatch(key):
        wrong.append(_("A question has the key “%(key)s”: use small letters, digits and _.") % {"key": key})
    if kind not in KINDS:
        wrong.append(
            _("“%(key)s” is of the kind “%(kind)s”, which there is not; kinds are %(kinds)s.")
            % {"key": key, "kind": kind, "kinds": ", ".join(sorted(KINDS))}
        )
    options = tuple(
        (str(pair[0]), texts_of(pair[1], wrong, key, needed=kind in CHOOSING))
        for pair in _plain_list(raw.get("options"))
        if isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 - a value and its texts
    )
    when = raw.get("when") or {}
    if not isinstance(when, Mapping) or not all(isinstance(each, list) and each for each in when.values()):
        wrong.append(_("“%(key)s”: “when” names questions and the answers wanted of them.") % {"key": key})
        when = {}
    return Question(
        key, kind, texts_of(raw.get("label"), wrong, key, needed=True), texts_of(raw.get("help"), wrong, key),
        bool(raw.get("required")), options, {str(k): tuple(map(str, v)) for k, v in when.items()},
        _limit(raw.get("limit"), key, wrong), str(raw.get("must") or ""), _day(raw.get("earliest"), key, wrong),
        _day(raw.get("latest"), key, wrong), _most(raw.get("most"), kind, key, wrong),
        read_advice(raw.get("advice"), key, wrong),
    )  # fmt: skip


def _plain_list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _limit(raw: Any, key: str, wrong: list[str]) -> int:
    if raw is None or (isinstance(raw, int) and 0 <= raw <= LIMITS["long"]):
        return raw or 0
    wrong.append(_("“%(key)s”: “limit” is a number up to %(most)s.") % {"key": key, "most": LIMITS["long"]})
    return 0


def _most(raw: Any, kind: str, key: str, wrong: list[str]) -> str:
    text = str(raw or "")
    if text and not (kind == "file" and text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_FILES):
        wrong.append(
            _("“%(key)s”: “most” says how many documents a question for files takes, from 1 to %(most)s.")
            % {"key": key, "most": MOST_FILES}
        )
        return ""
    return text


def _day(raw: Any, key: str, wrong: list[str]) -> str:
    if not raw or raw == "today":
        return raw or ""
    try:
        return dt.date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        wrong.append(_("“%(key)s”: a date is written as 2026-12-31, or “today”.") % {"key": key})
        return ""


def _consistent(found: Questionnaire, wrong: list[str]) -> None:
    seen: dict[str, Question] = {}
    for question in found:
        if question.key in seen:
            wrong.append(_("“%(key)s” is asked twice.") % {"key": question.key})
        if question.kind in CHOOSING and not question.options:
            wrong.append(_("“%(key)s” offers no choices.") % {"key": question.key})
        for key, values in question.when.items():
            if key not in seen:
                wrong.append(
                    _("“%(key)s” depends on “%(other)s”, which is not asked before it.")
                    % {"key": question.key, "other": key}
                )
            elif unknown := _unknown(seen[key], values):
                wrong.append(
                    _("“%(key)s” depends on the answer “%(value)s” to “%(other)s”, which that does not offer.")
                    % {"key": question.key, "value": unknown, "other": key}
                )
        seen[question.key] = question
    for key, kind in CORE.items():
        if key not in seen or seen[key].kind != kind or seen[key].when:
            wrong.append(
                _("“%(key)s” must be asked of everybody, as %(kind)s: decisions rest on it.")
                % {"key": key, "kind": kind}
            )
        elif not _as_it_was(seen[key]):
            wrong.append(
                _("Decisions rest on “%(key)s”: only their texts may change, not what may be answered.") % {"key": key}
            )


def _as_it_was(question: Question) -> bool:
    """Whether a question on which decisions rest still takes the answers that they know."""
    values = tuple(value for value, texts in question.options)
    free = question.key == "residency"
    fits = question.longest <= CORE_LONGEST.get(question.key, question.longest)
    now = CORE_VALUES.get(question.key, values)
    known = {now, CORE_EARLIER.get(question.key, now)}
    return fits and (free or question.required) and values in known and not question.must


def _unknown(question: Question, values: Sequence[str]) -> str:
    if question.kind == "number":  # a threshold, written as >=1e25
        return next((value for value in values if value[:2] != ">=" or not is_number(value[2:])), "")
    offered = {"yes", "no"} if question.kind == "yes_no" else {value for value, texts in question.options}
    if question.kind not in {*CHOOSING, "yes_no"}:
        return ""
    return next((value for value in values if value not in offered), "")


def _list(raw: Mapping[str, Any], name: str, wrong: list[str], where: str) -> Sequence[Any]:
    found = raw.get(name)
    if isinstance(found, list) and found:
        return found
    wrong.append(_("“%(where)s” has no %(name)s.") % {"where": where, "name": name})
    return ()
