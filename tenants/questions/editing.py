"""One change to a question set, as a new content; whether it may be asked is for ``schema.read`` to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Content = dict[str, Any]


def put(content: Mapping[str, Any], question: Mapping[str, Any], *, step: str = "", key: str = "") -> Content:
    """``question`` in the place of that of ``key``; without one, at the end of ``step``."""
    changed = deepcopy(dict(content))
    for number, at, questions in _questions(changed):
        if key and questions[number].get("key") == key:
            questions[number] = {**question}
            return changed
        if not key and at == step and number == len(questions) - 1:
            questions.append({**question})
            return changed
    return changed


def remove(content: Mapping[str, Any], key: str) -> Content:
    changed = deepcopy(dict(content))
    for number, _at, questions in _questions(changed):
        if questions[number].get("key") == key:
            del questions[number]
            break
    return changed


def move(content: Mapping[str, Any], key: str, by: int) -> Content:
    """``key`` that many places later in its step (before it, below zero); at either end it stays."""
    changed = deepcopy(dict(content))
    for number, _at, questions in _questions(changed):
        if questions[number].get("key") == key:
            questions.insert(max(0, number + by), questions.pop(number))
            break
    return changed


def raw(content: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """The question as it is written down."""
    return next((qs[n] for n, _at, qs in _questions(content) if qs[n].get("key") == key), None)


def _questions(content: Mapping[str, Any]) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """(place, key of the step, all questions of the step) of each question."""
    for step in content["steps"]:
        for number in range(len(step["questions"])):
            yield number, step["key"], step["questions"]
