"""The day before the demo began: what its sources would have answered, minute by minute, had anybody asked.

The same rules and traces that a source replays now are run through the last 24 hours, and what comes of it is kept as
minutes and hours are always kept. Nothing of it claims to have been measured more often than once a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from resources.demo import cast, exporter
from resources.demo.generator import Generator, Reading
from resources.demo.source import Source
from resources.live.readings import IDLE_BELOW, PoolSums, Sums, Tick
from resources.models import Cluster, PoolMinute
from resources.services import minutes
from resources.services.samples import known_names

HOURS = 24
WARM_UP = timedelta(minutes=40)
"""So long jobs come and go before anybody looks: at its very first moment a cluster has started all at once."""


def is_missing() -> bool:
    """Whether nothing was ever measured here: the demo begins with this start."""
    return not PoolMinute.objects.exists()


def fill(now: datetime) -> int:
    """Keep the day before ``now`` of every demo cluster; how many readings that were.

    All of it is reckoned before anything is written, and a new partition is there for others at once: whoever opens a
    page meanwhile must not wait for a table.
    """
    end = now.astimezone(UTC).replace(second=0, microsecond=0)
    begin = end - timedelta(hours=HOURS)
    minutes.make_partitions(begin, days=2)
    found: list[tuple[Cluster, dict[datetime, list[Tick]]]] = []
    for cluster in Cluster.objects.filter(slug__in=[each.slug for each in cast.CLUSTERS]).order_by("pk"):
        given = exporter.arguments(["--cluster", cluster.slug])
        source = exporter.source_of(exporter.place_of(given), given)
        tenants = known_names(cluster).tenants
        found.append((cluster, {at: [tick] for at, tick in replay(source, tenants, begin, end)}))
    with transaction.atomic():
        for cluster, ticks in found:
            minutes.keep(cluster, ticks)
        minutes.sum_hours(now, hours=HOURS + 1)
    return sum(len(ticks) for _cluster, ticks in found)


def replay(
    source: Source, tenants: Mapping[str, str], begin: datetime, end: datetime
) -> Iterator[tuple[datetime, Tick]]:
    """A tick for each minute from ``begin`` to before ``end``. ``tenants``: namespace → its tenant's public id (hex)."""
    counter = Counter(source, tenants)
    at, step = begin - WARM_UP, timedelta(minutes=1)
    while at < end:
        reading = source.generator.advance(at.timestamp())
        if at >= begin:
            yield at, counter.tick(reading)
        at += step


class Counter:
    """Sums of a cluster by kind and tenant, as a collector and the grouping would count them."""

    def __init__(self, source: Source, tenants: Mapping[str, str]) -> None:
        self.fleet, self.generator = source.fleet, source.generator
        self.kinds = [each.slug for each in self.fleet.kinds]
        self.tenants = tenants
        names = sorted({name for name, _stage in cast.stages().items()} | set(source.engine.limits))
        self.names = ["", *names]
        self.number = {name: place for place, name in enumerate(self.names)}
        self.down = self.fleet.xid > 0
        self.drained = self.fleet.drained & ~self.down

    def tick(self, reading: Reading) -> Tick:
        owner = self.owners(self.generator)
        places = owner * len(self.kinds) + self.fleet.kind
        table = self.table(reading, owner > 0, places)
        tenants: dict[str, dict[str, Sums]] = {}
        for number, name in enumerate(self.names[1:], start=1):
            rows = table[number * len(self.kinds) : (number + 1) * len(self.kinds)]
            held = {kind: _sums(row) for kind, row in zip(self.kinds, rows, strict=True) if row[0]}
            if held and name in self.tenants:
                tenants.setdefault(self.tenants[name], {}).update(held)
        return Tick(reading.at, self.pools(table, owner), tenants)

    def owners(self, generator: Generator) -> NDArray[np.intp]:
        """Of each GPU the number of the namespace that holds it; 0 is nobody."""
        owner = np.zeros(len(self.fleet), dtype=np.intp)
        for job in generator.jobs.running.values():
            owner[job.gpus] = self.number[job.namespace]
        return owner

    def table(self, reading: Reading, held: NDArray[np.bool_], places: NDArray[np.intp]) -> NDArray[np.float64]:
        """A row per namespace and kind: GPUs held, busy, idle, load, memory, power, the highest temperature."""
        measured = ~np.isnan(reading.busy_percent)
        ratio = np.where(measured & held, np.nan_to_num(reading.busy_percent) / 100, 0.0)
        size = len(self.names) * len(self.kinds)
        weights = (
            held, held & measured & (ratio >= IDLE_BELOW), held & measured & (ratio < IDLE_BELOW), ratio,
            np.nan_to_num(reading.memory_mib), np.nan_to_num(reading.power_w),
        )  # fmt: skip
        sums = [np.bincount(places, weights=each.astype(float), minlength=size) for each in weights]
        hottest = np.zeros(size)
        np.maximum.at(hottest, places, np.nan_to_num(reading.temperature_c))
        return np.column_stack([*sums, hottest])

    def pools(self, table: NDArray[np.float64], owner: NDArray[np.intp]) -> dict[str, PoolSums]:
        found = {}
        for number, kind in enumerate(self.kinds):
            rows, here = table[number :: len(self.kinds)], self.fleet.kind == number
            whole = _sums(np.array([*rows[:, :6].sum(axis=0), rows[:, 6].max()]))
            free = here & (owner == 0) & ~self.down & ~self.drained
            found[kind] = PoolSums(
                whole.allocated, whole.busy, whole.idle, whole.load, whole.memory_mib, whole.power_w, whole.temperature,
                installed=int(here.sum()), free=int(free.sum()), drained=int((here & self.drained).sum()),
                down=int((here & self.down).sum()),
            )  # fmt: skip
        return found


def _sums(row: NDArray[np.float64]) -> Sums:
    allocated, busy, idle, load, memory, power, hottest = row.tolist()
    return Sums(int(allocated), int(busy), int(idle), round(load, 2), int(memory), int(power), int(hottest))
