"""What a person typed, kept while they show their second factor, so that nothing is lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

KEY = "held_form"
HELD_SECONDS = 900
MOST_CHARACTERS = 200_000
OUR_OWN = frozenset({"csrfmiddlewaretoken"})


@dataclass(frozen=True)
class Held:
    """A form as it was sent. ``path``: where to; ``fields``: name and value, in order; ``fresh``: not offered yet."""

    path: str
    fields: list[tuple[str, str]]
    fresh: bool


def hold(request: HttpRequest) -> bool:
    """Keep the form of this request in the session; False if it is too large to be kept."""
    fields = [[name, value] for name, values in request.POST.lists() for value in values if name not in OUR_OWN]
    if sum(len(name) + len(str(value)) for name, value in fields) > MOST_CHARACTERS:
        return False
    request.session[KEY] = {"path": request.get_full_path(), "fields": fields, "at": time.time(), "fresh": True}
    return True


def held(request: HttpRequest) -> Held | None:
    """The form that waits in this session; from its second showing on it is no longer fresh."""
    kept: dict[str, Any] | None = request.session.get(KEY)
    if kept is None:
        return None
    if time.time() - kept["at"] > HELD_SECONDS:
        del request.session[KEY]
        return None
    if kept["fresh"]:
        request.session[KEY] = {**kept, "fresh": False}
    return Held(kept["path"], [(name, value) for name, value in kept["fields"]], kept["fresh"])
