"""How real GPUs behave, as a few numbers with their sources, and the shape in which traces say the same in full.

Facts taken from public data sets (no file of theirs is part of this project; docs/demo.md says more):

* AcmeTrace: InternLM/AcmeTrace, CC-BY-4.0, DCGM series of the Kalos cluster (A100, board power 400 W).
* Helios: S-Lab-System-Group/HeliosArtifact, MIT, cluster Earth, 16 virtual clusters in May 2020.
* GenAI: alibaba/clusterdata, cluster-trace-v2026-GenAI, inference containers (please cite SoCC'25).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A distribution as levels 0..1 (ascending) and the values at them."""

    levels: Floats
    values: Floats

    def at(self, ranks: Floats) -> Floats:
        return np.interp(ranks, self.levels, self.values)

    def rank_of(self, values: Floats) -> Floats:
        """The level at which a value stands; of equal values the last."""
        return np.interp(values, self.values, self.levels)


@dataclass(frozen=True, slots=True)
class Series:
    """Rows side by side in time: ``values[row, step]``, ``step_seconds`` apart, repeated from the start at the end."""

    values: Floats
    step_seconds: float

    def at(self, seconds: float, rows: NDArray[np.intp]) -> Floats:
        """The values of these rows at that time, between two steps in proportion."""
        steps = self.values.shape[1]
        position = seconds / self.step_seconds % steps
        before = int(position) % steps
        share = position - int(position)
        chosen = self.values[rows % self.values.shape[0]]
        return np.asarray(chosen[:, before] * (1 - share) + chosen[:, (before + 1) % steps] * share)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that the generator knows about real GPUs."""

    source: str
    busy_percent: Quantiles
    """DCGM_FI_DEV_GPU_UTIL over all GPUs of a training cluster, the free ones included."""
    memory_percent: Quantiles
    power_w: Quantiles
    """Of boards of 400 W."""
    temperature_c: Quantiles
    demand: Series
    """Per tenant: GPUs that it runs or waits for, as a share of its quota."""
    duty_percent: Series
    """Per container of a serving cluster: GPU_UTIL."""
    duty_memory: Series
    """Per container: framebuffer in use, 0..1."""
    speed: float = 1.0
    """Seconds of the series that pass in a second of ours."""
    tenants: tuple[str, ...] = ()
    """Whose demand each row is, where that is known; a namespace of that name follows its own row."""


REFERENCE_BOARD_W = 400.0
REFERENCE_IDLE_W = 63.0


def _quantiles(*points: tuple[float, float]) -> Quantiles:
    levels, values = zip(*points, strict=True)
    return Quantiles(np.array(levels), np.array(values))


# AcmeTrace util_gpu_kalos curve 0: p25 0, p40 82, p50 97, p75 100; in between linear.
BUSY_PERCENT = _quantiles((0, 0), (0.35, 0), (0.38, 40), (0.4, 82), (0.5, 97), (0.6, 99), (0.75, 100), (1, 100))
# AcmeTrace util_gpu_kalos curve 1 (FB_USED in percent).
MEMORY_PERCENT = _quantiles(
    (0, 0), (0.35, 0), (0.4, 48.8), (0.5, 75.5), (0.6, 76.9), (0.75, 77.4), (0.9, 88.1), (0.99, 97.4), (1, 98.4)
)
# AcmeTrace gpu_power_kalos.
POWER_W = _quantiles(
    (0, 58), (0.1, 63), (0.25, 66.4), (0.4, 94), (0.5, 101.5), (0.6, 149.5),
    (0.75, 372.2), (0.9, 403.7), (0.95, 413.3), (0.99, 441.8), (1, 458),
)  # fmt: skip
# AcmeTrace gpu_temp_kalos curve 0 (the GPU; curve 1 is its memory).
TEMPERATURE_C = _quantiles(
    (0, 24), (0.1, 27), (0.25, 30), (0.4, 36), (0.5, 40), (0.6, 44), (0.75, 51), (0.9, 58), (0.95, 62), (1, 68)
)

# Helios: (running + pending) / quota of 16 virtual clusters, mean of May 2020, ...
TENANT_DEMAND = (0.63, 1.0, 0.59, 0.73, 0.96, 0.62, 0.5, 0.84, 0.45, 0.91, 0.42, 1.16, 0.71, 0.28, 0.02, 0.01)
# ... and how running GPUs of all of them swing with the hour of the day, as a share of their mean.
HOURLY_DEMAND = (
    1.04, 1.034, 1.018, 1.005, 0.99, 0.974, 0.957, 0.943, 0.935, 0.929, 0.941, 0.981,
    1.002, 1.006, 0.981, 0.989, 1.017, 1.029, 1.031, 1.035, 1.036, 1.041, 1.04, 1.045,
)  # fmt: skip
BUSY_TENANTS = 14
"""The last two virtual clusters hardly ran anything; demo tenants are spread over the others."""

# GenAI: duty cycle of 143 containers over 22.8 hours, mean 7.0 %; their memory p10 17.7, p50 23.7, p90 31.0 GiB of 48.
DUTY_PERCENT = _quantiles((0, 0), (0.5, 0), (0.6, 3), (0.75, 9.5), (0.9, 24.7), (0.95, 31.7), (0.99, 78.6), (1, 100))
DUTY_MEMORY = _quantiles((0, 0.2), (0.1, 0.36), (0.25, 0.43), (0.5, 0.48), (0.75, 0.51), (0.9, 0.63), (1, 0.8))


def normal_share(values: Floats) -> Floats:
    """The standard normal distribution function, to three digits."""
    return np.asarray(0.5 * (1 + np.tanh(0.7978845608 * (values + 0.044715 * values**3))))


def builtin(seed: int = 2026) -> Calibration:
    """The figures above, spread out in time: for demos without traces."""
    random = np.random.default_rng(seed)
    tenants = np.array(TENANT_DEMAND[:BUSY_TENANTS])
    wobble = 1 + 0.06 * _drifting(random, len(tenants), 24 * 6, 0.9)
    hours = np.repeat(np.array(HOURLY_DEMAND), 6)
    level = random.normal(size=(48, 1))
    ranks = normal_share(0.6 * level + 0.8 * _drifting(random, 48, 24 * 60, 0.8))
    return Calibration(
        source="figures of public traces, see docs/demo.md",
        busy_percent=BUSY_PERCENT,
        memory_percent=MEMORY_PERCENT,
        power_w=POWER_W,
        temperature_c=TEMPERATURE_C,
        demand=Series(tenants[:, None] * hours * wobble, 600.0),
        duty_percent=Series(DUTY_PERCENT.at(ranks), 60.0),
        duty_memory=Series(np.repeat(DUTY_MEMORY.at(normal_share(level)), 24 * 60, axis=1), 60.0),
    )


def _drifting(random: np.random.Generator, rows: int, steps: int, memory: float) -> Floats:
    """Standard normal values that remember the step before."""
    values = np.empty((rows, steps))
    values[:, 0] = random.normal(size=rows)
    fresh = (1 - memory**2) ** 0.5
    for step in range(1, steps):
        values[:, step] = memory * values[:, step - 1] + fresh * random.normal(size=rows)
    return values
