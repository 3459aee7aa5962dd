"""That a record is part of what was sealed, shown without anybody else's: the way from its head to the signed root.

A proof holds the newest checkpoint (its text and signature), the stream's entry that it sealed, and the hashes beside
the way up the tree. Those are hashes of others' heads: nothing can be read from them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.utils.dateparse import parse_datetime

from portal.core.isolation import as_worker
from portal.core.trail import chain, keys
from portal.core.trail.checkpoints import HEADS_AT, SEAL, Sealed, Seals, canonical, of_row
from portal.models import AuditCheckpoint

MARK = "portal_audit_proof"


@dataclass(frozen=True, slots=True)
class Proof:
    """``seq`` and ``hash``: the stream's last entry under the checkpoint; ``index``: its leaf's place in the tree."""

    stream: str
    seq: int
    hash: bytes
    index: int
    path: list[bytes]
    sealed: Sealed

    def line(self) -> str:
        return canonical(
            {
                MARK: 1, "stream": self.stream, "seq": self.seq, "hash": self.hash.hex(), "index": self.index,
                "path": [each.hex() for each in self.path], "statement": self.sealed.statement,
                "signature": base64.b64encode(self.sealed.signature).decode(),
            }
        )  # fmt: skip

    def holds(self, key: Ed25519PublicKey) -> str:
        """The code of what is wrong with it; "" when the key signed a root to which it leads."""
        if not keys.is_signed(key, self.sealed.signature, self.sealed.statement):
            return "unsigned_seal"
        facts = self.sealed.facts
        leaf = chain.leaf(self.stream, self.seq, self.hash)
        found = chain.root_by_path(leaf, self.index, facts["streams"], self.path)
        return "" if found.hex() == facts["root"] else "rootless_seal"


def prove(streams: Iterable[str]) -> list[Proof]:
    """Each of ``streams`` under the newest checkpoint; one that begins later has none yet. Whose they are is asked
    before.
    """
    with as_worker():
        row = AuditCheckpoint.objects.order_by("-number").first()
    if row is None:
        return []
    sealed = of_row(row)
    with as_worker(), connection.cursor() as cursor:  # the tree is made of everybody's heads
        cursor.execute(HEADS_AT, [sealed.facts["position"]])
        heads = {stream: (seq, bytes(hash_)) for stream, seq, hash_ in cursor.fetchall()}
    return [
        Proof(stream, *heads[stream], *chain.path_to_root(heads, stream), sealed)
        for stream in sorted(streams)
        if stream in heads
    ]


def of_files(files: Iterable[Path]) -> Iterator[Proof]:
    """The proofs that stand in exports, before the lines they are about."""
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if MARK in line and (found := _read(line, file, number)):
                    yield found


def _read(line: str, file: Path, number: int) -> Proof | None:
    """None: an entry that only speaks of one."""
    try:
        told: dict[str, Any] = json.loads(line)
        if MARK not in told:
            return None
        return Proof(
            told["stream"], told["seq"], bytes.fromhex(told["hash"]), told["index"],
            [bytes.fromhex(each) for each in told["path"]],
            Sealed(told["statement"], base64.b64decode(told["signature"]), []),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"Line {number} of {file} is no proof.") from None


def check(proofs: Iterable[Proof], key: Ed25519PublicKey, seals: Seals) -> None:
    """Add what proofs show to what checkpoints say: the hash that was sealed for an entry of each stream."""
    for proof in proofs:
        facts = proof.sealed.facts
        if code := proof.holds(key):
            seals.faults.append(chain.Fault(SEAL, facts["number"], code))
            continue
        seals.points.setdefault(proof.stream, {})[proof.seq] = (proof.hash, facts["number"])
        if seals.number is None or facts["number"] > seals.number:
            seals.number, seals.at = facts["number"], parse_datetime(facts["at"])
