"""Every address of the portal by its name, and what a row of the matrix says about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.views import APIView

from portal.ui.lists import ListPage
from tests.matrix.people import OUTSIDE
from tests.world import World

Kwargs = Mapping[str, Any]


@dataclass(frozen=True)
class Door:
    """One URL pattern."""

    name: str
    pattern: URLPattern

    @property
    def is_api(self) -> bool:
        view = getattr(self.pattern.callback, "cls", object)
        return issubclass(view, APIView) and not issubclass(view, SpectacularSwaggerView)  # that one is a page

    def offers(self, method: str) -> bool:
        """Whether an API's view answers to the method at all."""
        actions = getattr(self.pattern.callback, "actions", None)
        view = getattr(self.pattern.callback, "cls", object)
        return method.lower() in actions if actions else hasattr(view, method.lower())

    @property
    def is_list_page(self) -> bool:
        return issubclass(getattr(self.pattern.callback, "view_class", object), ListPage)


@dataclass(frozen=True)
class Thing:
    """One object behind a door, or the door itself if it is about none, and how each person is answered by GET.

    ``may``: ``status``. ``sees``: 403, they know of it and may not do this. Everybody else who is signed in:
    ``other``. Who is not signed in is sent to sign in (an API says 403), unless ``public``.
    """

    label: str
    kwargs: Callable[[World], Kwargs]
    may: frozenset[str]
    sees: frozenset[str] = frozenset()
    other: int = 404
    status: int = 200
    query: Callable[[World], str] = lambda _world: ""
    public: bool = False

    def expected(self, person: str, *, api: bool) -> int:
        if person in self.may:
            return self.status
        if person in OUTSIDE and not self.public:
            return 403 if api else 302
        return 403 if person in self.sees else self.other


@dataclass(frozen=True)
class Row:
    """What the matrix says about one door.

    ``shows``: word → everybody who finds it in the answer; whoever is not named finds nothing of it. Without it only
    the second half is tried. ``tells``: word → people who find it here and nowhere else, and whose right it is.
    ``gets``: whether GET is an answer at all (some API doors take POST only).
    """

    things: tuple[Thing, ...]
    shows: Mapping[str, frozenset[str]] | None = None
    tells: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gets: bool = True


@cache
def doors() -> dict[str, Door]:
    """All patterns; an API's begin with "api-". Two patterns of one name, or without one, are an error."""
    found: dict[str, Door] = {}
    for prefix, pattern in _walk(get_resolver().url_patterns):
        if pattern.name is None:
            raise LookupError(f"{prefix}{pattern.pattern} has no name")
        name = (
            f"api-{pattern.name}" if prefix.startswith("api/") and not pattern.name.startswith("api-") else pattern.name
        )
        if name in found and str(found[name].pattern.pattern) != str(pattern.pattern):
            raise LookupError(f"two addresses are called {name}")
        found[name] = Door(name, pattern)
    return found


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, prefix + re.sub(r"[\^$]", "", str(each.pattern)))
        else:
            yield prefix, each


def address(door: Door, kwargs: Kwargs) -> str:
    return reverse(door.pattern.name or "", kwargs=dict(kwargs))
