"""The Union's consolidated list of financial sanctions: read as a stream, and asked for names that are alike.

The format is that of the full list in XML (namespace http://eu.europa.ec/fpi/fsd/export, version 1.1): an ``export``
with its ``generationDate``, in it ``sanctionEntity`` elements with ``nameAlias`` elements, each a spelling.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from django.utils.translation import gettext as _

from tenants.checks.names import bare, grams, likeness, readings

ROOT, ENTITY, ALIAS, SUBJECT = "export", "sanctionEntity", "nameAlias", "subjectType"
MOST_HITS = 10
LONGEST_NAME = 500


class WrongList(ValueError):
    """The file is no such list, or only a part of one; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way in which the list writes a name. ``entity``: the list's own number of whoever it is about."""

    entity: str
    reference: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Header:
    """``published``: when the list was generated. ``version``: the number of the file, else its day."""

    published: dt.datetime
    version: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A name of the list that is like one of those asked about, by so many percent."""

    entity: str
    reference: str
    name: str
    percent: int


def read(file: IO[bytes]) -> Iterator[Header | Spelling]:
    """The header, then every spelling, without ever holding the whole file. Raises WrongList."""
    told = False
    closed = False
    try:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            name = element.tag.rpartition("}")[2]
            if event == "start":
                if not told:
                    yield _header(name, element)
                    told = True
            elif name == ENTITY:
                yield from _spellings(element)
                element.clear()
            elif name == ROOT:
                closed = True
    except (ParseError, DefusedXmlException) as error:
        raise WrongList(_("The file is no proper XML: %(why)s. Download it again.") % {"why": error}) from None
    if not closed:
        raise WrongList(_("The file ends too early. Download it again."))


def _header(name: str, element: Any) -> Header:
    if name != ROOT:
        raise WrongList(
            _("The file begins with “%(name)s” and not with “export”: it is not the full list in XML.") % {"name": name}
        )
    text = element.get("generationDate") or ""
    try:
        published = dt.datetime.fromisoformat(text)
    except ValueError:
        raise WrongList(_("The list does not say when it was made (generationDate).")) from None
    if published.tzinfo is None:
        published = published.replace(tzinfo=dt.UTC)
    return Header(published, (element.get("globalFileId") or published.date().isoformat())[:60])


def _spellings(entity: Any) -> Iterator[Spelling]:
    number, reference, kind = entity.get("logicalId") or "", entity.get("euReferenceNumber") or "", ""
    names = []
    for child in entity:
        name = child.tag.rpartition("}")[2]
        if name == SUBJECT:
            kind = child.get("code") or ""
        elif name == ALIAS:
            parts = (child.get("firstName"), child.get("middleName"), child.get("lastName"))
            names.append(child.get("wholeName") or " ".join(part for part in parts if part))
    for name in dict.fromkeys(names):
        if bare(name):
            yield Spelling(number[:40], reference[:60], kind[:20], name[:LONGEST_NAME])


class Index:
    """The names of one list, ready to be asked many times. Built once per list and process."""

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        self.spellings: list[Spelling] = []
        self.bares: list[str] = []
        self.by_gram: dict[str, list[int]] = {}
        for spelling in spellings:
            for reading in readings(spelling.name):
                number = len(self.bares)
                self.spellings.append(spelling)
                self.bares.append(reading)
                for gram in grams(reading):
                    self.by_gram.setdefault(gram, []).append(number)

    def ask(self, names: Sequence[str], threshold: int) -> list[Hit]:
        """Whoever on the list is at least ``threshold`` percent like one of ``names``: the likest spelling of each."""
        found: dict[str, Hit] = {}
        for asked in {reading for name in names for reading in readings(name)}:
            for number in self._near(asked):
                percent = likeness(asked, self.bares[number])
                spelling = self.spellings[number]
                best = found.get(spelling.entity)
                if percent >= threshold and (best is None or percent > best.percent):
                    found[spelling.entity] = Hit(spelling.entity, spelling.reference, spelling.name, percent)
        return sorted(found.values(), key=lambda hit: (-hit.percent, hit.name))[:MOST_HITS]

    def _near(self, asked: str) -> list[int]:
        """Names that share enough letters to be worth comparing: a third of the shorter name's groups of three."""
        mine = grams(asked)
        shared = Counter(number for gram in mine for number in self.by_gram.get(gram, ()))
        return [
            number for number, count in shared.items() if 3 * count >= min(len(mine), len(grams(self.bares[number])))
        ]
