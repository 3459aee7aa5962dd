"""The arithmetic of the trail, with nothing around it, so that an outsider can check with this file alone.

entry       hash = sha256(0x00 ‖ prev ‖ seq as 8 bytes ‖ sha256(payload)); the first prev is sha256(name of the stream)
checkpoint  the root of an RFC 6962 tree over the heads in the order of their streams' names
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NOTHING = hashlib.sha256(b"").digest()
SAME, GONE, DIFFERS = 0, 1, 2
"""What became of the event itself: as chained, no longer there, or changed."""

Head = tuple[int, bytes]
Row = tuple[str, int, bytes, bytes, str, int]
"""(stream, seq, prev, hash, payload, SAME | GONE | DIFFERS)."""
Points = Mapping[str, Mapping[int, tuple[bytes, int]]]
"""stream → seq → (the hash that was sealed, the checkpoint that sealed it)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first wrong entry of a stream. ``code`` says what is wrong (portal.core.trail.words), ``other`` the number
    that goes with it: the entry before, the last one there is, the checkpoint.
    """

    stream: str
    seq: int
    code: str
    other: int = 0


@dataclass(slots=True)
class Followed:
    """What was seen on the way through all entries."""

    entries: int = 0
    heads: dict[str, Head] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def genesis(stream: str) -> bytes:
    return hashlib.sha256(stream.encode()).digest()


def link(prev: bytes, seq: int, payload: str) -> bytes:
    digest = hashlib.sha256(payload.encode()).digest()
    return hashlib.sha256(b"\0" + prev + seq.to_bytes(8, "big") + digest).digest()


def follow(
    rows: Iterable[Row], points: Points | None = None, seen: Callable[[int], None] | None = None, every: int = 20_000
) -> Followed:
    """Go along ``rows``, those of a stream in their order; ``seen`` is told every so many entries how many there were.

    Each entry is hashed again, must follow the one before, and must have the hash that a checkpoint sealed for it.
    """
    points, sha, count = points or {}, hashlib.sha256, 0
    heads: dict[str, Head] = {}
    faults: dict[str, Fault] = {}
    nothing: Mapping[int, tuple[bytes, int]] = {}
    for stream, seq, prev, found, payload, event in rows:
        count += 1
        if seen is not None and not count % every:
            seen(count)
        if stream in faults:
            continue
        head = heads.get(stream)
        last, before = head or (0, genesis(stream))
        heads[stream] = (seq, found)
        sealed = points.get(stream, nothing).get(seq)
        if seq != last + 1:
            faults[stream] = Fault(stream, last + 1, "missing", seq)
        elif sha(b"\0" + prev + seq.to_bytes(8, "big") + sha(payload.encode()).digest()).digest() != found:
            faults[stream] = Fault(stream, seq, "edited")
        elif prev != before:
            faults[stream] = Fault(stream, seq, "unlinked", last)
        elif sealed is not None and sealed[0] != found:
            faults[stream] = Fault(stream, seq, "rewritten", sealed[1])
        elif event:
            faults[stream] = Fault(stream, seq, "event_gone" if event == GONE else "event_edited")
    for stream, sealed_there in points.items():
        last = heads.get(stream, (0, b""))[0]
        beyond = [seq for seq in sealed_there if seq > last]
        if beyond and stream not in faults:
            faults[stream] = Fault(stream, last + 1, "cut", sealed_there[min(beyond)][1])
    return Followed(count, heads, sorted(faults.values(), key=lambda fault: (fault.stream, fault.seq)))


def root(heads: Mapping[str, Head]) -> bytes:
    """The Merkle tree hash (RFC 6962, 2.1) over all heads, sorted by stream."""
    return _tree(_leaves(heads))


def leaf(stream: str, seq: int, hash_: bytes) -> bytes:
    return hashlib.sha256(b"\0" + f"{stream}\n{seq}\n{hash_.hex()}".encode()).digest()


def path_to_root(heads: Mapping[str, Head], stream: str) -> tuple[int, list[bytes]]:
    """Where the stream's leaf is, and the hashes beside its way up, lowest first (RFC 6962, 2.1.1)."""
    index = sorted(heads).index(stream)
    return index, _path(_leaves(heads), index)


def root_by_path(found: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf gives along a path (RFC 9162, 2.1.3.2); nothing's where the path does not fit the tree."""
    place, last = index, size - 1
    for beside in path:
        if not last:
            return NOTHING
        if place & 1 or place == last:
            found = hashlib.sha256(b"\1" + beside + found).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + beside).digest()
        place, last = place >> 1, last >> 1
    return NOTHING if last else found


def _leaves(heads: Mapping[str, Head]) -> list[bytes]:
    return [leaf(stream, seq, hash_) for stream, (seq, hash_) in sorted(heads.items())]


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) <= 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*_path(leaves[:split], index), _tree(leaves[split:])]
    return [*_path(leaves[split:], index - split), _tree(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _tree(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return NOTHING
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return hashlib.sha256(b"\1" + _tree(leaves[:split]) + _tree(leaves[split:])).digest()
