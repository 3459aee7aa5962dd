"""The engine of the demo's data sources (resources/demo/answers.py), reached over HTTP like a real one."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import msgspec

from portal.core.addresses import OutboundError
from portal.core.outbound import request
from resources.drivers.base import Enforcement, EngineRefused, EngineSilent, Observation, Target, register

LARGEST_ANSWER = 2**20


class _Quota(msgspec.Struct):
    limit: int
    used: int


@register
class Fake:
    key = "fake"
    label = "Demo engine"

    def capability(self, kind: str) -> Enforcement:
        return Enforcement.ENFORCED

    def ensure_environment(self, target: Target) -> None:
        _ask(target, "PUT", f"environments/{quote(target.environment, safe='')}", {})

    def apply(self, target: Target, total: int) -> None:
        _ask(target, "PUT", _quota_path(target), {"limit": total})

    def read_back(self, target: Target) -> Observation:
        body = _ask(target, "GET", _quota_path(target), absent=b"")
        if not body:
            return Observation(limit=None, used=None, at=time.time())
        try:
            seen = msgspec.json.decode(body, type=_Quota)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise EngineRefused(f"{target.url} answered something that is not a quota.") from None
        return Observation(limit=seen.limit, used=seen.used, at=time.time())


def _quota_path(target: Target) -> str:
    return f"quotas/{quote(target.environment, safe='')}/{quote(target.kind, safe='')}"


def _ask(
    target: Target, method: str, path: str, body: dict[str, Any] | None = None, absent: bytes | None = None
) -> bytes:
    """The body of a good answer; ``absent`` where the engine knows no such thing."""
    try:
        answer = request(
            method,
            f"{target.url.rstrip('/')}/engine/{path}",
            deadline_seconds=target.deadline_seconds,
            networks=target.networks,
            token=target.token,
            ca=target.ca,
            body=None if body is None else json.dumps(body).encode(),
            largest_body=LARGEST_ANSWER,
        )
    except OutboundError as error:
        kind = EngineRefused if error.code in {"address", "broken", "too_large"} else EngineSilent
        raise kind(str(error)) from None
    if answer.status == 404 and absent is not None:  # noqa: PLR2004
        return absent
    if answer.status != 200:  # noqa: PLR2004
        raise EngineRefused(f"{target.url} refuses with status {answer.status}: {_reason(answer.body)}")
    return answer.body


def _reason(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict[str, Any])["error"])[:300]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        return "it gives no reason."
