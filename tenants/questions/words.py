"""Conditions as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tenants.questions.answers import shown
from tenants.questions.schema import Questionnaire
from tenants.questions.texts import said


def condition_text(questionnaire: Questionnaire, when: Mapping[str, Sequence[str]]) -> str:
    """Answers that are waited for, with the words of their questions: "Personal data: Ordinary, Special".

    A question that the set does not ask keeps its key; any answer at all ("*") is said by the question alone.
    """
    return "; ".join(_one(questionnaire, key, values) for key, values in when.items())


def _one(questionnaire: Questionnaire, key: str, values: Sequence[str]) -> str:
    question = questionnaire.question(key)
    label = said(question.label) if question else key
    answers = ", ".join(shown(question, each) if question else each for each in values if each != "*")
    if not answers:
        return label
    return f"{label} {answers}" if label.endswith("?") else f"{label}: {answers}"
