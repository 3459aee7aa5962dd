"""Rows of a snapshot, one per GPU, into sums per pool and tenant: numpy does the counting."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import ngettext

from resources.collectors.base import Snapshot
from resources.live.readings import DOWN, DRAINED, FREE, IDLE, IDLE_BELOW, UNKNOWN, Layout, PoolSums, Reading, Sums

Numbers = npt.NDArray[Any]
FINE, IS_DRAINED = 0, 1


@dataclass(frozen=True)
class Known:
    """What the portal knows of the names in a snapshot."""

    kinds: Mapping[str, str]
    """A GPU's model as exporters write it, in lower case → the kind's short name."""
    tenants: Mapping[str, str]
    """An environment's name on the cluster → its tenant's public id (hex)."""


@dataclass(frozen=True)
class Grouped:
    reading: Reading
    layout: Layout


def group(snapshot: Snapshot, known: Known, cluster: int, seq: int) -> Grouped:
    """Count ``snapshot``. Models and namespaces nobody knows become problems, never silence: their GPUs are told of."""
    kind_names, kind_of = _numbered(snapshot.models, lambda model: known.kinds.get(model.lower(), ""))
    owner_names, owner_of = _numbered(snapshot.namespaces, lambda name: known.tenants.get(name, "?") if name else "")
    order = np.lexsort((snapshot.indexes, np.asarray(snapshot.hosts, dtype=object).astype(str), kind_of))
    order = order[np.asarray([bool(kind_names[k]) for k in kind_of[order]], dtype=bool)] if len(order) else order
    counted = _Counted(snapshot, kind_of, owner_of, owner_names)
    layout = _layout(snapshot, order, kind_of, kind_names)
    pools = {name: counted.pool(kind_of == k) for k, name in enumerate(kind_names) if name}
    tenants: dict[str, dict[str, Sums]] = {}
    cells: dict[str, dict[str, list[int]]] = {}
    for o, owner in enumerate(owner_names):
        if not owner or owner == "?":
            continue
        own = owner_of == o
        tenants[owner] = {
            name: counted.sums(own & (kind_of == k))
            for k, name in enumerate(kind_names)
            if name and (own & (kind_of == k)).any()
        }
        cells[owner] = _cells(snapshot, np.flatnonzero(own), counted.codes)
    reading = Reading(
        cluster, seq, snapshot.measured_at, layout.digest, pools, tenants, cells, counted.codes[order].tobytes(),
        problems=[*snapshot.problems, *_unknown(snapshot, known)],
        unmatched=dict(Counter(model for model in snapshot.models if model.lower() not in known.kinds)),
    )  # fmt: skip
    return Grouped(reading, layout)


class _Counted:
    def __init__(self, snapshot: Snapshot, kind_of: Numbers, owner_of: Numbers, owner_names: list[str]) -> None:
        self.snapshot = snapshot
        nobody = owner_names.index("") if "" in owner_names else -1
        self.allocated = owner_of != nobody
        measured = ~np.isnan(snapshot.busy)
        self.ratio = np.where(measured & self.allocated, np.nan_to_num(snapshot.busy), 0.0)
        self.busy = self.allocated & measured & (snapshot.busy >= IDLE_BELOW)
        self.idle = self.allocated & measured & (snapshot.busy < IDLE_BELOW)
        codes = np.full(len(snapshot.busy), FREE, dtype=np.uint8)
        codes[self.allocated] = UNKNOWN
        codes[self.idle] = IDLE
        codes[self.busy] = np.clip(np.rint(self.ratio[self.busy] * 100), 0, 100).astype(np.uint8)
        codes[snapshot.health == IS_DRAINED] = DRAINED
        codes[snapshot.health > IS_DRAINED] = DOWN
        self.codes = codes

    def sums(self, where: Numbers) -> Sums:
        return Sums(**self._sums(where))

    def pool(self, where: Numbers) -> PoolSums:
        health = self.snapshot.health[where]
        return PoolSums(
            **self._sums(where),
            installed=int(where.sum()),
            free=int((~self.allocated[where] & (health == FINE)).sum()),
            drained=int((health == IS_DRAINED).sum()),
            down=int((health > IS_DRAINED).sum()),
        )

    def _sums(self, where: Numbers) -> dict[str, Any]:
        rows = self.snapshot
        hottest = rows.temperature_c[where]
        hottest = hottest[~np.isnan(hottest)]
        return {
            "allocated": int((self.allocated & where).sum()),
            "busy": int((self.busy & where).sum()),
            "idle": int((self.idle & where).sum()),
            "load": round(float(self.ratio[where].sum()), 2),
            "memory_mib": int(np.nansum(rows.memory_mib[where])),
            "power_w": int(np.nansum(rows.power_w[where])),
            "temperature": int(hottest.max()) if len(hottest) else 0,
        }


def _numbered(texts: tuple[str, ...], name_of: Any) -> tuple[list[str], Numbers]:
    """Distinct names in order of appearance, and each row's number among them."""
    numbers: dict[str, int] = {}
    by_text: dict[str, int] = {}
    rows = np.empty(len(texts), dtype=np.int32)
    for i, text in enumerate(texts):
        number = by_text.get(text)
        if number is None:
            number = by_text[text] = numbers.setdefault(name_of(text), len(numbers))
        rows[i] = number
    return list(numbers), rows


def _layout(snapshot: Snapshot, order: Numbers, kind_of: Numbers, kind_names: list[str]) -> Layout:
    kinds: list[tuple[str, list[tuple[str, int]]]] = []
    for i in order:
        kind, host = kind_names[kind_of[i]], snapshot.hosts[i]
        if not kinds or kinds[-1][0] != kind:
            kinds.append((kind, []))
        hosts = kinds[-1][1]
        if hosts and hosts[-1][0] == host:
            hosts[-1] = (host, hosts[-1][1] + 1)
        else:
            hosts.append((host, 1))
    return Layout(hashlib.sha256(repr(kinds).encode()).hexdigest()[:12], kinds)


def _cells(snapshot: Snapshot, rows: Numbers, codes: Numbers) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i in rows:
        found.setdefault(snapshot.hosts[i], []).extend((int(snapshot.indexes[i]), int(codes[i])))
    return found


def _unknown(snapshot: Snapshot, known: Known) -> list[str]:
    """Sentences for operators; the pages show them as they are."""
    models = Counter(model for model in snapshot.models if model.lower() not in known.kinds)
    names = Counter(name for name in snapshot.namespaces if name and name not in known.tenants)
    found = [
        ngettext(
            "%(n)d GPU calls itself “%(model)s”, which is no alias of any GPU kind here. Add it to the kind.",
            "%(n)d GPUs call themselves “%(model)s”, which is no alias of any GPU kind here. Add it to the kind.",
            count,
        ) % {"n": count, "model": model}
        for model, count in sorted(models.items())
    ]  # fmt: skip
    if names:
        held, few = sum(names.values()), ", ".join(sorted(names)[:3])
        few += ", …" if len(names) > 3 else ""  # noqa: PLR2004 - three names say enough
        found.append(
            ngettext(
                "%(n)d GPU is held under a name that no environment here has (%(names)s).",
                "%(n)d GPUs are held under names that no environment here has (%(names)s).",
                held,
            )
            % {"n": held, "names": few}
        )
    return found
