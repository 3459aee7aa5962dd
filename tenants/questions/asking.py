"""Writing a question of the standard set down in one line, and the lists that several of them use.

Kinds, sectors and classes are those of the NIS 2 directive (EU) 2022/2555 annexes I and II and of the AI Act (EU)
2024/1689 annex III.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
PUBLIC = ("public_agency", "regional_authority", "justice")
COMPANIES = ("industry", "startup")
SECTORS: Sequence[tuple[str, Text]] = (
    ("energy", _("Energy")), ("transport", _("Transport")), ("banking", _("Banking and finance")),
    ("health", _("Health")), ("water", _("Water and waste water")), ("digital", _("Digital infrastructure and services")),
    ("space", _("Space")), ("administration", _("Public administration")), ("food", _("Food")),
    ("manufacturing", _("Manufacturing")), ("research", _("Research and education")), ("environment", _("Environment and climate")),
    ("culture", _("Culture and language")), ("other", _("Other")),
)  # fmt: skip
NIS2 = (
    "energy",
    "transport",
    "banking",
    "health",
    "water",
    "digital",
    "space",
    "administration",
    "food",
    "manufacturing",
)
ANNEX_III: Sequence[tuple[str, Text]] = (
    ("none", _("None of these")), ("biometrics", _("Biometrics")), ("infrastructure", _("Critical infrastructure")),
    ("education", _("Education and training")), ("employment", _("Employment")),
    ("services", _("Access to essential services")), ("law", _("Law enforcement")),
    ("migration", _("Migration and borders")), ("justice", _("Justice and democracy")),
)  # fmt: skip
HIGH_RISK = tuple(key for key, _text in ANNEX_III if key != "none")
PERSONAL = ("personal", "special")


def ask(key: str, kind: str, label: Text, hint: Text = "", **more: Any) -> dict[str, Any]:
    """A question that needs an answer before the application can be sent."""
    return {"key": key, "kind": kind, "label": label, "help": hint, "required": True, **more}


def offer(key: str, kind: str, label: Text, hint: Text = "", **more: Any) -> dict[str, Any]:
    """A question that may stay open."""
    return {**ask(key, kind, label, hint, **more), "required": False}


def advise(text: Text, source: str, **when: Any) -> dict[str, Any]:
    """What the law says of certain answers: ``values``, ``least`` (a number), ``before`` (a day)."""
    return {"text": text, "source": source, **when}
