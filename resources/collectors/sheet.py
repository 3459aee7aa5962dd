"""One reading being put together: values per GPU out of any number of answers, and in the end a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from resources.collectors.base import Floats, Health, Snapshot
from resources.collectors.gpus import NOBODY, Doubles, Ints, Known

# DCGM has no "missing": it writes blank values, 2^31-16 and 2^63-16 for whole numbers and 2^47 for fractions, and a
# little more for reasons such as "not supported" (dcgm_structs.h). No reading of a GPU comes near the least of them.
BLANK_FROM = 2_147_483_632.0

# What a value may be; beyond it is no reading.
BOUNDS = {
    "busy": (0.0, 100.0),
    "engine": (0.0, 1.0),
    "memory_mib": (0.0, 8e6),
    "power_w": (0.0, 1e4),
    "temperature_c": (-60.0, 250.0),
    "xid": (0.0, 1e6),
    "remap_failure": (0.0, 1.0),
}
# XID errors after which a GPU does no more work until it is reset or repaired (NVIDIA's catalogue of XID errors: reset
# or service wanted): stopped processing, uncorrectable memory error, failed row remapping, NVLink, fallen off the bus,
# uncontained error, time-out of the GPU's own processor, unrecovered memory error, failed start, lost fabric.
# The others, such as 13, 31, 43 and 45, are a job's own faults.
FATAL_XIDS = (46, 48, 62, 64, 74, 79, 95, 119, 120, 140, 143, 155, 156, 158)
MOST_PROBLEMS = 8


@dataclass(slots=True)
class Sheet:
    """Columns grow with every answer. Hold ``known.lock`` while using it."""

    known: Known
    own_namespace: str = ""
    problems: list[str] = field(default_factory=list)
    drained_hosts: set[str] = field(default_factory=set)
    _parts: dict[str, list[tuple[Ints, Doubles]]] = field(default_factory=dict)
    _odd: int = 0

    def add(self, column: str, numbers: Ints, values: Doubles) -> None:
        """Values of one column; ``numbers`` as :meth:`Known.numbers` gives them."""
        kept = (numbers != NOBODY) & (values < BLANK_FROM)
        low, high = BOUNDS[column]
        odd = kept & ~((values >= low) & (values <= high))
        self._odd += int(odd.sum())
        values = np.where(kept & ~odd, values, np.nan)
        # A GPU that answers only blanks is still there.
        here = numbers != NOBODY
        self._parts.setdefault(column, []).append((numbers[here], values[here]))

    def __len__(self) -> int:
        return len(self._present())

    def snapshot(self, measured_at: float) -> Snapshot:
        """What is known so far, ordered by host and index."""
        gpus = self._present()
        gpus = gpus[np.argsort(self.known.order()[gpus])]
        seen = [self.known.gpus[gpu] for gpu in gpus.tolist()]
        busy = self._column("busy")[gpus] / 100
        engine = self._column("engine")[gpus]
        busy = np.where(np.isnan(busy), engine, busy)
        hosts = tuple(each.host for each in seen)
        health = self._health(gpus, busy, hosts)
        names = self.known.namespaces
        holders = tuple(names[each] for each in self._holders()[gpus].tolist())
        self._remark(gpus, busy, health)
        return Snapshot(
            measured_at=measured_at,
            uuids=tuple(each.uuid for each in seen),
            hosts=hosts,
            indexes=np.array([each.index for each in seen], dtype=np.int16),
            models=tuple(each.model for each in seen),
            namespaces=holders,
            busy=busy.astype(np.float32),
            memory_mib=self._floats("memory_mib", gpus),
            power_w=self._floats("power_w", gpus),
            temperature_c=self._floats("temperature_c", gpus),
            health=health,
            problems=shortened(self.problems),
        )

    def _present(self) -> Ints:
        here = np.zeros(len(self.known.gpus), dtype=np.bool_)
        for parts in self._parts.values():
            for numbers, _ in parts:
                here[self.known.gpu_of(numbers)] = True
        return np.flatnonzero(here)

    def _column(self, name: str) -> Doubles:
        """One value per known GPU; where a GPU spoke more than once (in parts, or to two exporters) the largest."""
        column = np.full(len(self.known.gpus), np.nan)
        for numbers, values in self._parts.get(name, ()):
            np.fmax.at(column, self.known.gpu_of(numbers), values)
        return column

    def _floats(self, name: str, gpus: Ints) -> Floats:
        return np.asarray(self._column(name)[gpus], dtype=np.float32)

    def _holders(self) -> Ints:
        """Number of the namespace that holds each known GPU."""
        parts = [numbers for column in ("busy", "xid") for numbers, _ in self._parts.get(column, ())]
        held = np.zeros(len(self.known.gpus), dtype=np.int64)
        if not parts:
            return held
        numbers = np.concatenate(parts)
        holders, gpus = self.known.holders(numbers, self.own_namespace), self.known.gpu_of(numbers)
        gpus, holders = gpus[holders > 0], holders[holders > 0]
        held[gpus] = holders
        shared = len(np.unique(gpus[held[gpus] != holders]))
        if shared:
            self.problems.append(f"{shared} GPUs are held by more than one namespace; one of them is shown.")
        return held

    def _health(self, gpus: Ints, busy: Doubles, hosts: Iterable[str]) -> NDArray[np.uint8]:
        """Down: its last XID error is a fatal one, or it had an error and answers nothing; and it does not compute.

        The exporter keeps the last error after a reset, so a GPU that computes is not down. Drained: its node takes
        no new pods.
        """
        xid = np.nan_to_num(self._column("xid")[gpus])
        failed = np.nan_to_num(self._column("remap_failure")[gpus]) > 0
        stuck = np.isin(xid, FATAL_XIDS) | ((xid > 0) & np.isnan(busy))
        down = failed | (stuck & ~(np.nan_to_num(busy) > 0))
        drained = np.zeros(len(gpus), dtype=np.bool_)
        if self.drained_hosts:
            short = {name.partition(".")[0] for name in self.drained_hosts}
            drained[:] = [host in self.drained_hosts or host.partition(".")[0] in short for host in hosts]
        return np.where(down, Health.DOWN, np.where(drained, Health.DRAINED, Health.OK)).astype(np.uint8)

    def _remark(self, gpus: Ints, busy: Doubles, health: NDArray[np.uint8]) -> None:
        mute = int((np.isnan(busy) & (health == Health.OK)).sum())
        if mute:
            self.problems.append(f"{mute} GPUs say nothing about how busy they are.")
        if self._odd:
            self.problems.append(f"{self._odd} values are impossible and were left out.")
        divided = len(self.known.divided.intersection(gpus.tolist()))
        if divided:
            self.problems.append(f"{divided} GPUs are divided (MIG); each is shown whole, as busy as its busiest part.")


def shortened(problems: list[str]) -> tuple[str, ...]:
    """Few enough to read."""
    more = len(problems) - MOST_PROBLEMS
    return tuple(problems) if more <= 0 else (*problems[:MOST_PROBLEMS], f"And {more} more of this kind.")
