"""Checking the whole trail: the chain in the database, or an export far away from it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from portal.core.trail import chain, checkpoints, keys, proofs
from portal.core.trail.chain import DIFFERS, GONE, SAME, Fault
from portal.models import AuditVerification

QUICK_SECONDS = 5
Seen = Callable[[int], None]


class Partial(ValueError):
    """An export that holds too little to be checked."""


ROWS = f"""
SELECT n.stream, n.seq, n.prev, n.hash, n.payload, CASE
  WHEN e.id IS NULL THEN {GONE} WHEN n.payload = portal_audit_payload(e) THEN {SAME}
  WHEN n.payload::jsonb - CASE WHEN e.address IS NULL THEN 'origin' ELSE '' END
     = portal_audit_payload(e)::jsonb - CASE WHEN e.address IS NULL THEN 'origin' ELSE '' END THEN {SAME}
  ELSE {DIFFERS} END
FROM portal_auditentry n LEFT JOIN portal_auditevent e ON e.id = n.event_id
"""  # noqa: S608 - the numbers are constants of this module
UNCHAINED = """
SELECT portal_audit_stream(e.tenant_id, e.authority_id) AS stream, min(e.id) FROM portal_auditevent e
LEFT JOIN portal_auditentry n ON n.event_id = e.id WHERE n.position IS NULL GROUP BY 1
"""
HEADS = """
SELECT coalesce(h.stream, n.stream), coalesce(h.seq, 0), coalesce(n.seq, 0) FROM portal_audithead h
FULL JOIN (SELECT DISTINCT ON (stream) stream, seq, hash FROM portal_auditentry ORDER BY stream, seq DESC) n
  ON n.stream = h.stream
