"""The text of a letter: paragraphs with placeholders, checked before it is kept and filled when it is written.

A text is paragraphs, divided by empty lines; a line that begins with "- " is an item of a list. ``{reference}`` stands
for a fact of the matter. A paragraph that speaks of something which there is not (no conditions, no appeal) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.core.errors import Refused
from portal.core.registry import Registry

MARK = re.compile(r"\{([a-z_]+)\}")
ITEM = "- "
LONGEST_SUBJECT, LONGEST_BODY = 200, 12_000
Fact = str | Sequence[str]
"""A fact of the matter: words, or several (they become a list where they stand alone in a paragraph)."""


@dataclass(frozen=True)
class Placeholder:
    """What may stand in a text: what it means, and what a preview shows in its place."""

    label: str | Promise
    sample: str | Promise | Sequence[str | Promise]


@dataclass(frozen=True)
class LetterKind:
    """A kind of letter: what it may speak of, what it has to, who words it, and the portal's own wording.

    ``verb``: what somebody must be able to do at the authority to word it. ``texts``: language → (subject, text).
    """

    label: str | Promise
    placeholders: Mapping[str, Placeholder]
    needed: frozenset[str]
    verb: str
    texts: Mapping[str, tuple[str, str]] = field(hash=False)


letter_kinds: Registry[LetterKind] = Registry("kinds of letters")
"""By the name under which an authority's wording of it is kept: "case.approved"."""


@dataclass(frozen=True)
class Written:
    """A letter as it will be read: its subject and its paragraphs, filled in."""

    subject: str
    body: str


def check_wording(kind: LetterKind, subject: str, body: str) -> None:
    """Refuse a wording that could not be filled, or that leaves out what such a letter has to say."""
    for name, text, longest in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if not text.strip():
            raise Refused(_("A letter has a subject and a text. Write both."), field=name)
        if len(text) > longest:
            raise Refused(_("This is longer than %(most)d characters. Shorten it.") % {"most": longest}, field=name)
        _check_marks(kind, text, name)
    missing = sorted(kind.needed - set(MARK.findall(subject + body)))
    if missing:
        raise Refused(
            _("Such a letter has to say %(what)s. Put %(marks)s where it belongs.")
            % {
                "what": ", ".join(f"“{kind.placeholders[name].label}”" for name in missing),
                "marks": " ".join(f"{{{name}}}" for name in missing),
            },
            field="body",
        )


def _check_marks(kind: LetterKind, text: str, name: str) -> None:
    unknown = next((mark for mark in MARK.findall(text) if mark not in kind.placeholders), None)
    if unknown is not None:
        raise Refused(
            _("Nothing is known as {%(mark)s} in such a letter. What may stand in it is listed beside the text.")
            % {"mark": unknown},
            field=name,
        )
    rest = MARK.sub("", text)
    if "{" in rest or "}" in rest:
        raise Refused(
            _("A curly bracket stands alone. Placeholders look like {reference}, in small letters, without blanks."),
            field=name,
        )


def fill(subject: str, body: str, facts: Mapping[str, Fact]) -> Written:
    """The letter with the facts in their places; paragraphs that speak of what there is not are left out."""
    written: list[str] = []
    for each in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip()):
        if paragraph := _paragraph(each, facts):
            written.append(paragraph)
        elif MARK.fullmatch(each.strip()) and written and written[-1].endswith(":"):
            written.pop()  # it led to a list that there is not
    said = "\n\n".join(written)
    return Written(MARK.sub(lambda found: _inline(facts.get(found[1], "")), subject).strip(), said)


def _paragraph(text: str, facts: Mapping[str, Fact]) -> str:
    marks = MARK.findall(text)
    if any(not facts.get(mark) for mark in marks):
        return ""
    if len(marks) == 1 and text.strip() == f"{{{marks[0]}}}":
        return _block(facts[marks[0]])
    return MARK.sub(lambda found: _inline(facts[found[1]]), text).strip()


def _block(fact: Fact) -> str:
    """A fact alone in a paragraph keeps its own lines; several become a list."""
    if isinstance(fact, str):
        return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n+", plain(fact)) if part.strip())
    return "\n".join(f"{ITEM}{_inline(each)}" for each in fact)


def _inline(fact: Fact) -> str:
    words = fact if isinstance(fact, str) else ", ".join(fact)
    return " ".join(plain(words).split())


def plain(text: str) -> str:
    """Without what turns a text round or cannot be seen, so that nobody writes between somebody else's lines."""
    return "".join(
        each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co"}
    )


@dataclass(frozen=True)
class Part:
    """A paragraph, or the items of a list."""

    text: str = ""
    items: tuple[str, ...] = ()


def parts(body: str) -> list[Part]:
    """A written letter as pages and paper set it."""
    found: list[Part] = []
    for block in body.split("\n\n"):
        lines = block.split("\n")
        begin = next((n for n, line in enumerate(lines) if line.startswith(ITEM)), len(lines))
        if begin:
            found.append(Part("\n".join(lines[:begin])))
        if begin < len(lines):
            found.append(Part(items=tuple(_items(lines[begin:]))))
    return found


def _items(lines: Iterable[str]) -> list[str]:
    """Lines after an item that are none themselves belong to it."""
    made: list[str] = []
    for line in lines:
        if line.startswith(ITEM) or not made:
            made.append(line.removeprefix(ITEM))
        else:
            made[-1] += f" {line.strip()}"
    return made


def samples(kind: LetterKind) -> dict[str, Fact]:
    """What a preview fills in."""
    return {name: _said(each.sample) for name, each in kind.placeholders.items()}


def _said(sample: str | Promise | Sequence[str | Promise]) -> Fact:
    return str(sample) if isinstance(sample, str | Promise) else [str(each) for each in sample]
