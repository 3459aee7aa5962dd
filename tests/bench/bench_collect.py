"""One tick of many GPUs, from the bytes that came to sums per pool and tenant, in CPU seconds.

BENCH_GPUS GPUs (100,000 unless said otherwise) in clusters of 5,000, as a Prometheus server answers the collector's
queries and as exporters write them. Beside it what one would write first: stdlib json and a loop over the same bytes.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from portal.core.outbound import Answer
from resources.collectors import Snapshot, Source, prometheus
from resources.collectors.gpus import Known
from resources.live import grouping
from tests.bench.conftest import Score, note

GPUS = int(os.environ.get("BENCH_GPUS", "100000"))
PER_CLUSTER = min(5000, GPUS)
TENANTS = 1000
FIELDS = tuple(prometheus.METRICS)
MODEL = "NVIDIA H100 80GB HBM3"
TICKS = 3


@dataclass
class Cluster:
    bodies: dict[str, bytes]
    """Column → what the server answers."""
    text: bytes


@pytest.fixture(scope="module")
def clusters() -> list[Cluster]:
    return [cluster(number) for number in range(GPUS // PER_CLUSTER)]


def cluster(number: int) -> Cluster:
    random = np.random.default_rng(number)
    full, brief = [], []
    for gpu in range(PER_CLUSTER):
        index, host = gpu % 8, f"gpu{number:02d}-{gpu // 8:05d}"
        uuid = f"GPU-{number:08x}-{gpu:04x}-4000-8000-{number * PER_CLUSTER + gpu:012x}"
        held = {"namespace": f"tenant-{gpu // 40 * 7 % TENANTS:04d}"} if gpu % 10 else {}
        full.append({"UUID": uuid, "gpu": str(index), "hostname": host, "modelName": MODEL, **held})
        brief.append({"UUID": uuid})
    values = {name: random.integers(0, 100, PER_CLUSTER) for name in FIELDS}
    values |= {"xid": np.zeros(PER_CLUSTER, int), "remap_failure": np.zeros(PER_CLUSTER, int)}
    values["engine"] = values["engine"] / 100
    bodies = {
        name: json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
            {"metric": labels, "value": [1.7e9, str(value)]}
            for labels, value in zip(full if name in prometheus.FULL else brief, values[name].tolist(), strict=True)
        ]}}, separators=(",", ":")).encode()
        for name in FIELDS
    }  # fmt: skip
    extra = (
        'pci_bus_id="00000000:1B:00.0",device="nvidia0",DCGM_FI_DRIVER_VERSION="570.124.06",container="main",pod="x"'
    )
    inside = [",".join(f'{key}="{value}"' for key, value in labels.items()) + "," + extra for labels in full]
    text = "".join(
        f"# HELP {metric} x\n# TYPE {metric} gauge\n"
        + "".join(f"{metric}{{{each}}} {value}\n" for each, value in zip(inside, values[name].tolist(), strict=True))
        for name, metric in prometheus.METRICS.items()
    )
    return Cluster(bodies, text.encode())


def through_server(each: Cluster, known: Known, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The collector's own way, with the answers already here."""
    by_query = {
        prometheus._query_text(name, metric, ""): each.bodies[name] for name, metric in prometheus.METRICS.items()
    }
    nothing = b'{"status":"success","data":{"resultType":"vector","result":[]}}'

    def answer(_source: Source, url: str, _seconds: float) -> Answer:
        return Answer(200, by_query.get(parse_qs(urlsplit(url).query)["query"][0], nothing), 1.7e9)

    monkeypatch.setattr(prometheus, "_get", answer)
    return prometheus.from_server(Source(1, url="http://server", mode="query"), known)


