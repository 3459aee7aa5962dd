"""State tables and the one way to move along them.

A model that has states declares ``moves`` (its table) and a ``state`` field. Nothing assigns ``state`` but
:func:`advance`, which is a compare-and-set: two people who decide the same thing at once get one decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, UnlawfulMove


class Moves:
    """A complete table of lawful moves: from state → states it may go to. A state with no exit is final."""

    def __init__(self, name: str, table: Mapping[str, Iterable[str]]) -> None:
        self.name = name
        self.table: dict[str, frozenset[str]] = {old: frozenset(new) for old, new in table.items()}
        unknown = {new for news in self.table.values() for new in news} - self.table.keys()
        if unknown:
            raise ValueError(f"{name}: moves to states without a row of their own: {sorted(unknown)}")

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.table)

    def lawful(self, old: str, new: str) -> bool:
        return new in self.table[old]

    def final(self, state: str) -> bool:
        return not self.table[state]


class Stateful(Protocol):
    moves: ClassVar[Moves]
    pk: Any
    state: str


Row = TypeVar("Row", bound=models.Model)


def advance(row: Row, to: str, **fields: Any) -> Row:
    """Move ``row`` to state ``to`` and set ``fields`` with it, if it is still in the state the caller saw.

    Raises UnlawfulMove when the table has no such move, MovedMeanwhile when another hand was faster. The row in
    memory is changed only after the database agreed. It records, announces and wakes nothing: services do.
    """
    moves: Moves = row.moves  # type: ignore[attr-defined]  # declared by every stateful model
    old: str = row.state  # type: ignore[attr-defined]  # likewise
    if not moves.lawful(old, to):
        raise UnlawfulMove(
            _(
                "%(thing)s is “%(old)s” now, and cannot become “%(new)s” from there. Nothing was done. Reload the page to see who did what, and what is possible now."
            )
            % {"thing": str(row), "old": _label(row, old), "new": _label(row, to)},
            state=old,
            wanted=to,
        )
    changed = type(row)._base_manager.filter(pk=row.pk, state=old).update(state=to, **fields)
    if not changed:
        raise MovedMeanwhile(
            _(
                "%(thing)s changed while you were looking at it. Nothing of yours was lost or done twice; reload to see it as it is."
            )
            % {"thing": str(row)},
            expected=old,
            wanted=to,
        )
    for name, value in {"state": to, **fields}.items():
        setattr(row, name, value)
    return row


def _label(row: models.Model, state: str) -> str:
    """A state as people read it."""
    choices = dict(row._meta.get_field("state").flatchoices)  # type: ignore[union-attr]  # every stateful model has it
    return str(choices.get(state, state))
