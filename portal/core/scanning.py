"""Uploaded files and the virus scanner: what waits is looked at, and what the scanner said is settled with its row.

Every model of documents has the same four states, a ``key`` (portal.core.files), ``finding`` and ``scanned_at``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.core import files, scanner
from portal.core.errors import MovedMeanwhile
from portal.core.states import advance

log = structlog.get_logger(__name__)
WAITING, CLEAN, UNSCANNED, INFECTED = "waiting", "clean", "unscanned", "infected"
AT_ONCE, TAKEN_UP = 200, 500


def state_of_new() -> str:
    """What a file that was just attached begins as: in quarantine, where there is a scanner."""
    return WAITING if scanner.is_configured() else UNSCANNED


def scan(rows: QuerySet[Any], document_id: int, settled: Callable[[Any], None]) -> None:
    """Let the scanner look at one waiting file; while it does not answer, the file stays in quarantine.

    ``settled`` is called with the document in the transaction that moves it. A file with a finding is thrown away.
    """
    document = rows.filter(pk=document_id, state=WAITING).first()
    if document is None or not scanner.is_configured():
        return
    try:
        verdict = scanner.scan(files.read(document.key))
    except (scanner.ScannerAway, OSError) as error:
        log.warning("document_not_scanned", document=document.pk, error=str(error))
        return
    try:
        _settle(document, verdict, settled)
    except MovedMeanwhile:
        return
    if verdict.finding:
        files.forget(document.key)


@transaction.atomic
def _settle(document: Any, verdict: scanner.Verdict, settled: Callable[[Any], None]) -> None:
    to = INFECTED if verdict.finding else CLEAN
    advance(document, to, finding=verdict.finding, scanned_at=timezone.now())
    settled(document)


@transaction.atomic
def waiting(rows: QuerySet[Any]) -> list[int]:
    """The files that wait for the scanner; where one was added later, those that were never checked too."""
    if not scanner.is_configured():
        return []
    for document in rows.filter(state=UNSCANNED).order_by("pk")[:TAKEN_UP]:
        advance(document, WAITING)
    return list(rows.filter(state=WAITING).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
