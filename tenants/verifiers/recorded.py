"""A register that answers from what was recorded: for the demo and for tests, and for registers read by hand.

The recording is a JSON object: number → {"name": …, "live": true}, or "silent" for one about which nothing can be
said now, or null for one that is not known. A number that is not in it at all is one that the register does not cover.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tenants.verifiers.base import Entry, Inquiry, Silent, name_of, register


@register
class Recorded:
    key = "recorded"
    label = "Recorded register"

    def answers(self, inquiry: Inquiry) -> bool:
        return inquiry.number in _answers(inquiry)

    def ask(self, inquiry: Inquiry) -> Entry:
        found = _answers(inquiry).get(inquiry.number, "silent")
        if found is None:
            return Entry(known=False)
        if not isinstance(found, dict) or not isinstance(found.get("live", True), bool):
            raise Silent("nothing that could be read was recorded")
        return Entry(known=True, live=found.get("live", True), name=name_of(found.get("name")))


def _answers(inquiry: Inquiry) -> dict[str, Any]:
    """The recording: itself, or the path of its file. One that cannot be read is empty: then nothing is verified."""
    given = inquiry.settings.get("recorded") or {}
    if isinstance(given, str):
        try:
            given = json.loads(Path(given).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
    return given if isinstance(given, dict) else {}
