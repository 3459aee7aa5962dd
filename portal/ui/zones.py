"""Time zones to choose from: those of places where people live, Europe's first."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.utils.translation import gettext as _

NEAR = ("Europe", "Atlantic")


def zones(*, near: bool = False) -> list[tuple[str, Any]]:
    """Groups of (zone, place); ``near`` only those of Europe and the Atlantic. Old names and bare offsets are left out."""
    groups = {
        "Europe": _("Europe"), "Atlantic": _("Atlantic"), "Africa": _("Africa"), "America": _("America"),
        "Asia": _("Asia"), "Australia": _("Australia"), "Indian": _("Indian Ocean"), "Pacific": _("Pacific"),
    }  # fmt: skip
    names = sorted(zoneinfo.available_timezones())
    found: list[tuple[str, Any]] = [
        (title, [(name, name.partition("/")[2].replace("_", " ")) for name in names if name.startswith(f"{key}/")])
        for key, title in groups.items()
        if not near or key in NEAR
    ]
    return [*found, (_("Everywhere"), [("UTC", "UTC")])]
