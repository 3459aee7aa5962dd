"""Writes readings as NVIDIA's dcgm-exporter writes them, and drained nodes as kube-state-metrics does.

Metric names, help texts and types are those of dcgm-exporter's etc/default-counters.csv (Apache-2.0), the order of
labels that of its template. DCGM has no "missing": it writes blank values, 2^63 - 14 for whole numbers and 2^47 for
fractions, and so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from resources.demo.calibration import Floats
from resources.demo.fleet import FALLEN_OFF, Fleet
from resources.demo.generator import Reading
from resources.demo.jobs import Jobs

BLANK = "9223372036854775794"
BLANK_FRACTION = "140737488355328.000000"
IDLE_CLOCK_MHZ = 345


def render(fleet: Fleet, reading: Reading, labels: Sequence[str]) -> str:
    """The exporter's answer; ``labels`` as :class:`Labels` keeps them."""
    clock = np.array([each.sm_clock_mhz for each in fleet.kinds], dtype=float)[fleet.kind]
    framebuffer = np.array([each.framebuffer_mib for each in fleet.kinds], dtype=float)[fleet.kind]
    busy = reading.busy_percent
    answers = np.where(fleet.xid == FALLEN_OFF, np.nan, 1.0)
    blocks = (
        ("SM_CLOCK", "gauge", "SM clock frequency (in MHz).", _whole(np.where(busy > 0, clock, IDLE_CLOCK_MHZ) * answers)),
        ("GPU_TEMP", "gauge", "GPU temperature (in C).", _whole(reading.temperature_c)),
        ("POWER_USAGE", "gauge", "Power draw (in W).", _fraction(reading.power_w)),
        ("TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy consumption since boot (in mJ).",
         _whole(reading.energy_j * 1000 * answers)),
        ("GPU_UTIL", "gauge", "GPU utilization (in %).", _whole(busy)),
        ("MEM_COPY_UTIL", "gauge", "Memory utilization (in %).", _whole(busy * 0.6)),
        ("XID_ERRORS", "gauge", "Value of the last XID error encountered.", list(map(str, fleet.xid.tolist()))),
        ("FB_FREE", "gauge", "Framebuffer memory free (in MiB).", _whole(framebuffer - reading.memory_mib)),
        ("FB_USED", "gauge", "Framebuffer memory used (in MiB).", _whole(reading.memory_mib)),
        ("ROW_REMAP_FAILURE", "gauge", "Whether remapping of rows has failed", ["0"] * len(fleet)),
    )  # fmt: skip
    parts = [_block(f"DCGM_FI_DEV_{name}", kind, text, labels, values) for name, kind, text, values in blocks]
    engine = "Ratio of time the graphics engine is active."
    parts.append(_block("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", engine, labels, _fraction(busy / 100)))
    return "".join(parts)


def render_nodes(fleet: Fleet) -> str:
    """kube-state-metrics' word on nodes that take no new pods."""
    drained = {fleet.hosts[node] for node in np.unique(fleet.node[fleet.drained])}
    name = "kube_node_spec_unschedulable"
    lines = "".join(f'{name}{{node="{host}"}} {int(host in drained)}\n' for host in fleet.hosts)
    return f"# HELP {name} [STABLE] Whether a node can schedule new pods.\n# TYPE {name} gauge\n{lines}"


class Labels:
    """The label text of every GPU, made anew only where a GPU has changed hands."""

    def __init__(self, fleet: Fleet, jobs: Jobs) -> None:
        self._fleet, self._jobs = fleet, jobs
        self.texts = list(fleet.labels)

    def follow(self) -> list[str]:
        for gpu in self._jobs.changed:
            self.texts[gpu] = self._fleet.labels[gpu] + self._pod(gpu)
        self._jobs.changed.clear()
        return self.texts

    def _pod(self, gpu: int) -> str:
        number = int(self._jobs.owner[gpu])
        if number < 0:
            return ""
        job = self._jobs.running[number]
        nodes = self._fleet.node[job.gpus]
        rank = int(np.searchsorted(np.unique(nodes), self._fleet.node[gpu]))
        return f',container="main",namespace="{job.namespace}",pod="{job.namespace}-{number}-{rank}"'


def _block(name: str, kind: str, text: str, labels: Iterable[str], values: Iterable[str]) -> str:
    lines = "".join([f"{name}{{{label}}} {value}\n" for label, value in zip(labels, values, strict=True)])
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n{lines}"


def _whole(values: Floats) -> list[str]:
    return _written(values, lambda value: f"{value:.0f}", BLANK)


def _fraction(values: Floats) -> list[str]:
    return _written(values, lambda value: f"{value:.6f}", BLANK_FRACTION)


def _written(values: Floats, write: Callable[[float], str], blank: str) -> list[str]:
    # NaN is the one value that differs from itself.
    return [write(value) if value == value else blank for value in values.tolist()]  # noqa: PLR0124
