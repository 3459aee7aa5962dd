"""Makes the GPUs of a demo cluster behave: what each does now, given who holds it and how real GPUs behave.

A training GPU has a rank among all GPUs of its cluster, which drifts; its utilisation, memory, power and temperature
stand at that rank of the real distributions. So the fleet as a whole looks like the measured one (bimodal: a third at
0 %, half at 97 % or more), and the GPUs of one job move together. A serving GPU follows one real container's series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.demo.calibration import REFERENCE_BOARD_W, REFERENCE_IDLE_W, Calibration, Floats, normal_share
from resources.demo.engine import Engine
from resources.demo.fleet import FALLEN_OFF, Fleet
from resources.demo.jobs import Jobs

SERVING = frozenset({"inference", "edge", "data_preparation"})
JOB_DRIFT_SECONDS = 300.0
GPU_DRIFT_SECONDS = 30.0
# Squares add up to 1, so that ranks stay evenly spread.
LEVEL, DRIFT, OWN = 0.75, 0.6, 0.28
FREE_SHARE = 0.25
"""Of the third of all GPUs that the real distribution has at 0 %, so many are taken as free; the rest idle in a job."""
COOLING_SECONDS = 40.0
FREE_FRAMEBUFFER_MIB = 4.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One value per GPU; NaN where the GPU answers nothing."""

    at: float
    busy_percent: Floats
    memory_mib: Floats
    power_w: Floats
    temperature_c: Floats
    energy_j: Floats


class Generator:
    """One cluster in time. Not safe for threads: the exporter holds a lock."""

    def __init__(
        self, fleet: Fleet, engine: Engine, stages: Mapping[str, str], real: Calibration, seed: int = 1
    ) -> None:
        self.fleet, self.real = fleet, real
        self._stages = stages
        self._random = np.random.default_rng(seed)
        self.jobs = Jobs(fleet, engine, real.demand, real.speed, self._random, real.tenants)
        self.forced: dict[int, float] = {}
        """GPU → busy percent that a test wants to see."""
        count = len(fleet)
        self._own = self._random.normal(size=count)
        self._warmth = self._random.normal(0, 1.5, size=len(fleet.hosts))[fleet.node]
        self._idle_w = np.array([each.idle_w for each in fleet.kinds])[fleet.kind]
        self._board_w = np.array([each.board_w for each in fleet.kinds])[fleet.kind]
        self._memory = np.array([each.framebuffer_mib for each in fleet.kinds], dtype=float)[fleet.kind]
        self._temperature = np.full(count, 30.0)
        self._energy = self._random.uniform(1e8, 9e8, size=count)
        self._at: float | None = None

    def advance(self, now: float) -> Reading:
        """The GPUs at ``now``, which never goes back."""
        seconds = 0.0 if self._at is None else max(0.0, now - self._at)
        first = self._at is None
        self._at = now
        self.jobs.step(now, seconds)
        self._drift(seconds)
        ranks, serving = self._ranks()
        busy, memory, power = self._train(ranks)
        self._serve(serving, now, busy, memory, power)
        for gpu, value in self.forced.items():
            busy[gpu] = value
            power[gpu] = REFERENCE_IDLE_W + (REFERENCE_BOARD_W - REFERENCE_IDLE_W) * value / 100
        return self._finish(now, seconds, busy, memory, power, first=first)

    def _drift(self, seconds: float) -> None:
        keep = float(np.exp(-seconds / GPU_DRIFT_SECONDS))
        self._own = keep * self._own + (1 - keep**2) ** 0.5 * self._random.normal(size=len(self._own))
        keep = float(np.exp(-seconds / JOB_DRIFT_SECONDS))
        for job in self.jobs.running.values():
            job.drift = keep * job.drift + (1 - keep**2) ** 0.5 * float(self._random.normal())

    def _ranks(self) -> tuple[Floats, list[tuple[int, NDArray[np.intp]]]]:
        """Each GPU's rank among all (free ones lowest), and the GPUs of jobs that serve, by job."""
        share = FREE_SHARE
        ranks = share * normal_share(self._own)
        serving: list[tuple[int, NDArray[np.intp]]] = []
        for number, job in self.jobs.running.items():
            if self._stages.get(job.namespace) in SERVING:
                serving.append((number, job.gpus))
            else:
                shape = LEVEL * job.level + DRIFT * job.drift + OWN * self._own[job.gpus]
                ranks[job.gpus] = share + (1 - share) * normal_share(shape)
        return ranks, serving

    def _train(self, ranks: Floats) -> tuple[Floats, Floats, Floats]:
        """Busy percent, share of memory, watts of a reference board."""
        free = self.jobs.owner < 0
        busy = np.where(free, 0.0, self.real.busy_percent.at(ranks))
        memory = np.where(free, 0.0, self.real.memory_percent.at(ranks) / 100)
        return busy, memory, self.real.power_w.at(ranks)

    def _serve(
        self, serving: list[tuple[int, NDArray[np.intp]]], now: float, busy: Floats, memory: Floats, power: Floats
    ) -> None:
        for number, gpus in serving:
            rows = np.arange(len(gpus)) + number * 7
            duty = self.real.duty_percent.at(now * self.real.speed, rows)
            busy[gpus] = duty
            memory[gpus] = self.real.duty_memory.at(now * self.real.speed, rows)
            # Assumed: a loaded model holds the clocks up, and power follows the duty cycle from there.
            power[gpus] = 90 + 2.6 * duty

    def _finish(
        self, now: float, seconds: float, busy: Floats, memory: Floats, power: Floats, *, first: bool
    ) -> Reading:
        """Watts of this board, a temperature that follows them slowly, and nothing from GPUs that are gone."""
        target = self.real.temperature_c.at(self.real.power_w.rank_of(power)) + self._warmth
        share = (power - REFERENCE_IDLE_W) / (REFERENCE_BOARD_W - REFERENCE_IDLE_W)
        watts = np.maximum(self._idle_w * 0.9, self._idle_w + share * (self._board_w - self._idle_w))
        keep = 0.0 if first else float(np.exp(-seconds / COOLING_SECONDS))
        self._temperature = keep * self._temperature + (1 - keep) * target
        self._energy = self._energy + watts * seconds
        gone = self.fleet.xid == FALLEN_OFF
        return Reading(
            now,
            np.where(gone, np.nan, np.round(busy)),
            np.where(gone, np.nan, np.round(np.maximum(memory * self._memory, FREE_FRAMEBUFFER_MIB))),
            np.where(gone | self.fleet.unreadable, np.nan, watts),
            np.where(gone, np.nan, np.round(self._temperature)),
            self._energy,
        )
