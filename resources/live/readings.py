"""A reading: what one look at a cluster said, grouped by pool and tenant, in the form that travels.

Codes of single GPUs, one byte each: 0–100 busy in percent, 200 allocated and idle, 201 free, 202 drained, 203 down,
204 allocated with unknown load.
"""

from __future__ import annotations

import msgspec

IDLE, FREE, DRAINED, DOWN, UNKNOWN = 200, 201, 202, 203, 204
IDLE_BELOW = 0.05
"""Allocated and busy below this ratio is idle (DOMAIN: idle = allocated and not busy)."""


class Sums(msgspec.Struct, omit_defaults=True):
    """What a group of GPUs does at one moment. ``load`` is the sum of busy ratios, so means can be weighed."""

    allocated: int = 0
    busy: int = 0
    idle: int = 0
    load: float = 0.0
    memory_mib: int = 0
    power_w: int = 0
    temperature: int = 0


class PoolSums(Sums):
    """A pool's sums and the condition of its GPUs."""

    installed: int = 0
    free: int = 0
    drained: int = 0
    down: int = 0


class Reading(msgspec.Struct):
    """The state of one cluster at ``at`` (unix seconds, when it was measured)."""

    cluster: int
    seq: int
    at: float
    layout: str
    pools: dict[str, PoolSums]
    tenants: dict[str, dict[str, Sums]]
    cells: dict[str, dict[str, list[int]]]
    """Tenant → host → index and code in turn: a tenant's own GPUs, for its own map."""
    codes: bytes = b""
    silent_since: float | None = None
    problems: list[str] = []
    unmatched: dict[str, int] = {}
    """GPUs by the model they name themselves, where no kind has that name: they are in no sum."""


class Layout(msgspec.Struct):
    """Which GPU stands where in ``codes``: kinds, their hosts and how many GPUs each has."""

    digest: str
    kinds: list[tuple[str, list[tuple[str, int]]]]


class Tick(msgspec.Struct):
    """A reading as it is kept for the minute and the chart: sums only."""

    at: float
    pools: dict[str, PoolSums]
    tenants: dict[str, dict[str, Sums]]


class Posted(msgspec.Struct):
    """What is published after a reading: fragments that are already JSON, so that a process only joins them."""

    cluster: int
    seq: int
    at: float
    layout: str
    silent_since: float | None
    whole: bytes
    tenants: dict[str, bytes]
    codes: bytes


def posted(reading: Reading) -> Posted:
    tenants = {
        name: msgspec.json.encode({"k": kinds, "g": reading.cells.get(name, {})})
        for name, kinds in reading.tenants.items()
    }
    whole = msgspec.json.encode({"k": reading.pools})  # problems are the operator's: the cluster's page shows them
    return Posted(
        reading.cluster, reading.seq, reading.at, reading.layout, reading.silent_since, whole, tenants, reading.codes
    )
