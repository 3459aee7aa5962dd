"""The places to which a deciding role may be limited; another app knows them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from portal.core.registry import limit_places


def limit_choices() -> list[tuple[str, str]]:
    """(public id, name) of every such place, by name."""
    return sorted((choice for _name, places in limit_places.items() for choice in places()), key=lambda each: each[1])


def limit_names(ids: Collection[UUID]) -> str:
    """The places by name; one that is gone by its id."""
    if not ids:
        return ""
    names = dict(limit_choices())
    return ", ".join(sorted(names.get(str(each), str(each)) for each in ids))