def through_exporters(each: Cluster, known: Known, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    monkeypatch.setattr(prometheus, "_get", lambda *_: Answer(200, each.text, 1.7e9))
    return prometheus.from_exporters(Source(1, url="http://exporter"), known)


def summed(snapshot: Snapshot) -> object:
    names = grouping.Known(
        {MODEL.lower(): "h100"}, {f"tenant-{number:04d}": f"{number:032x}" for number in range(TENANTS)}
    )
    return grouping.group(snapshot, names, 1, 1)


def by_hand(each: Cluster) -> dict[tuple[str, str], list[float]]:
    """stdlib json and a loop: the same sums out of the same bytes."""
    rows: dict[str, dict[str, Any]] = {}
    for name in FIELDS:
        for sample in json.loads(each.bodies[name])["data"]["result"]:
            row = rows.setdefault(sample["metric"]["UUID"], {})
            row[name] = float(sample["value"][1])
            if name in prometheus.FULL:
                row |= sample["metric"]
    return summed_by_hand(rows)


def summed_by_hand(rows: dict[str, dict[str, Any]]) -> dict[tuple[str, str], list[float]]:
    sums: dict[tuple[str, str], list[float]] = {}
    for row in rows.values():
        total = sums.setdefault((row.get("namespace", ""), row["modelName"]), [0.0] * 5)
        total[0] += 1
        total[1] += row["busy"]
        total[2] += row["memory_mib"]
        total[3] += row["power_w"]
        total[4] = max(total[4], row["temperature_c"])
    return sums


def by_hand_text(each: Cluster) -> dict[tuple[str, str], list[float]]:
    """The same from the exporters' text: a line, its labels, its number."""
    wanted = {metric: name for name, metric in prometheus.METRICS.items()}
    rows: dict[str, dict[str, Any]] = {}
    for line in each.text.decode().splitlines():
        metric, brace, rest = line.partition("{")
        if not brace or metric not in wanted:
            continue
        inside, _, number = rest.rpartition("} ")
        labels = {key: value.strip('"') for key, _, value in (pair.partition("=") for pair in inside.split(","))}
        row = rows.setdefault(labels["UUID"], labels)
        row[wanted[metric]] = float(number)
    return summed_by_hand(rows)


def cpu(work: Callable[[], object], times: int = TICKS) -> float:
    """CPU seconds of this process; the least of several."""
    best = float("inf")
    for _ in range(times):
        gc.collect()
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best


def test_collecting_costs_a_fifth_of_a_loop(
    clusters: list[Cluster], score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(clusters) * PER_CLUSTER
    size = sum(len(body) for each in clusters for body in each.bodies.values()) / 1e6
    note(
        "input", f"{count} GPUs, {size:.0f} MB of JSON, {sum(len(each.text) for each in clusters) / 1e6:.0f} MB of text"
    )
    plain = cpu(lambda: [json.loads(body) for each in clusters for body in each.bodies.values()], 2)
    note("stdlib json", f"{plain:.2f} s to read and look at nothing")
    floor = simdjson_floor(clusters)
    ways = (("server", through_server, by_hand), ("exporters", through_exporters, by_hand_text))
    for name, way, simple in ways:
        loop = cpu(lambda simple=simple: [simple(each) for each in clusters], 2)
        note(f"{name}, stdlib and a loop", f"{loop:.2f} s")
        known = [Known() for _ in clusters]

        def tick(way: Any = way, known: list[Known] = known) -> list[Snapshot]:
            return [way(each, names, monkeypatch) for each, names in zip(clusters, known, strict=True)]

        note(f"{name}, the first tick", f"{cpu(tick, 1):.2f} s")
        decoded, read = cpu(tick), tick()
        assert sum(map(len, read)) == count
        grouped = cpu(lambda read=read: [summed(each) for each in read])
        note(f"{name}, each further tick", f"{decoded:.2f} s to read, {grouped:.2f} s to group")
        # A loop over text that trusts every line has less to do than one over JSON.
        score(f"{name}: decode / stdlib and a loop", decoded / loop, 1 / 5 if name == "server" else 2 / 5, "")
        score(f"{name}: decode and aggregate / the same", (decoded + grouped) / loop, 1 / 5, "", sure=False)
        if floor and name == "server":
            score("server: decode and aggregate / simdjson", (decoded + grouped) / floor, 8, "", sure=False)


def simdjson_floor(clusters: list[Cluster]) -> float | None:
    try:
        import simdjson  # noqa: PLC0415  # only a yardstick; not part of this project's requirements
    except ImportError:
        note("simdjson", "not installed, so its floor is not measured")
        return None
    parser = simdjson.Parser()
    floor = cpu(lambda: [bool(parser.parse(body)) for each in clusters for body in each.bodies.values()])
    note("simdjson", f"{floor:.2f} s to parse and look at nothing")
    return floor
