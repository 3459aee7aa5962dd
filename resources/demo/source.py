"""A demo cluster that answers: one generator behind a lock, its text written once per tick however many ask."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from resources.demo import cast, dcgm
from resources.demo.calibration import Calibration
from resources.demo.engine import Engine, EngineError
from resources.demo.fleet import Fleet
from resources.demo.generator import Generator


class Source:
    """Nothing moves while nobody asks; the next question moves everything on to its own time."""

    def __init__(
        self,
        cluster: cast.Cluster,
        fleet: Fleet,
        engine: Engine,
        real: Calibration,
        *,
        tick: float = 2.0,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        silence: Path | None = None,
    ) -> None:
        self.cluster, self.fleet, self.engine, self.real = cluster, fleet, engine, real
        self.generator = Generator(fleet, engine, cast.stages(), real, seed)
        self._labels = dcgm.Labels(fleet, self.generator.jobs)
        self._nodes = dcgm.render_nodes(fleet).encode()
        self._tick, self._clock, self._silence = tick, clock, silence
        self._lock = threading.Lock()
        self._step = -1
        self._text = b""
        self._packed: bytes | None = None

    def metrics(self, *, packed: bool = False) -> bytes:
        """What dcgm-exporter would answer now; ``packed`` with gzip."""
        with self._lock:
            self._follow()
            if not packed:
                return self._text
            if self._packed is None:
                squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
                self._packed = squeeze.compress(self._text) + squeeze.flush()
            return self._packed

    @property
    def silent(self) -> bool:
        """Whether somebody holds the cluster silent for a while (`manage.py demo_silence`)."""
        try:
            return bool(self._silence and float(self._silence.read_text()) > self._clock())
        except (OSError, ValueError):
            return False

    def nodes(self) -> bytes:
        return self._nodes

    def health(self) -> dict[str, object]:
        return {"cluster": self.cluster.slug, "gpus": len(self.fleet), "source": self.real.source}

    def quota(self, namespace: str, kind: str) -> dict[str, object]:
        with self._lock:
            self._follow()
            if not self.engine.known(namespace, kind):
                raise EngineError(404, f"{namespace} has no quota of {kind} here.")
            return self._quota(namespace, kind)

    def quotas(self, namespace: str = "") -> list[dict[str, object]]:
        with self._lock:
            self._follow()
            return [
                self._quota(name, kind)
                for name, limits in sorted(self.engine.limits.items())
                for kind in sorted(limits)
                if not namespace or name == namespace
            ]

    def set_quota(self, namespace: str, kind: str, limit: object) -> dict[str, object]:
        with self._lock:
            self.engine.set_limit(namespace, kind, limit)
            self._follow()
            return self._quota(namespace, kind)

    def ensure_environment(self, namespace: str) -> dict[str, object]:
        with self._lock:
            self.engine.ensure_environment(namespace)
            return {"namespace": namespace}

    def force(self, uuid: str, busy: float | None) -> None:
        """From now on this GPU is so busy (percent), whoever holds it; None lets it go."""
        with self._lock:
            try:
                gpu = self.fleet.uuids.index(uuid)
            except ValueError:
                raise EngineError(404, f"There is no GPU {uuid} here.") from None
            if busy is None:
                self.generator.forced.pop(gpu, None)
            else:
                self.generator.forced[gpu] = min(100.0, max(0.0, busy))
            self._step = -1

    def _quota(self, namespace: str, kind: str) -> dict[str, object]:
        return {
            "namespace": namespace,
            "kind": kind,
            "limit": self.engine.limit(namespace, kind),
            "used": self.generator.jobs.used(namespace, kind),
        }

    def _follow(self) -> None:
        now = self._clock()
        if (step := int(now / self._tick)) == self._step:
            return
        self._step = step
        reading = self.generator.advance(now)
        self._text = dcgm.render(self.fleet, reading, self._labels.follow()).encode()
        self._packed = None
