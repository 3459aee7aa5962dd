"""Sealing: every minute all heads go under one root, chained to the checkpoint before, signed, and handed to witnesses.

A cut tail and a chain rewritten from end to end are consistent in themselves; they show against what was sealed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.core.trail import chain, keys
from portal.models import AuditCheckpoint

STILL_HERE = timedelta(hours=1)
"""While nothing happens, a checkpoint says so this often."""
FIRST_PREVIOUS = "0" * 64

HEADS_AT = """
SELECT h.stream, l.seq, l.hash FROM portal_audithead h JOIN LATERAL (
  SELECT n.seq, n.hash FROM portal_auditentry n WHERE n.stream = h.stream AND n.position <= %s
  ORDER BY n.seq DESC LIMIT 1) l ON true
"""
CHANGED = """
SELECT DISTINCT ON (stream) stream, seq, encode(hash, 'hex') FROM portal_auditentry
WHERE position > %s AND position <= %s ORDER BY stream, seq DESC
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One checkpoint as it is checked: from the table, or a line of the file."""

    statement: str
    signature: bytes
    changed: list[list[Any]]

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.statement)
        return facts

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.statement.encode() + self.signature).hexdigest()

    def line(self) -> str:
        signature = base64.b64encode(self.signature).decode()
        return canonical({"statement": self.statement, "signature": signature, "changed": self.changed})


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def horizon() -> int:
    """The position up to which every entry is there for all to see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_audit_horizon()")
        (position,) = cursor.fetchone()
    return int(position)


@transaction.atomic
def seal(now: datetime | None = None) -> AuditCheckpoint | None:
    """Make the next checkpoint; None when nothing has happened since the last, or somebody else is making it."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(1635083369, 2)")
        if not cursor.fetchone()[0]:
            return None
        last = AuditCheckpoint.objects.order_by("-number").first()
        sealed = of_row(last).facts if last else {"number": 0, "position": 0}
        position = horizon()
        if last and position == sealed["position"] and now - last.at < STILL_HERE:
            return None
        cursor.execute(HEADS_AT, [position])
        heads = {stream: (seq, bytes(hash_)) for stream, seq, hash_ in cursor.fetchall()}
        cursor.execute(CHANGED, [sealed["position"], position])
        changed = [list(row) for row in cursor.fetchall()]
    key = keys.signing_key()
    statement = canonical(
        {
            "version": 1, "number": sealed["number"] + 1, "at": now.isoformat(), "position": position,
            "streams": len(heads), "entries": sum(seq for seq, _hash in heads.values()),
            "root": chain.root(heads).hex(), "changed": _digest_of(changed), "key": keys.key_id(key.public_key()),
            "previous": of_row(last).digest if last else FIRST_PREVIOUS,
        }
    )  # fmt: skip
    return AuditCheckpoint.objects.create(
        number=sealed["number"] + 1, at=now, statement=statement, signature=key.sign(statement.encode()),
        changed=changed,
    )  # fmt: skip


def _digest_of(changed: list[list[Any]]) -> str:
    return hashlib.sha256(canonical(changed).encode()).hexdigest()


def of_row(row: AuditCheckpoint) -> Sealed:
    return Sealed(row.statement, bytes(row.signature), row.changed)


def of_table() -> Iterator[Sealed]:
    return (of_row(row) for row in AuditCheckpoint.objects.order_by("number").iterator())


def of_file(path: Path) -> Iterator[Sealed]:
    """Every line of a checkpoint file; raises ValueError with the number of the line that cannot be read."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield of_line(line)
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"Line {number} of {path} is no checkpoint.") from None


def of_line(line: str) -> Sealed:
    told = json.loads(line)
    return Sealed(told["statement"], base64.b64decode(told["signature"]), told["changed"])


@dataclass(slots=True)
class Seals:
    """What all checkpoints together say: the hash of each entry they name, and the last of them."""

    points: dict[str, dict[int, tuple[bytes, int]]] = field(default_factory=dict)
    number: int | None = None
    at: datetime | None = None
    faults: list[chain.Fault] = field(default_factory=list)


SEAL = "checkpoints"
"""The name under which a fault of the checkpoints themselves is told."""


def check(sealed: Iterable[Sealed], key: Ed25519PublicKey) -> Seals:
    """Follow the checkpoints: numbers, links, what each says changed, and of the last the signature and the root.

    The last signature covers all before it: each statement names the digest of the one before.
    """
    seals, heads, last, previous = Seals(), {}, None, FIRST_PREVIOUS  # type: Seals, dict[str, chain.Head], Any, str
    for each in sealed:
        facts = each.facts
        number, wanted = facts["number"], (seals.number or 0) + 1
        if number != wanted or facts["previous"] != previous:
            seals.faults.append(chain.Fault(SEAL, wanted, "unlinked_seal", number))
            return seals
        if _digest_of(each.changed) != facts["changed"]:
            seals.faults.append(chain.Fault(SEAL, number, "edited_seal"))
            return seals
        for stream, seq, hexed in each.changed:
            heads[stream] = (seq, bytes.fromhex(hexed))
            seals.points.setdefault(stream, {})[seq] = (heads[stream][1], number)
        seals.number, seals.at, previous, last = number, parse_datetime(facts["at"]), each.digest, each
    if last is not None:
        _check_last(last, heads, key, seals)
    return seals


def _check_last(last: Sealed, heads: Mapping[str, chain.Head], key: Ed25519PublicKey, seals: Seals) -> None:
    number = last.facts["number"]
    if not keys.is_signed(key, last.signature, last.statement):
        seals.faults.append(chain.Fault(SEAL, number, "unsigned_seal"))
    elif chain.root(heads).hex() != last.facts["root"]:
        seals.faults.append(chain.Fault(SEAL, number, "rootless_seal"))
