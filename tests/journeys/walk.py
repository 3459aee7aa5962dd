"""A walk through the product by its links: to one page of every kind, and again wherever something new stands on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import expect

from tests.journeys.browser import Person, fill, looks

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY = "00000000-0000-4000-8000-000000000000"
LINK = re.compile(r'<a\b(?![^>]*\sdownload\b)[^>]*?\shref="([^"]*)"')
ELEMENT = re.compile(r"<([a-z][a-z0-9-]*)")
CLASSES = re.compile(r'\sclass="([^"]*)"')
Start = str | tuple[str, ...]
"""A path; or a path and the kinds of page to go on to, each by the first link of its kind."""


def kind_of(address: str) -> str:
    """The name of the page at ``address``; "nothing" if there is none."""
    return _kind(UUID.sub(ANY, urlsplit(address).path))


@cache
def _kind(path: str) -> str:
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return "nothing"


def parts_of(text: str) -> tuple[set[str], set[str]]:
    """What a page is made of, its elements and the classes that give them their look: in its main part, and around it."""
    before, _, rest = text.partition("<main")
    main, _, after = rest.partition("</main>")
    return _made_of(main), _made_of(before + after)


def _made_of(text: str) -> set[str]:
    classes = {name for names in CLASSES.findall(text) for name in names.split()}
    return set(ELEMENT.findall(text)) | {f".{name}" for name in classes}


class Begun(NamedTuple):
    """A form that is filled in and sent where the walk came to it.

    ``until``: what stands on the page that follows before one goes on, at last to ``then``.
    """

    page: str
    fields: Mapping[str, Any] = {}
    then: Start = ""
    until: str = ""


@dataclass
class Walk:
    """What was seen so far, by everybody. ``passed_by``: kinds that are no pages; ``parts``: what the pages of each kind
    are made of; ``paths``: (address of a person, kind) → where they came to one.

    A page is looked at in the browser when it is the first of its kind, or is made of something that no page of its kind
    was made of before; of all others only the links are read.
    """

    address: str
    passed_by: frozenset[str]
    parts: dict[str, set[str]] = field(default_factory=dict)
    around: set[str] = field(default_factory=set)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)
    trouble: dict[str, list[str]] = field(default_factory=dict)

    def of(self, person: Person, starts: Iterable[Start], *, only_new: bool = False) -> None:
        """Follow the links from each start, to one page of every kind; ``only_new``: of every kind nobody came to yet."""
        for start in starts:
            waiting = [start if isinstance(start, str) else self._along(person, *start)]
            is_start = True
            while waiting:
                path = waiting.pop(0)
                if is_start or self._is_wanted(person, kind_of(path), only_new=only_new):
                    waiting += self._visit(person, path)
                is_start = False

    def begin(self, person: Person, begun: Begun) -> None:
        """Send the form, look at what it leads to, and walk on from there."""
        page = person.go(self.paths[person.email, begun.page])
        fill(page, **begun.fields)
        with page.expect_navigation():
            page.locator("main form.form-card button[type=submit]").click()
        if begun.until:
            expect(page.locator("main")).to_contain_text(begun.until)
        text = page.content()
        self.look(person, kind_of(page.url), text)
        links = self._links(urlsplit(page.url).path, text)
        self.of(
            person, [each for each in links if self._is_wanted(person, kind_of(each), only_new=True)], only_new=True
        )
        if begun.then:
            self.of(person, [begun.then], only_new=True)

    def _is_wanted(self, person: Person, kind: str, *, only_new: bool) -> bool:
        if kind in self.passed_by or (person.email, kind) in self.paths:
            return False
        return not only_new or kind not in self.parts

    def _along(self, person: Person, path: str, *kinds: str) -> str:
        for kind in kinds:
            text = person.context.request.get(self.address + path).text()
            found = next((each for each in self._links(path, text) if kind_of(each) == kind), None)
            assert found, f"{person.email} finds no way to {kind} at {path}"
            path = found
        return path

    def _visit(self, person: Person, path: str) -> list[str]:
        """Look at the page if there is something new to it. The links that stand on it."""
        kind = kind_of(path)
        self.paths[person.email, kind] = path
        if kind in self.parts:
            answer = person.context.request.get(self.address + path)
            here, text, status = kind_of(answer.url), answer.text(), answer.status
            if status < 400 and self._is_known(here, text):
                self.paths[person.email, here] = path
                return self._links(path, text)
        response = person.page.goto(self.address + path)
        assert response
        here, text = kind_of(person.page.url), response.text()
        self.paths[person.email, here] = path
        if response.status >= 400:
            self.trouble[f"{path}, to {person.email}"] = [f"a link leads there, and it answers {response.status}"]
        self.look(person, here, text)
        self.parts.setdefault(kind, set())
        return self._links(path, text)

    def look(self, person: Person, kind: str, text: str) -> None:
        """Look at the page that stands in the browser."""
        person.page.locator("h1, main").first.wait_for()
        if wrong := looks(person.page, again=bool(self.parts.get(kind))):
            self.trouble[f"{kind} ({person.page.url.removeprefix(self.address)}, {person.email})"] = wrong
        main, around = parts_of(text)
        self.parts.setdefault(kind, set()).update(main)
        self.around |= around

    def _is_known(self, kind: str, text: str) -> bool:
        main, around = parts_of(text)
        return main <= self.parts.get(kind, set()) and around <= self.around

    def _links(self, path: str, text: str) -> list[str]:
        """Path with query of every link to a page of ours, each once."""
        here = self.address + path
        found: dict[str, None] = {}
        for target in LINK.findall(text):
            parts = urlsplit(urljoin(here, unescape(target)))
            if (
                f"{parts.scheme}://{parts.netloc}" != self.address
                or "format=" in parts.query
                or parts.path.startswith("/static/")
            ):
                continue
            found[parts.path + (f"?{parts.query}" if parts.query else "")] = None
        return list(found)
