"""The navigation, cut to what the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from portal.core.registry import MOST_COUNTED, NavEntry, nav_entries


@dataclass(frozen=True)
class Line:
    entry: NavEntry
    url: str
    count: int

    @property
    def badge(self) -> str:
        """How many wait, or that they are more than are counted; empty: none."""
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count or "")


def lines(user: Any) -> list[tuple[str, list[Line]]]:
    """Groups of lines, in the order of the registry."""
    shown = [
        Line(entry, reverse(entry.url_name), entry.count(user) if entry.count else 0)
        for entry in nav_entries
        if entry.visible(user)
    ]
    return [(str(group), list(found)) for group, found in groupby(shown, key=lambda line: str(line.entry.group))]


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows; a context processor that asks nothing of the database until it is drawn."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "shell_nav": SimpleLazyObject(lambda: lines(user)) if signed_in else [],
        "shell_user": user if signed_in else None,
        "shell_zone": timezone.get_current_timezone_name(),
        "shell_now": timezone.localtime,
        "portal_name": settings.PORTAL_NAME,
    }
