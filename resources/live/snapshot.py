"""The state a page begins with, and fetches again after a gap: the same cut, the same fragments as the socket."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
from django.utils import timezone

from portal.models import User
from resources.live import store
from resources.live.readings import Reading, Tick
from resources.live.topics import Cut, cut_for
from resources.models import Cluster, GPUKind

HISTORY_SECONDS, STEP = 900, 10


def page_state(user: User, topic: str) -> dict[str, Any]:
    """Everything the scripts of a page need, cut to what the person may see; JSON values only.

    ``clusters``: by name, each with its layout, codes (a list of numbers, only where seen whole), sums and tenants'
    fragments, and ``silent`` (unix seconds of the last good reading) when it does not answer. ``history``: the last
    quarter of an hour of load per kind. ``kinds``: short name → label.
    """
    cut = cut_for(user, topic)
    ids = sorted(cut.clusters)
    readings, layouts = store.newest(ids), store.layouts([pk for pk in ids if cut.clusters[pk].whole])
    rows = {
        cluster.pk: cluster for cluster in Cluster.objects.visible_to(user, "offer").filter(pk__in=ids).order_by("name")
    }
    clusters = [_cluster(row, cut, readings.get(pk), layouts.get(pk)) for pk, row in rows.items()]
    return {
        "topic": topic,
        "now": timezone.now().timestamp(),
        "kinds": dict(GPUKind.objects.visible_to(user).values_list("slug", "name")),
        "clusters": clusters,
        "history": history(cut),
    }


def _cluster(row: Cluster, cut: Cut, reading: Reading | None, layout: Any) -> dict[str, Any]:
    part = cut.clusters[row.pk]
    silent = is_silent(row)
    found: dict[str, Any] = {
        "c": row.pk,
        "id": str(row.public_id),
        "name": row.name,
        "place": f"{row.city}, {row.country.code}",
        "period": row.collect_seconds,
        "whole_seen": part.whole,
        "silent": row.last_success_at.timestamp() if silent and row.last_success_at else None,
        "heard": row.last_success_at is not None,
        "heard_ago": (timezone.now() - row.last_success_at).total_seconds() if row.last_success_at else None,
        "at": None,
        "seq": 0,
        "layout": "",
    }
    if reading is None:
        return found
    own = {name: reading.tenants[name] for name in part.tenants if name in reading.tenants}
    found |= {
        "at": reading.at,
        "seq": reading.seq,
        "layout": reading.layout,
        "t": {name: {"k": _plain(kinds), "g": reading.cells.get(name, {})} for name, kinds in own.items()},
    }
    if part.whole:
        found["whole"] = {"k": _plain(reading.pools)}
        found["codes"] = list(reading.codes)
        found["hosts"] = _plain(layout.kinds) if layout and layout.digest == reading.layout else []
    return found


def is_silent(cluster: Cluster) -> bool:
    """The last attempt failed, or there was none for three periods: its numbers are old, and every page says so."""
    if cluster.last_success_at is None:
        return cluster.last_attempt_at is not None
    if cluster.last_attempt_at is not None and cluster.last_attempt_at > cluster.last_success_at:
        return True
    age = (timezone.now() - cluster.last_success_at).total_seconds()
    return age > max(15, 3 * cluster.collect_seconds)


def history(cut: Cut) -> dict[str, list[tuple[int, float]]]:
    """Load in percent per kind over the last quarter of an hour: (unix seconds, value), oldest first, every 10 s.

    Of all GPUs where the person sees whole clusters, else of their own tenants' GPUs. Clusters are read at different
    moments: each counts with its newest reading, for as long as it is not silent.
    """
    begin = int(timezone.now().timestamp() - HISTORY_SECONDS) // STEP * STEP
    whole = any(part.whole for part in cut.clusters.values())
    sums: dict[str, dict[int, tuple[float, int]]] = {}
    for cluster, part in cut.clusters.items():
        if whole and not part.whole:
            continue
        for at, tick in _by_step(store.ticks(cluster), begin):
            groups = [tick.pools] if whole else [tick.tenants.get(name, {}) for name in part.tenants]
            for kinds in groups:
                for kind, found in kinds.items():
                    load, held = sums.setdefault(kind, {}).get(at, (0.0, 0))
                    sums[kind][at] = (load + found.load, held + found.allocated)
    return {
        kind: [(at, round(100 * load / held, 1) if held else 0.0) for at, (load, held) in sorted(steps.items())]
        for kind, steps in sums.items()
    }


def _by_step(ticks: list[Tick], begin: int) -> Iterator[tuple[int, Tick]]:
    """The newest tick at each step of time since ``begin``; none where the last one is too old to count."""
    newest = {int(tick.at) // STEP * STEP: tick for tick in ticks}
    if not newest:
        return
    gaps = sorted(b.at - a.at for a, b in pairwise(ticks))
    patience = max(1.5 * STEP, 3 * gaps[len(gaps) // 2]) if gaps else 1.5 * STEP
    current: Tick | None = None
    for at in range(min(newest), max(newest) + STEP, STEP):
        current = newest.get(at, current)
        if current is not None and at >= begin and at + STEP - current.at <= patience + STEP:
            yield at, current


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
