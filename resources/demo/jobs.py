"""Who holds which GPU: jobs come as their tenant's demand rises, up to its limit, and leave when they are done."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from resources.demo.calibration import Series
from resources.demo.engine import Engine
from resources.demo.fleet import Fleet

# Most jobs ask for little, most GPUs work for large ones: the median request is 1 GPU for A10 and A100 and 4 to 8 for
# newer models (jobs by model of cluster-trace-v2026-spot-gpu, alibaba/clusterdata).
SIZES = (64, 32, 16, 8, 4, 2, 1)
CHANCES = (0.03, 0.07, 0.15, 0.25, 0.2, 0.15, 0.15)
# Chosen for the demo, so that the map changes while one looks at it.
JOB_SECONDS = 25 * 60.0
SHORTEST_SECONDS = 2 * 60.0
LARGE_LIMIT = 32
"""From here on a tenant follows one of the busier half of the series, so that clusters are as full as measured ones."""
FORGET_SECONDS = 10 * 60.0
"""How slowly a tenant's demand gets used to a lowered limit."""


@dataclass(slots=True)
class Job:
    namespace: str
    kind: int
    gpus: NDArray[np.intp]
    ends_at: float
    level: float
    """Standard normal: how hard this job works compared with others."""
    drift: float = 0.0


@dataclass(slots=True)
class Jobs:
    """All jobs of a cluster. ``owner[gpu]`` is the number of the job that holds it, or -1."""

    fleet: Fleet
    engine: Engine
    demand: Series
    speed: float
    random: np.random.Generator
    tenants: tuple[str, ...] = ()
    owner: NDArray[np.int64] = field(init=False)
    running: dict[int, Job] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    """GPUs that have changed hands since somebody last looked."""
    _appetite: dict[tuple[str, int], float] = field(default_factory=dict)
    _busiest: NDArray[np.intp] = field(init=False)
    _last: int = 0

    def __post_init__(self) -> None:
        self._busiest = np.argsort(-self.demand.values.mean(axis=1))
        self.owner = np.full(len(self.fleet), -1, dtype=np.int64)

    def used(self, namespace: str, kind: str) -> int:
        """GPUs of this kind that the namespace holds now."""
        wanted = next((i for i, each in enumerate(self.fleet.kinds) if each.slug == kind), -1)
        return self._held(namespace, wanted)

    def step(self, now: float, seconds: float) -> None:
        """End what is done, then start what is wanted and allowed."""
        for number in [number for number, job in self.running.items() if job.ends_at <= now]:
            self._end(number)
        for name, limits in self.engine.limits.items():
            for kind, each in enumerate(self.fleet.kinds):
                self._follow(name, kind, limits.get(each.slug, 0), now, seconds)

    def _follow(self, name: str, kind: int, limit: int, now: float, seconds: float) -> None:
        """Bring what the namespace runs near what it wants; its limit stops new jobs, and ends none."""
        before = self._appetite.get((name, kind), 0.0)
        calm = limit + (before - limit) * float(np.exp(-seconds / FORGET_SECONDS))
        appetite = self._appetite[name, kind] = max(float(limit), calm)
        held = self._held(name, kind)
        if not held and not appetite:
            return
        wanted = round(appetite * self._demand(name, appetite, now))
        own = [number for number, job in self.running.items() if (job.namespace, job.kind) == (name, kind)]
        for number in sorted(own):
            size = len(self.running[number].gpus)
            if held - size < wanted:
                continue
            held -= size
            self._end(number)
        while held < min(wanted, limit):
            started = self._start(name, kind, min(wanted, limit) - held, now)
            if not started:
                return
            held += started

    def _held(self, name: str, kind: int) -> int:
        return sum(len(job.gpus) for job in self.running.values() if job.namespace == name and job.kind == kind)

    def _demand(self, name: str, limit: float, now: float) -> float:
        """As a share of the limit. Its tenant's series is one of the real ones, the same each time."""
        if name in self.tenants:
            return float(self.demand.at(now * self.speed, np.array([self.tenants.index(name)]))[0])
        rows = len(self._busiest) // 2 if limit >= LARGE_LIMIT else len(self._busiest)
        row = self._busiest[[zlib.crc32(name.encode()) % rows]]
        return float(self.demand.at(now * self.speed, row)[0])

    def _start(self, name: str, kind: int, room: int, now: float) -> int:
        size = min(room, int(self.random.choice(SIZES, p=CHANCES)))
        gpus = self._place(kind, size)
        if not len(gpus):
            return 0
        self._last += 1
        lasts = SHORTEST_SECONDS + float(self.random.exponential(JOB_SECONDS))
        level = float(self.random.normal())
        self.running[self._last] = Job(name, kind, gpus, now + lasts, level, float(self.random.normal()))
        self.owner[gpus] = self._last
        self.changed.update(map(int, gpus))
        return len(gpus)

    def _end(self, number: int) -> None:
        job = self.running.pop(number)
        self.owner[job.gpus] = -1
        self.changed.update(map(int, job.gpus))

    def _place(self, kind: int, size: int) -> NDArray[np.intp]:
        """Free healthy GPUs: the fullest node that has enough; for more than a node whole nodes; else whatever is left.

        Fewer than asked for when there are no more.
        """
        fleet = self.fleet
        free = np.flatnonzero((self.owner < 0) & (fleet.kind == kind) & (fleet.xid == 0) & ~fleet.drained)
        left = np.bincount(fleet.node[free], minlength=len(fleet.hosts))[fleet.node[free]]
        fits = left >= size
        if fits.any():
            node = fleet.node[free[fits]][np.argmin(left[fits])]
            return np.asarray(free[fleet.node[free] == node][:size])
        return np.asarray(free[np.argsort(-left, kind="stable")][:size])
