"""A collector that is told what to say, in the cluster's settings: for tests, and to try a page without a source.

{"rows": [{"uuid": "GPU-1", "host": "node1", "index": 0, "model": "NVIDIA H200", "namespace": "a", "busy": 0.9}],
"measured_at": 1700000000}
{"silent": "node1 does not answer."}    {"garbled": "node1 says nonsense."}
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from resources.collectors.base import Floats, Snapshot, Source, SourceGarbled, SourceSilent, register


@register("fake")
class FakeCollector:
    key: ClassVar[str]
    label: ClassVar[str] = "Fixed rows, for trials"

    def collect(self, source: Source) -> Snapshot:
        told = source.settings
        if told.get("silent"):
            raise SourceSilent(str(told["silent"]))
        if told.get("garbled"):
            raise SourceGarbled(str(told["garbled"]))
        try:
            return _snapshot(told)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise SourceGarbled(f"The rows in the settings cannot be understood: {error}.") from None


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    rows = sorted(told.get("rows", ()), key=lambda row: (str(row.get("host", "")), int(row.get("index", 0))))
    if not rows:
        raise ValueError("there are none")

    def texts(name: str) -> tuple[str, ...]:
        return tuple(str(row.get(name, "")) for row in rows)

    def numbers(name: str) -> Floats:
        return np.array([row.get(name, math.nan) for row in rows], dtype=np.float32)

    whole: Callable[[str], list[int]] = lambda name: [int(row.get(name, 0)) for row in rows]  # noqa: E731
    return Snapshot(
        measured_at=float(told.get("measured_at") or time.time()),
        uuids=texts("uuid"),
        hosts=texts("host"),
        indexes=np.array(whole("index"), dtype=np.int16),
        models=texts("model"),
        namespaces=texts("namespace"),
        busy=numbers("busy"),
        memory_mib=numbers("memory_mib"),
        power_w=numbers("power_w"),
        temperature_c=numbers("temperature_c"),
        health=np.array(whole("health"), dtype=np.uint8),
        problems=tuple(map(str, told.get("problems", ()))),
    )
