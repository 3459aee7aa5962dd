"""Short words for the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.matrix.doors import Row, Thing
from tests.matrix.people import CASES, EVERYBODY, HOUSES, NOBODY, OUTSIDE, SIGNED_IN, People
from tests.world import House, World

Who = Callable[[str], People]


def nobody(_key: str) -> People:
    return NOBODY


def page(may: People = SIGNED_IN, sees: People = NOBODY, **facts: Any) -> Thing:
    """A door about nothing in particular."""
    return Thing("", lambda _world: {}, may, sees, **facts)


def public(**facts: Any) -> Row:
    return Row((Thing("", lambda _world: {}, EVERYBODY, public=True, **facts),))


def guests_only(**facts: Any) -> Row:
    """For people who are not signed in; who is, is sent home."""
    return Row((Thing("", lambda _world: {}, OUTSIDE, public=True, other=302, **facts),))


def row(*things: Thing | tuple[Thing, ...], **facts: Any) -> Row:
    flat: list[Thing] = []
    for each in things:
        flat += each if isinstance(each, tuple) else (each,)
    return Row(tuple(flat), **facts)


def of_houses(
    get: Callable[[House], Any], may: Who, sees: Who = nobody, keys: Iterable[str] = HOUSES, **facts: Any
) -> tuple[Thing, ...]:
    """The same object of each tenant."""
    return tuple(
        Thing(key, lambda world, key=key: {"public_id": get(world.houses[key]).public_id}, may(key), sees(key), **facts)
        for key in keys
    )


def of_cases(may: Who, sees: Who = nobody, keys: Iterable[str] = CASES, **facts: Any) -> tuple[Thing, ...]:
    return tuple(
        Thing(key, lambda world, key=key: {"public_id": world.cases[key].public_id}, may(key), sees(key), **facts)
        for key in keys
    )


def of_named(
    group: Callable[[World], dict[str, Any]], names: dict[str, tuple[People, People]], **facts: Any
) -> tuple[Thing, ...]:
    """Objects of the site by name → (may, sees)."""
    return tuple(
        Thing(name, lambda world, name=name: {"public_id": group(world)[name].public_id}, may, sees, **facts)
        for name, (may, sees) in names.items()
    )
