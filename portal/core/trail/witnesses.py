"""Handing checkpoints to those outside the database: a file always; others where the floors above register them.

A witness is a function of one line of text that raises when it could not take it. How far each one knows is kept, so
that whoever was away is told everything later, in order. No transaction is open while one is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.registry import Registry
from portal.core.trail.checkpoints import Sealed, of_line, of_row
from portal.models import AuditCheckpoint, AuditWitness

log = structlog.get_logger(__name__)

AT_ONCE = 500
Witness = Callable[[Sealed], None]
witnesses: Registry[tuple[str, Witness]] = Registry("witnesses of the audit trail")


def hand_over() -> None:
    """Tell every witness what it does not know yet; the file first."""
    tell("file", to_file)
    for name, witness in witnesses:
        tell(name, witness)


def tell(name: str, witness: Witness) -> AuditWitness:
    """Give one witness the checkpoints after the last it took; what goes wrong is kept beside its name."""
    row, _made = AuditWitness.objects.get_or_create(name=name)
    waiting = AuditCheckpoint.objects.filter(number__gt=row.number).order_by("number")[:AT_ONCE]
    trouble = ""
    for each in list(waiting):
        try:
            witness(of_row(each))
        except Exception as error:  # noqa: BLE001 - whatever it is, the witness is told again in a minute
            trouble = str(error) or repr(error)
            log.warning("witness_not_told", witness=name, checkpoint=each.number, error=trouble)
            break
        row.number, row.at = each.number, timezone.now()
    row.trouble = trouble[:500]
    with transaction.atomic():  # the scope's role, which alone may write here, is taken on by transactions
        row.save()
    return row


def to_file(sealed: Sealed) -> None:
    """Append to the checkpoint file, whole and on the disk; a line that is there already is not written again.

    Raises ValueError when the file knows another or a later history than the database: it was set back.
    """
    path = Path(settings.AUDIT_CHECKPOINT_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    last = _last(path)
    number = sealed.facts["number"]
    if last is not None:
        there = last.facts["number"]
        if there > number or (there == number and last.digest != sealed.digest):
            raise ValueError(
                _("The file knows checkpoint %(there)d, and the database makes number %(number)d: it was set back.")
                % {"there": there, "number": number}
            )
        if there == number:
            return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "a", encoding="utf-8") as file:
        file.write(sealed.line() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _last(path: Path) -> Sealed | None:
    """The last whole line of the file; half a line, left by a lost power, is taken away."""
    if not path.exists():
        return None
    with path.open("rb+") as file:
        file.seek(0, os.SEEK_END)
        end = _line_end(file, file.tell())
        if not end:
            file.truncate(0)
            return None
        file.truncate(end)
        start = _line_end(file, end - 1)
        file.seek(start)
        return of_line(file.read(end - start).decode())


def _line_end(file: IO[bytes], before: int, step: int = 1 << 16) -> int:
    """Where the last line that ends before ``before`` ends; 0 when none does."""
    while before:
        start = max(0, before - step)
        file.seek(start)
        found = file.read(before - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        before = start
    return 0
