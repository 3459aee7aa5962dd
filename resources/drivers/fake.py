"""The engine of the demo's data sources: GET /engine/quotas, PUT /engine/quotas/<environment>/<kind>."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import httpx

from resources.drivers.base import Enforcement, EngineRefused, EngineSilent, Observation, Target, register


@register
class Fake:
    key = "fake"
    label = "Demo engine"

    def capability(self, kind: str) -> Enforcement:
        return Enforcement.ENFORCED

    def ensure_environment(self, target: Target) -> None:
        """The demo engine makes an environment with its first quota."""

    def apply(self, target: Target, total: int) -> None:
        path = f"/engine/quotas/{quote(target.environment, safe='')}/{quote(target.kind, safe='')}"
        _ask(target, "PUT", path, {"limit": total})

    def read_back(self, target: Target) -> Observation:
        answer = _ask(target, "GET", "/engine/quotas")
        try:
            rows = {(row["environment"], row["kind"]): row for row in answer["quotas"]}
            row = rows.get((target.environment, target.kind), {})
            limit, used = row.get("limit"), row.get("used")
        except (KeyError, TypeError) as error:
            raise EngineRefused(f"{target.url} answered something that is not a list of quotas.") from error
        return Observation(limit=limit, used=used, at=time.time())


def _ask(target: Target, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        answer = httpx.request(
            method, target.url.rstrip("/") + path, json=body, timeout=target.deadline_seconds, follow_redirects=False
        )
    except httpx.HTTPError as error:
        raise EngineSilent(f"{target.url} did not answer: {type(error).__name__}.") from error
    if answer.is_error:
        raise EngineRefused(f"{target.url} refused {method} {path} with status {answer.status_code}.")
    try:
        return answer.json() if answer.content else {}
    except ValueError as error:
        raise EngineRefused(f"{target.url} answered something that is not JSON.") from error
