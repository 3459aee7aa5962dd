"""What people read goes through translation; what a page brings along obeys the policy header."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.rules.tree import called, calls, python, templates, text_of

NOT_WORDS = {"GPU", "GPUs", "CSV", "API", "UTC", "GiB", "kW", "W", "h", "px", "Esc", "g", "min"}
SAID_BY_KEYWORD = {
    "label",
    "help_text",
    "verbose_name",
    "verbose_name_plural",
    "empty_label",
    "button",
    "title",
    "lede",
}
SAYS_FIRST = {"Refused", "Conflict", "NotFound", "Forbidden", "Unavailable", "PortalError", "ValidationError"}
SAYS_SECOND = {"success", "error", "warning", "info"}
CONSOLE = ("portal/embedded", "portal/management", "portal/settings", "resources/demo")

BLOCK = re.compile(r"{%-?\s*(blocktranslate|blocktrans|comment|verbatim)\b.*?{%-?\s*end\1\s*-?%}", re.DOTALL)
TAG = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
CODE = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE)
ELEMENT = re.compile(r"<[^<>]*>")
SPOKEN = re.compile(r"""\s(?:title|alt|placeholder|aria-label|label|description|text|heading)=("[^"]*"|'[^']*')""")
ENTITY = re.compile(r"&[#\w]+;")
WORD = re.compile(r"[^\W\d_]{2,}")

INLINE = {
    re.compile(r"\sstyle\s*=", re.IGNORECASE): "an inline style",
    re.compile(r"<style\b", re.IGNORECASE): "a style element",
    re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.IGNORECASE): "an inline script",
    re.compile(r"\shx-on\b", re.IGNORECASE): "hx-on",
    re.compile(r"\son[a-z]+\s*=", re.IGNORECASE): "an inline event handler",
    re.compile(r"[\"']\s*(?:javascript|js):", re.IGNORECASE): "script in an attribute",
    re.compile(r"hx-trigger=\"[^\"{]*\[[^\"]*\]", re.IGNORECASE): "a trigger filter, which needs eval",
    re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+\.(?:js|css|woff2?|png|svg)"""): "another's server",
}


def blank(pattern: re.Pattern[str], text: str) -> str:
    """Without what ``pattern`` finds, with every line where it was."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n") or " ", text)


def templates_bring_nothing_inline(root: Path) -> list[str]:
    """The policy header refuses it, and htmx would need eval."""
    found = []
    for source in templates(root):
        text = blank(re.compile(r"{#.*?#}|{%-?\s*comment\b.*?endcomment\s*-?%}", re.DOTALL), source.text)
        for pattern, what in INLINE.items():
            found += [
                f"{source.name}:{text[: hit.start()].count(chr(10)) + 1}: {what}" for hit in pattern.finditer(text)
            ]
    return found


def templates_speak_through_translation(root: Path) -> list[str]:
    """Text between elements and in spoken attributes stands in translate or blocktranslate."""
    found = []
    for source in templates(root):
        rest = blank(CODE, blank(TAG, blank(BLOCK, source.text)))
        for number, line in enumerate(_spoken(rest).splitlines(), 1):
            words = [word for word in WORD.findall(ENTITY.sub(" ", line)) if word not in NOT_WORDS]
            if words:
                found.append(f"{source.name}:{number}: {' '.join(words)[:60]!r} is not translated")
    return found


def _spoken(text: str) -> str:
    """The text itself and the attributes that are read aloud; elements gone, lines kept."""

    def aloud(element: re.Match[str]) -> str:
        return " ".join(SPOKEN.findall(element[0])) + "\n" * element[0].count("\n") + " "

    return ELEMENT.sub(aloud, text)


def code_speaks_through_translation(root: Path) -> list[str]:
    """Labels, messages and refusals in Python are not bare strings."""
    found = []
    for source in python(root):
        if source.within(*CONSOLE):
            continue
        for call in calls(source.tree):
            said = [k.value for k in call.keywords if k.arg in SAID_BY_KEYWORD]
            name = called(call)
            if name in SAYS_FIRST and call.args:
                said.append(call.args[0])
            if name in SAYS_SECOND and len(call.args) > 1 and ast.unparse(call.func).startswith("messages."):
                said.append(call.args[1])
            found += [
                source.at(node, f"{text[:60]!r} is not translated")
                for node in said
                if (text := text_of(node)) and WORD.search(text) and text not in NOT_WORDS
            ]
    return found


RULES = (
    templates_bring_nothing_inline,
    templates_speak_through_translation,
    code_speaks_through_translation,
)