WHERE (h.seq, h.hash) IS DISTINCT FROM (n.seq, n.hash)
"""


@dataclass(slots=True)
class Report:
    """What a check has found. ``until``: everything recorded before then was looked at."""

    until: datetime
    entries: int = 0
    streams: int = 0
    seconds: float = 0.0
    checkpoint: int | None = None
    checkpoint_at: datetime | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.entries / self.seconds if self.seconds else 0.0


def verify(stream: str = "", checkpoint_file: Path | None = None, seen: Seen | None = None) -> Report:
    """Check the database's own trail (of one ``stream``, or all) against the checkpoints of a file, or of its table.

    Without a named file the installation's own is used where there is one: what the table says is in the hands of
    whoever owns the database.
    """
    began, report = time.perf_counter(), Report(timezone.now())
    own = Path(settings.AUDIT_CHECKPOINT_FILE)
    file = checkpoint_file or (own if own.exists() else None)
    seals = _seals(checkpoints.of_file(file) if file else checkpoints.of_table(), keys.public_key(), report)
    with transaction.atomic():
        followed = chain.follow(_rows(stream), _only(stream, seals.points), seen)
        late = _beside_the_chain(stream, followed)
    return _told(report, followed, late, began)


def verify_export(
    files: Iterable[Path], checkpoint_file: Path | None, key_file: Path | None, stream: str = "",
    seen: Seen | None = None,
) -> Report:  # fmt: skip
    """Check exports in JSON lines, in the order they were made, with nothing but them, a public key, and the checkpoints
    or the proofs that stand in the exports themselves.
    """
    began, report = time.perf_counter(), Report(timezone.now())
    seals = checkpoints.Seals()
    if checkpoint_file is not None:
        seals = _seals(checkpoints.of_file(checkpoint_file), keys.public_key(key_file), report)
    files = list(files)
    if key_file is not None:
        own = checkpoints.Seals(number=seals.number, at=seals.at, points=seals.points)
        proofs.check(proofs.of_files(files), keys.public_key(key_file), own)
        report.checkpoint, report.checkpoint_at = own.number, own.at
        report.faults += own.faults
    rows = (row for file in files for row in _lines(file, first=file is files[0]) if stream in {"", row[0]})
    return _told(report, chain.follow(rows, _only(stream, seals.points), seen), [], began)


def is_due(now: datetime | None = None) -> bool:
    """Every time while it is quick; hourly once it takes longer."""
    last = AuditVerification.objects.order_by("-at").first()
    return last is None or last.seconds < QUICK_SECONDS or (now or timezone.now()) - last.at >= timedelta(minutes=55)


@transaction.atomic
def keep(report: Report) -> AuditVerification:
    """Write down what was found, for the page to tell; what is older than the newest hundred is forgotten."""
    row = AuditVerification.objects.create(
        until=report.until, checkpoint=report.checkpoint, checkpoint_at=report.checkpoint_at, entries=report.entries,
        seconds=report.seconds, faults=[asdict(fault) for fault in report.faults],
    )  # fmt: skip
    AuditVerification.objects.filter(pk__lte=row.pk - 100).delete()
    return row


def _seals(sealed: Iterable[checkpoints.Sealed], key: Ed25519PublicKey, report: Report) -> checkpoints.Seals:
    try:
        seals = checkpoints.check(sealed, key)
    except (ValueError, KeyError, TypeError) as error:
        number = next((int(word) for word in str(error).split() if word.isdigit()), 0)
        seals = checkpoints.Seals(faults=[Fault(checkpoints.SEAL, number, "unread_seal")])
    report.checkpoint, report.checkpoint_at = seals.number, seals.at
    report.faults += seals.faults
    return seals


def _only(stream: str, points: chain.Points) -> chain.Points:
    return {stream: points[stream]} if stream and stream in points else ({} if stream else points)


def _rows(stream: str) -> Iterator[chain.Row]:
    """All entries beside what became of their events, streamed in the order of commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the transaction takes on its scope with the first statement of Django's own
    raw: Any = connection.connection
    which = sql.SQL("WHERE n.stream = {} ORDER BY n.seq").format(stream) if stream else sql.SQL("ORDER BY n.position")
    query = sql.SQL("COPY ({} {}) TO STDOUT (FORMAT BINARY)").format(sql.SQL(ROWS), which)
    with raw.cursor() as cursor, cursor.copy(query) as copy:  # the server works on while these are hashed
        copy.set_types(["text", "int8", "bytea", "bytea", "text", "int4"])
        yield from copy.rows()


def _beside_the_chain(stream: str, followed: chain.Followed) -> list[Fault]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute(UNCHAINED)
        found += [
            Fault(name, followed.heads.get(name, (0, b""))[0], "unchained", event) for name, event in cursor.fetchall()
        ]
        cursor.execute(HEADS)
        found += [Fault(name, last, "head", said) for name, said, last in cursor.fetchall()]
    return [fault for fault in found if stream in {"", fault.stream}]


def _told(report: Report, followed: chain.Followed, late: list[Fault], began: float) -> Report:
    report.entries, report.streams = followed.entries, len(followed.heads)
    known = {fault.stream for fault in followed.faults}
    report.faults += [*followed.faults, *(fault for fault in late if fault.stream not in known)]
    report.seconds = time.perf_counter() - began
    return report


def _check_header(file: Path, told: dict[str, Any], *, first: bool) -> None:
    if not told["complete"]:
        raise Partial(f"{file} is a selection from the record, which cannot be checked as a whole: export all of it.")
    if first and told["after"]:
        raise Partial(f"{file} begins after cursor {told['after']}: name the exports before it too, in their order.")


def _lines(file: Path, *, first: bool) -> Iterator[chain.Row]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                told = json.loads(line)
                if proofs.MARK in told:
                    continue
                if "portal_audit_export" in told:
                    _check_header(file, told, first=first and number == 1)
                    continue
                yield (
                    told["stream"], told["seq"], bytes.fromhex(told["prev"]), bytes.fromhex(told["hash"]),
                    told["payload"], SAME,
                )  # fmt: skip
            except Partial:
                raise
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"Line {number} of {file} is no entry of an export in JSON lines.") from None
