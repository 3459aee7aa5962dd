"""Letters that are not what they look like."""

from __future__ import annotations

import re
import unicodedata

SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
SHORTEST_MIXED = 2


def mixed_word(text: str) -> str:
    """A word whose letters are of two alphabets, such as a Latin word with one Cyrillic letter; "" when there is none."""
    words: list[str] = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text))
    for word in words:
        found = {script for each in word if (script := _script(each))}
        if len(found) > 1 and len(word) >= SHORTEST_MIXED:
            return word
    return ""


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    found: str = next((script for script in SCRIPTS if name.startswith(script)), "")
    return found
