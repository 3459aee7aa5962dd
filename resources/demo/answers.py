"""The addresses of a demo source.

GET  /metrics  /kube-state-metrics  /healthz
GET  /engine/quotas                          all limits, with what is in use
GET  /engine/quotas/NAMESPACE[/KIND]         404 for a kind that has no limit
PUT  /engine/quotas/NAMESPACE/KIND           {"limit": 24}: a total; saying it twice changes nothing
PUT  /engine/environments/NAMESPACE          the namespace exists
POST /control/busy                           {"uuid": "GPU-...", "busy": 87 or null}; only with --control
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from resources.demo.engine import EngineError
from resources.demo.source import Source

MOST_BODY = 10_000
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def handler(source: Source, *, control: bool) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (Handler,), {"source": source, "control": control})


class Handler(BaseHTTPRequestHandler):
    source: ClassVar[Source]
    control: ClassVar[bool]
    protocol_version = "HTTP/1.1"
    # A client that says nothing holds a thread no longer than this.
    timeout = 30

    def parse_request(self) -> bool:
        """Nothing at all is answered while the source is held silent, as if its machine were gone."""
        if not super().parse_request():
            return False
        if self.source.silent and not self.path.startswith("/healthz"):
            self.close_connection = True
            return False
        return True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            packed = "gzip" in self.headers.get("Accept-Encoding", "")
            self._send(200, self.source.metrics(packed=packed), TEXT, packed=packed)
        elif path == "/kube-state-metrics":
            self._send(200, self.source.nodes(), TEXT)
        else:
            self._answer(self._look, path)

    def do_PUT(self) -> None:
        self._answer(self._write, self.path)

    def do_POST(self) -> None:
        self._answer(self._force, self.path)

    def _look(self, path: str) -> object:
        match path.strip("/").split("/"):
            case ["healthz"]:
                return self.source.health()
            case ["engine", "quotas"]:
                return {"quotas": self.source.quotas()}
            case ["engine", "quotas", namespace]:
                return {"quotas": self.source.quotas(namespace)}
            case ["engine", "quotas", namespace, kind]:
                return self.source.quota(namespace, kind)
        raise EngineError(404, "There is nothing at this address.")

    def _write(self, path: str) -> object:
        body = self._body()
        match path.strip("/").split("/"):
            case ["engine", "environments", namespace]:
                return self.source.ensure_environment(namespace)
            case ["engine", "quotas", namespace, kind]:
                return self.source.set_quota(namespace, kind, body.get("limit"))
        raise EngineError(404, "There is nothing at this address.")

    def _force(self, path: str) -> object:
        body = self._body()
        if path != "/control/busy" or not self.control:
            raise EngineError(404, "There is nothing at this address.")
        uuid, busy = body.get("uuid"), body.get("busy")
        if not isinstance(uuid, str) or not (busy is None or isinstance(busy, int | float)):
            raise EngineError(422, 'Say which GPU and how busy, for example {"uuid": "GPU-...", "busy": 87}.')
        self.source.force(uuid, busy)
        return {"uuid": uuid, "busy": busy}

    def _body(self) -> dict[str, Any]:
        """What was sent. A length that cannot be trusted ends the connection, or the next request would be read in it."""
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= MOST_BODY:
            self.close_connection = True
            raise EngineError(413, f"A body has at most {MOST_BODY} bytes, and says how many.")
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            raise EngineError(400, "The body is not JSON.") from None
        if not isinstance(body, dict):
            raise EngineError(400, "The body is not a JSON object.")
        return body

    def _answer(self, act: Any, path: str) -> None:
        try:
            status, said = 200, act(path)
        except EngineError as error:
            status, said = error.status, {"error": str(error)}
        except OSError as error:
            status, said = 500, {"error": f"The engine cannot keep its state: {error}."}
        self._send(status, json.dumps(said).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, *, packed: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """A line per scrape would bury everything else at the console."""
