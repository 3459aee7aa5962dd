"""Names that are written before there are questions, held to the same as the answers."""

from __future__ import annotations

from tenants.questions.answers import INVISIBLE, clean
from tenants.questions.schema import Question


def plain_name(text: str, label: str) -> str:
    """The name as a short answer is kept; raises WrongAnswer for what nobody sees or no register carries."""
    return str(clean(Question("organisation", "text", {"en": label}, required=True), text))


def seen(text: str) -> str:
    """What a reader sees of a text that goes into a mail: nothing that hides, or turns the letters around it."""
    return INVISIBLE.sub("", text)
