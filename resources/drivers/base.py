"""The contract between the portal and the engines that hold quotas. A driver imports no model and no Django.

A driver knows totals only: ``apply`` says how many GPUs of a kind an environment may use, as often as wanted with
the same effect, and ``read_back`` says what the engine really has. Nothing else counts as observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Enforcement(StrEnum):
    """What becomes of a quota on this engine; said on the page before the decision."""

    ENFORCED = "enforced"
    COUNTED_ONLY = "counted_only"
    NOT_ENFORCEABLE = "not_enforceable"


@dataclass(frozen=True, slots=True)
class Target:
    """One quota on one engine. ``environment`` and ``kind`` are the engine's own names.

    ``settings`` are the cluster's, as its operator typed them, with one entry that comes from the installation alone:
    ``allowed_networks``, the private and loopback networks that may be asked.
    """

    url: str
    environment: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    deadline_seconds: float = 10.0
    token: str = field(default="", repr=False)
    """What the engine knows the portal by, for ``url`` alone."""
    ca: str = field(default="", repr=False)
    """PEM certificates that alone are trusted for TLS; empty: the system's."""

    @property
    def networks(self) -> tuple[str, ...]:
        return tuple(self.settings.get("allowed_networks", ()))


@dataclass(frozen=True, slots=True)
class Observation:
    """What the engine says at ``at`` (unix seconds): its limit (None: it has none) and GPUs in use (None: unknown)."""

    limit: int | None
    used: int | None
    at: float


class DriverError(Exception):
    """The engine did not do it; the text is a sentence for the quota's page."""


class EngineSilent(DriverError):
    """No answer in time; the same may be tried again."""


class EngineRefused(DriverError):
    """An answer that says no, or that makes no sense."""


class Driver(Protocol):
    key: str
    label: str

    def capability(self, kind: str) -> Enforcement: ...

    def ensure_environment(self, target: Target) -> None: ...

    def apply(self, target: Target, total: int) -> None: ...

    def read_back(self, target: Target) -> Observation: ...


_drivers: dict[str, Driver] = {}


def register(driver_class: type[Driver]) -> type[Driver]:
    """Put a member into the family, under its own key."""
    _drivers[driver_class.key] = driver_class()
    return driver_class


def driver(key: str) -> Driver:
    """The member called ``key``; LookupError names those there are."""
    try:
        return _drivers[key]
    except KeyError:
        raise LookupError(f"there is no driver {key!r}; there are {sorted(_drivers)}") from None


def drivers() -> list[tuple[str, str]]:
    """Key and label of every member, for the cluster form."""
    return [(key, member.label) for key, member in sorted(_drivers.items())]
