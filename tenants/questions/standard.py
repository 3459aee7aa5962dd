"""The portal's own question set: what European law lets an authority, and obliges it to, ask of an organisation.

Kinds, sectors and classes are those of the NIS 2 directive (EU) 2022/2555 annexes I and II, the AI Act (EU) 2024/1689
annex III and article 5, and the General Data Protection Regulation (EU) 2016/679 articles 4, 26, 28, 35 and 44. An
authority copies the set and changes it; dates and thresholds of law stand there as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tenants.questions.about_organisation import ORGANISATION, PEOPLE
from tenants.questions.about_use import DATA, USE
from tenants.questions.asking import NIS2, Text

__all__ = ["NIS2", "content"]

STEPS: Sequence[tuple[str, Text, Text, Sequence[Mapping[str, Any]]]] = (
    ("organisation", _("Organisation"), _("Who applies, and by which number a public register knows it."), ORGANISATION),
    ("people", _("People"), _("Who speaks and signs for it, and who answers at night."), PEOPLE),
    ("data", _("Data"), _("What you will bring, whose data they are, and where they may be."), DATA),
    ("use", _("Use"), _("What the GPUs are for, and what the law asks of that."), USE),
)  # fmt: skip


@cache
def content() -> dict[str, Any]:
    """The set as JSON, with its texts in every language of the portal. Read it, do not change it."""
    return {
        "steps": [
            {
                "key": key, "title": _every(title), "lede": _every(lede),
                "questions": [_plain(question) for question in questions],
            }
            for key, title, lede, questions in STEPS
        ]
    }  # fmt: skip


def _plain(question: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in question.items() if value not in ("", ())}
    plain["label"] = _every(question["label"])
    if question["help"]:
        plain["help"] = _every(question["help"])
    if "options" in question:
        plain["options"] = [[value, _every(text) if text else {}] for value, text in question["options"]]
    if "when" in question:
        plain["when"] = {key: list(values) for key, values in question["when"].items()}
    if "advice" in question:
        plain["advice"] = [
            {**each, "text": _every(each["text"]), **({"values": list(each["values"])} if "values" in each else {})}
            for each in question["advice"]
        ]
    return plain


def _every(text: Text) -> dict[str, str]:
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(text)
    return texts
