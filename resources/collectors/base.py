"""What every collector promises: asked for a cluster, it says what each GPU there does now, or why it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Health(IntEnum):
    OK = 0
    DRAINED = 1
    """Works, but takes no new jobs."""
    DOWN = 2


class CollectorError(Exception):
    """There is no snapshot. The text is a sentence that names the source and the cause."""


class SourceSilent(CollectorError):
    """Nothing answered in time, or nobody could be asked."""


class SourceGarbled(CollectorError):
    """Something answered, but not with GPUs."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where and how to ask. ``settings`` are the cluster's, as its operator typed them, with one entry that comes from
    the installation alone: ``allowed_networks``, the private and loopback networks that may be asked.
    """

    cluster_id: int
    url: str = ""
    mode: str = "exporters"
    urls: tuple[str, ...] = ()
    deadline_seconds: float = 8.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    token: str = field(default="", repr=False)
    """Sent as ``Authorization: Bearer`` to the addresses above, and nowhere else."""
    ca: str = field(default="", repr=False)
    """PEM certificates that alone are trusted for TLS; empty: the system's."""

    @property
    def networks(self) -> tuple[str, ...]:
        return tuple(self.settings.get("allowed_networks", ()))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One entry per GPU in every column, ordered by host and index; NaN and -1 where the source does not say.

    A GPU with a namespace is allocated, one without is free.
    """

    measured_at: float
    """When the source measured, in Unix seconds."""
    uuids: tuple[str, ...]
    hosts: tuple[str, ...]
    indexes: NDArray[np.int16]
    models: tuple[str, ...]
    """As the exporter names them."""
    namespaces: tuple[str, ...]
    """Who holds it; empty: nobody."""
    busy: Floats
    """0..1"""
    memory_mib: Floats
    power_w: Floats
    temperature_c: Floats
    health: NDArray[np.uint8]
    problems: tuple[str, ...] = ()
    """Sentences about what could not be read, although the rest could."""

    def __len__(self) -> int:
        return len(self.uuids)


class Collector(Protocol):
    key: ClassVar[str]
    label: ClassVar[str]

    def collect(self, source: Source) -> Snapshot:
        """Raises SourceSilent or SourceGarbled, at the latest when the deadline has passed."""


C = TypeVar("C", bound=type[Collector])
_FAMILY: dict[str, Collector] = {}


def register(key: str) -> Callable[[C], C]:
    """Class decorator: one instance of it serves all clusters under this key, from several threads."""

    def keep(cls: C) -> C:
        cls.key = key
        _FAMILY[key] = cls()
        return cls

    return keep


def collector(key: str) -> Collector:
    """Raises CollectorError when this installation has none of that name."""
    try:
        return _FAMILY[key]
    except KeyError:
        known = ", ".join(sorted(_FAMILY))
        raise CollectorError(f"There is no collector {key!r} in this installation; there are {known}.") from None


def collectors() -> list[tuple[str, str]]:
    """Key and label of each."""
    return [(key, each.label) for key, each in sorted(_FAMILY.items())]
