"""The fake engine of a demo cluster: it keeps how many GPUs a namespace may hold, and nothing else.

Kept in one file, so that a restart forgets no quota. Limits are totals per namespace and kind, as in real engines;
lowering one below what is in use evicts nobody.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
MOST = 1_000_000


class EngineError(Exception):
    """A request that the engine refuses; ``status`` as in HTTP."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Engine:
    """``file`` holds the state; without one nothing outlives the process."""

    def __init__(self, kinds: Iterable[str], first: Mapping[str, Mapping[str, int]], file: Path | None = None) -> None:
        self.kinds = tuple(kinds)
        self._file = file
        kept = _read(file) if file else None
        self.limits: dict[str, dict[str, int]] = {
            name: dict(limits) for name, limits in (first if kept is None else kept).items()
        }

    def limit(self, name: str, kind: str) -> int:
        return self.limits.get(name, {}).get(kind, 0)

    def ensure_environment(self, name: str) -> None:
        self._check_name(name)
        if name not in self.limits:
            self.limits[name] = {}
            self._keep()

    def set_limit(self, name: str, kind: str, limit: object) -> None:
        self._check_name(name)
        if kind not in self.kinds:
            raise EngineError(422, f"This cluster has no GPUs of the kind {kind}; it has {', '.join(self.kinds)}.")
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= MOST:
            raise EngineError(422, f"A limit is a whole number from 0 to {MOST}.")
        if self.limits.get(name, {}).get(kind) != limit:
            self.limits.setdefault(name, {})[kind] = limit
            self._keep()

    def known(self, name: str, kind: str) -> bool:
        return kind in self.limits.get(name, {})

    def _check_name(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise EngineError(
                422, f"{name!r} is no name of a namespace: small letters, digits and hyphens, at most 63."
            )

    def _keep(self) -> None:
        if self._file is None:
            return
        half = self._file.with_suffix(".new")
        with half.open("w") as file:
            json.dump({"limits": self.limits}, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self._file)


def _read(file: Path) -> dict[str, dict[str, int]] | None:
    """None before the first quota was written, or when the file cannot be understood."""
    try:
        kept = json.loads(file.read_text())["limits"]
        return {str(name): {str(kind): int(n) for kind, n in limits.items()} for name, limits in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
