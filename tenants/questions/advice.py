"""What the law says of certain answers, as data of a question set: shown beside the answer, and to who reviews it.

    {"least": "1e25", "text": {"en": "Presumed to have systemic risk."}, "source": "(EU) 2024/1689, 51(2)"}

``values`` are answers of a choice, ``least`` a number from which on it holds, ``before`` a day before which it does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from tenants.questions.texts import Texts, said, texts_of


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence of law. Of ``values``, ``least`` and ``before`` one is given."""

    text: Texts
    source: str = ""
    values: tuple[str, ...] = ()
    least: str = ""
    before: str = ""

    def holds(self, value: Any) -> bool:
        if self.values:
            return bool(set(value if isinstance(value, list) else [value]) & set(self.values))
        if self.least:
            return at_least(value, self.least)
        return is_day(value) and str(value) < self.before

    def __str__(self) -> str:
        return f"{said(self.text)} [{self.source}]" if self.source else said(self.text)


def number_of(value: Any) -> Decimal | None:
    """A number as people type it: 1e25, 3,5, 1 000."""
    text = "".join(str(value if value is not None else "").split()).replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def at_least(value: Any, least: str) -> bool:
    number, limit = number_of(value), number_of(least)
    return bool(number is not None and limit is not None and number >= limit)


def is_number(text: str) -> bool:
    return number_of(text) is not None


def is_day(value: Any) -> bool:
    try:
        return bool(dt.date.fromisoformat(str(value)).isoformat() == value)
    except ValueError:
        return False


def read_advice(raw: Any, key: str, wrong: list[str]) -> tuple[Advice, ...]:
    """The advice that ``raw`` holds; what is wrong with it goes into ``wrong``."""
    found = []
    for each in raw if isinstance(raw, list) else []:
        one = _one(each if isinstance(each, Mapping) else {}, key, wrong)
        if sum(map(bool, (one.values, one.least, one.before))) != 1:
            wrong.append(_("“%(key)s”: advice needs one of “values”, “least” and “before”.") % {"key": key})
        elif (one.least and not is_number(one.least)) or (one.before and not is_day(one.before)):
            wrong.append(
                _("“%(key)s”: advice needs a number such as 1e25, or a day written as 2026-12-31.") % {"key": key}
            )
        found.append(one)
    return tuple(found)


def _one(raw: Mapping[str, Any], key: str, wrong: list[str]) -> Advice:
    values: Sequence[Any] = raw.get("values") if isinstance(raw.get("values"), list) else []  # type: ignore[assignment]
    return Advice(
        texts_of(raw.get("text"), wrong, key, needed=True), str(raw.get("source") or "")[:200], tuple(map(str, values)),
        str(raw.get("least") or ""), str(raw.get("before") or ""),
    )  # fmt: skip
