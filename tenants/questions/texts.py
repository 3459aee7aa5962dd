"""Texts of a question set: one per language, English always."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

Texts = Mapping[str, str]


def said(texts: Texts) -> str:
    """The text in the reader's language, else in English, else whatever there is."""
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def texts_of(raw: Any, wrong: list[str], key: str, *, needed: bool = False) -> Texts:
    """The texts that ``raw`` holds; what is wrong with them goes into ``wrong``."""
    texts = {str(language): str(text) for language, text in raw.items()} if isinstance(raw, Mapping) else {}
    if needed and not texts.get("en", "").strip():
        wrong.append(_("“%(key)s” has no English text; others fall back to it.") % {"key": key})
    return texts
