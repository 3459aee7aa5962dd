"""A data source in the test's own hands: a few GPUs whose values the test sets, and a note of every reading."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "NVIDIA H100 80GB HBM3"
BLOCK = "# HELP {name} {name}\n# TYPE {name} gauge\n"


class Source:
    """dcgm-exporter's text of ``gpus`` GPUs on one host; ``held`` of them belong to ``namespace``, ``busy`` percent each.

    ``readings``: when each answer was given, seconds since the epoch.
    """

    def __init__(self, gpus: int = 8) -> None:
        self.gpus, self.held, self.busy, self.namespace = gpus, 0, 0, ""
        self.readings: list[float] = []
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/metrics"

    def start(self) -> Source:
        source = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = source.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                source.readings.append(time.time())

            def log_message(self, *args: Any) -> None:
                """A line per reading would bury the test's own words."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def read_since(self, moment: float, seconds: float = 30) -> float:
        """When it was first read after ``moment``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if later := [at for at in self.readings if at > moment]:
                return later[0]
            time.sleep(0.02)
        raise AssertionError(f"nobody has read the source for {seconds} s")

    def text(self) -> str:
        values = {
            "DCGM_FI_DEV_GPU_UTIL": lambda gpu: self.busy if gpu < self.held else 0,
            "DCGM_FI_DEV_FB_USED": lambda gpu: 40_000 if gpu < self.held else 4,
            "DCGM_FI_DEV_POWER_USAGE": lambda gpu: 80 + 6 * self.busy if gpu < self.held else 70,
            "DCGM_FI_DEV_GPU_TEMP": lambda gpu: 62 if gpu < self.held else 31,
            "DCGM_FI_DEV_XID_ERRORS": lambda _gpu: 0,
        }
        return "".join(
            BLOCK.format(name=name) + "".join(f"{name}{{{self._labels(gpu)}}} {of(gpu)}\n" for gpu in range(self.gpus))
            for name, of in values.items()
        )

    def _labels(self, gpu: int) -> str:
        place = f'gpu="{gpu}",UUID="GPU-{gpu:08d}",device="nvidia{gpu}",modelName="{MODEL}",hostname="node-1"'
        pod = f',container="main",namespace="{self.namespace}",pod="{self.namespace}-0"' if gpu < self.held else ""
        return place + pod
