"""Asks a door as somebody, and reads the answer with suspicion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.models import User
from tests.matrix.people import KEYS, NOBODY, People, knows
from tests.world import CANARY, World

NAMES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
WRITES = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM) "(tenants|resources|portal)_(?!auditevent)', re.IGNORECASE)


def ask(client: Client, method: str, path: str, data: Any = None, **headers: str) -> HttpResponse:
    """One request in a savepoint of its own, which is taken back."""
    kind = {"content_type": "application/json"} if "/api/" in path else {}
    with transaction.atomic():
        answer = getattr(client, method.lower())(path, data, headers=headers, **kind)
        transaction.set_rollback(True)
    return answer


def wrote(client: Client, method: str, path: str, data: Any = None) -> tuple[HttpResponse, list[str]]:
    """The answer, and every statement that changed a row of ours (an attempt may be recorded in the trail)."""
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, method, path, data)
    return answer, [query["sql"][:150] for query in queries.captured_queries if WRITES.match(query["sql"])]


def said(answer: HttpResponse) -> str:
    """Everything that reaches the person: body and headers, but for the length, which is a number by chance."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told = [f"{name}: {value}" for name, value in answer.headers.items() if name != "Content-Length"]
    return body.decode(errors="replace") + "\n".join(told)


def shows(world: World, person: str, key: str, answer: HttpResponse) -> bool:
    """Whether something of ``key`` is in the answer, beside the person's own name in the frame of the page."""
    text = said(answer)
    if isinstance(user := world.people[person], User):
        text = text.replace(user.full_name, "").replace(user.email, "")
    return bool(world.marks(key).search(text))


def leaks(
    world: World, person: str, path: str, answer: HttpResponse, tells: Mapping[str, People] | None = None
) -> Iterator[str]:
    """What of others' is in the answer, apart from the ids that the person asked with."""
    text = said(answer)
    if CANARY in text:
        yield f"{person} finds the credential of a cluster at {path}"
    for name in NAMES.findall(path):
        text = text.replace(name, "")
    for key in KEYS:
        known = knows(key) | (tells or {}).get(key, NOBODY)
        if person not in known and (found := world.marks(key).search(text)):
            yield f"{person} finds {found[0]!r} of {key} at {path}"


def status(answer: HttpResponse) -> int | str:
    """The status; of a fault, what was raised."""
    error = getattr(answer, "exc_info", None)
    return f"500 {error[1]!r}" if answer.status_code == 500 and error else answer.status_code
