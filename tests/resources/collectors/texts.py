"""What sources say about given GPUs: exporter text, and a Prometheus server's answers, written independently."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from socket import socket
from urllib.parse import parse_qs, urlsplit

from tests.resources import wire

FIELDS = {
    "busy": "DCGM_FI_DEV_GPU_UTIL",
    "engine": "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "memory_mib": "DCGM_FI_DEV_FB_USED",
    "power_w": "DCGM_FI_DEV_POWER_USAGE",
    "temperature_c": "DCGM_FI_DEV_GPU_TEMP",
    "xid": "DCGM_FI_DEV_XID_ERRORS",
    "remap_failure": "DCGM_FI_DEV_ROW_REMAP_FAILURE",
}


def gpu(uuid="GPU-1", host="node1", index=0, namespace="", values=None, **labels):
    """A GPU as sources speak of it: labels and the values of its fields."""
    named = {"gpu": str(index), "UUID": uuid, "modelName": "NVIDIA H200", "hostname": host}
    if namespace:
        named |= {"container": "main", "namespace": namespace, "pod": f"{namespace}-0"}
    plain = {"busy": 50, "memory_mib": 1000, "power_w": 300.5, "temperature_c": 40, "xid": 0}
    return {**named, **labels}, {**plain, **(values or {})}


def exposition(gpus, drained=()) -> str:
    parts = []
    for field, metric in FIELDS.items():
        lines = [
            f"{metric}{{{','.join(f'{name}={json.dumps(value)}' for name, value in labels.items())}}} {values[field]}"
            for labels, values in gpus
            if field in values
        ]
        if lines:
            parts += [f"# HELP {metric} Something.", f"# TYPE {metric} gauge", *lines]
    parts += [f'kube_node_spec_unschedulable{{node="{host}"}} 1' for host in drained]
    return "\n".join(parts) + "\n"


def prometheus(gpus, drained=(), at=1700000000.5) -> Callable[[socket, str], None]:
    """Answers the instant queries that the collector asks, as a server would that had scraped these GPUs."""

    def behave(connection, head):
        query = parse_qs(urlsplit(head.split(" ")[1]).query)["query"][0]
        wire.answers(json.dumps({"status": "success", "data": {"resultType": "vector", "result": result(query)}}))(
            connection, head
        )

    def result(query: str) -> list[object]:
        if "timestamp" in query:
            return [sample({}, at)]
        if "unschedulable" in query:
            return [sample({"__name__": "kube_node_spec_unschedulable", "node": host}, 1) for host in drained]
        asked = re.fullmatch(r"max by \((.+)\) \((\w+)({.*})? < 2147483632\)", query)
        field = next(name for name, metric in FIELDS.items() if metric == asked[2])
        return maxima(gpus, asked[1].split(", "), field)

    def sample(labels: Mapping[str, str], value: float) -> object:
        return {"metric": labels, "value": [1700000010.0, str(value)]}

    def maxima(gpus: Iterable, names: list[str], field: str) -> list[object]:
        found: dict[tuple, float] = {}
        for labels, values in gpus:
            if field in values and values[field] < 2147483632:
                key = tuple((name, labels[name]) for name in sorted(names) if name in labels)
                found[key] = max(found.get(key, values[field]), values[field])
        return [sample(dict(key), value) for key, value in found.items()]

    return behave
