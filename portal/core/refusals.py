"""Refused attempts and failed sign-ins are events too, written after what was refused has been taken back.

While a request is served what is refused is only noted (``noted`` opens the list, where the door is); when its
transaction is over, the notes are written, each in a transaction of its own on the same connection. Nobody's refusals
can fill the trail: after ``MOST`` within ``WINDOW`` the last one says that no more are written for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import override

from portal.core import audit
from portal.core.errors import Conflict, Forbidden, NotFound, PortalError
from portal.core.isolation import as_worker
from portal.models import AuditEvent, User

log = structlog.get_logger(__name__)

MOST = 20
MOST_OF_NOBODY = 200
"""Of people who are not signed in, all together."""
WINDOW = timedelta(minutes=10)
PREFIX = "refused."
"""What the acts of all refusals begin with."""


@dataclass
class Note:
    """One refusal that will be written. ``target`` is a row the person was dealing with, or None."""

    act: str
    acting_user: User | None
    target: models.Model | None
    reason: str
    after: dict[str, Any]
    sought: tuple[type[models.Model], dict[str, Any]] | None = None


@dataclass
class Notes:
    """What is noted while one request is served; ``row`` is the last row that was fetched with access."""

    person: User | None = None
    door: str = ""
    row: models.Model | None = None
    refused: list[Note] = field(default_factory=list)


_notes: ContextVar[Notes | None] = ContextVar("refusals", default=None)


@contextmanager
def noted() -> Iterator[None]:
    """Collect refusals until the end of the block, then write them; the block's transactions are over by then."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield
    finally:
        _notes.reset(token)
        for note in notes.refused:
            _write(note)


def at_door(user: Any, door: str) -> None:
    """Who is served, and through which address (by its name); nobody who is not signed in attempts anything."""
    if (notes := _notes.get()) is not None:
        notes.person, notes.door = (user if user.is_authenticated else None), door


def dealing_with(row: models.Model) -> None:
    """Remember the row that a person fetched, so that a refusal can say what it was about."""
    if (notes := _notes.get()) is not None:
        notes.row = row


def refuse_recorded(
    act: str,
    *,
    acting_user: User | None,
    target: models.Model | None = None,
    reason: str = "",
    **after: Any,
) -> None:
    """Have a refusal written ("sign_in", "second_factor") once the transaction around it is over.

    ``after`` are facts for the trail: ids and codes, never what somebody typed. Outside a request it is written at
    once, or after the transaction that is open.
    """
    note = Note(PREFIX + act, acting_user, target, reason, after)
    notes = _notes.get()
    if notes is not None:
        notes.refused.append(note)
    elif connection.in_atomic_block:
        raise RuntimeError(f"the refusal {act!r} would be taken back with the transaction it is noted in")
    else:
        _write(note)


def note_error(error: PortalError, *, changes: bool) -> None:
    """Note an error that a door is about to answer with, if it is a refused attempt.

    That is every Forbidden; a Conflict where something was to be changed (a replayed form, a decision already
    taken); and a NotFound of something that exists and is somebody else's.
    """
    notes = _notes.get()
    if notes is None or notes.person is None or not _counts(error, changes=changes):
        return
    facts: dict[str, Any] = {"code": error.code, "door": notes.door}
    if isinstance(error, NotFound):
        notes.refused.append(Note(PREFIX + "unseen", notes.person, None, "", facts, error.sought))
        return
    with override("en"):
        sentence = str(error)
    act = PREFIX + ("attempt" if isinstance(error, Forbidden) else "conflict")
    notes.refused.append(Note(act, notes.person, notes.row, sentence[:1000], facts))


def _counts(error: PortalError, *, changes: bool) -> bool:
    if isinstance(error, NotFound):
        return error.sought is not None
    return isinstance(error, Forbidden) or (isinstance(error, Conflict) and changes)


def _write(note: Note) -> None:
    """Write it, or log that it could not be: an answer that refuses is not held up by its own record."""
    try:
        with as_worker(), transaction.atomic():
            left = _left(note.acting_user)
            if left <= 0 or (note.sought is not None and not _find(note)):
                return
            if left == 1:
                note.after["more"] = "not recorded for a while"
            row = note.target
            audit.record(
                note.act,
                acting_user=note.acting_user,
                target=row,
                tenant=None if note.sought else _anchor(row, "tenant"),
                authority=None if note.sought else _anchor(row, "authority"),
                name="" if note.sought else None,
                after=note.after,
                reason=note.reason,
            )
    except (DatabaseError, PortalError) as error:
        log.error("refusal_not_recorded", act=note.act, error=repr(error))  # noqa: TRY400 - without what was typed


def _find(note: Note) -> bool:
    """Whether what was sought is there; then it is the target, in the site's stream and without its name."""
    model, lookup = note.sought or (AuditEvent, {})
    note.target = model._base_manager.filter(**lookup).first()
    return note.target is not None


def _anchor(row: models.Model | None, name: str) -> int | None:
    """The id of the row's tenant or authority, where it has one or is one."""
    if row is None:
        return None
    if row._meta.model_name == name:
        return int(row.pk)
    found = getattr(row, f"{name}_id", None)
    return int(found) if found else None


def _left(user: User | None) -> int:
    """How many refusals of this person (of everybody who is not signed in) may still be written now."""
    most = MOST if user else MOST_OF_NOBODY
    recent = AuditEvent.objects.filter(actor=user, at__gte=timezone.now() - WINDOW, act__startswith=PREFIX)
    return most - recent.order_by()[:most].count()
