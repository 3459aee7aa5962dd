"""Knows GPUs by the labels in which sources speak of them, and puts their values side by side.

One :class:`Known` lives as long as the process, per cluster: whoever has been understood once is only looked up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from resources.collectors.exposition import GarbledText

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]

MOST_TEXTS = 600_000
"""Pods come and go; when so many label texts are known, all are forgotten and learned anew."""
UUIDS = ("UUID", "uuid")
# dcgm-exporter renamed its label in May 2026.
HOSTS = ("hostname", "Hostname", "node", "instance")
NOBODY = -1
NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class GPU:
    uuid: str
    host: str
    index: int
    model: str


@dataclass(slots=True)
class Known:
    """Numbers for label texts, for GPUs and for namespaces."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    gpus: list[GPU] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=lambda: [""])
    divided: set[int] = field(default_factory=set)
    """GPUs that speak in parts (MIG)."""
    _texts: dict[Hashable, int] = field(default_factory=dict)
    _by_key: dict[str, int] = field(default_factory=dict)
    _by_namespace: dict[str, int] = field(default_factory=lambda: {"": 0})
    _gpu: list[int] = field(default_factory=list)
    _plain: list[int] = field(default_factory=list)
    _exported: list[int] = field(default_factory=list)
    _arrays: tuple[Ints, Ints, Ints] = field(default_factory=lambda: (NONE, NONE, NONE))
    _order: Ints | None = None

    def numbers(self, texts: Sequence[Hashable], understand: Callable[[Hashable], Mapping[str, str]]) -> Ints:
        """A number for each text; NOBODY for one that cannot be understood or names no GPU."""
        known = self._texts
        found = list(map(known.get, texts))
        if None in found:
            for text in texts:
                if text not in known:
                    known[text] = self._learn(understand, text)
            found = list(map(known.get, texts))
        return np.array(found, dtype=np.int64)

    def tidy(self) -> None:
        """Forget everything when too much is known. Numbers given before mean nothing afterwards."""
        if len(self._texts) > MOST_TEXTS:
            for each in (self.gpus, self._texts, self._by_key, self._gpu, self._plain, self._exported, self.divided):
                each.clear()
            self.namespaces[:] = [""]
            self._by_namespace = {"": 0}
            self._order, self._arrays = None, (NONE, NONE, NONE)

    def gpu_of(self, numbers: Ints) -> Ints:
        return self._columns()[0][numbers]

    def holders(self, numbers: Ints, own: str) -> Ints:
        """Who holds the GPU: a number of a namespace, 0 for nobody.

        Where a Prometheus server has set a namespace of its own (the exporter's), the exporter's word arrives as
        exported_namespace, and then only that counts. ``own``: the namespace of the exporter itself.
        """
        _, plain, exported = self._columns()
        held = exported[numbers]
        if not held.any():
            held = plain[numbers]
        return np.where(held == self._by_namespace.get(own, -2), 0, held)

    def order(self) -> Ints:
        """Position of each GPU among all that are known, by host, index and UUID."""
        if self._order is None or len(self._order) != len(self.gpus):
            keys = [(each.host, each.index, each.uuid) for each in self.gpus]
            self._order = np.empty(len(keys), dtype=np.int64)
            self._order[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return self._order

    def _columns(self) -> tuple[Ints, Ints, Ints]:
        """Of each number: the GPU, its namespace and its exported namespace."""
        if len(self._arrays[0]) != len(self._gpu):
            columns = (self._gpu, self._plain, self._exported)
            gpu, plain, exported = (np.array(each, dtype=np.int64) for each in columns)
            self._arrays = gpu, plain, exported
        return self._arrays

    def _learn(self, understand: Callable[[Hashable], Mapping[str, str]], text: Hashable) -> int:
        try:
            labels = understand(text)
        except GarbledText:
            return NOBODY
        uuid, host = _first(labels, UUIDS), _first(labels, HOSTS)
        index = labels.get("gpu", "")
        key = uuid or (f"{host}/{index}" if host and index else "")
        if not key:
            return NOBODY
        gpu = self._by_key.get(key, -1)
        seen = GPU(key, host, int(index) if index.isdecimal() and len(index) < 5 else -1, labels.get("modelName", ""))  # noqa: PLR2004
        if gpu < 0:
            gpu = self._by_key[key] = len(self.gpus)
            self.gpus.append(seen)
        elif host and seen != self.gpus[gpu]:
            # First heard of by its UUID alone, or moved to another place.
            self.gpus[gpu] = seen
            self._order = None
        if labels.get("GPU_I_ID"):
            self.divided.add(gpu)
        self._gpu.append(gpu)
        self._plain.append(self._namespace(labels.get("namespace", "")))
        self._exported.append(self._namespace(labels.get("exported_namespace", "")))
        return len(self._gpu) - 1

    def _namespace(self, name: str) -> int:
        if name not in self._by_namespace:
            self._by_namespace[name] = len(self.namespaces)
            self.namespaces.append(name)
        return self._by_namespace[name]


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
