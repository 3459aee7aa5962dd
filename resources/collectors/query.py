"""Reads what Prometheus' query interface answers to an instant query (https://prometheus.io/docs/prometheus/latest/querying/api/).

Label sets stay as the bytes in which they came, and are understood once per text (see gpus.py).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from resources.collectors.exposition import GarbledText


class QueryFailed(Exception):
    """No vector came back; the text continues a sentence that begins with the server's name."""


@dataclass(frozen=True, slots=True)
class Vector:
    labels: list[Hashable]
    values: NDArray[np.float64]
    warnings: list[str]


# One per GPU and metric: the garbage collector need not look at them, and would do so for most of the time.
class _Value(msgspec.Struct, array_like=True, gc=False):
    at: float
    text: str


class _Sample(msgspec.Struct, gc=False):
    metric: msgspec.Raw
    value: _Value


class _Data(msgspec.Struct):
    result_type: str = msgspec.field(name="resultType")
    result: msgspec.Raw = msgspec.Raw()


class _Answer(msgspec.Struct):
    status: str
    data: _Data | None = None
    error: str = ""
    warnings: list[str] = []  # msgspec copies an empty default


_answer = msgspec.json.Decoder(_Answer)
_samples = msgspec.json.Decoder(list[_Sample])
_labels = msgspec.json.Decoder(dict[str, str])


def vector(body: bytes) -> Vector:
    """The samples of an instant vector. Raises QueryFailed."""
    try:
        answer = _answer.decode(body)
        if answer.status != "success" or answer.data is None:
            raise QueryFailed(f"refuses the query: {answer.error[:200] or 'no reason given'}")
        if answer.data.result_type != "vector":
            raise QueryFailed(f"answers with a {answer.data.result_type[:20]}, not with a vector")
        found = _samples.decode(answer.data.result)
        values = np.array(list(map(float, [each.value.text for each in found])), dtype=np.float64)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise QueryFailed("answers, but not as a Prometheus server does") from None
    return Vector([bytes(each.metric) for each in found], values, answer.warnings)


def parse_labels(text: Hashable) -> dict[str, str]:
    """Raises GarbledText."""
    try:
        return _labels.decode(text)  # type: ignore[arg-type]  # bytes, as vector() gave them
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GarbledText("no label set") from None
