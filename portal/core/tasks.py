"""Background work: ids in, nothing out. The table is the queue; a task is only the wake-up.

``@job`` names a task, ``nudge`` wakes one by its name after commit, so services never import tasks. Every task may
be lost, repeated, late, or beside itself; the timetable (portal.celery) wakes each sweep again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from typing import Any

import structlog
from celery import current_app, shared_task
from django.apps import apps
from django.db import transaction

from portal.core.isolation import as_worker

log = structlog.get_logger(__name__)

QUEUES: dict[str, str] = {}
"""Task name → queue, filled by ``@job`` so that whatever is sent by name lands where it is served (``route``)."""


def job(name: str, *, queue: str = "default", **options: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a function a task called ``name``, served from ``queue``; its result is never kept.

    It acts as the portal itself, whatever ran in this process before (``portal.core.isolation``).
    """

    def register(function: Callable[..., None]) -> Any:
        QUEUES[name] = queue

        @wraps(function)
        def as_the_portal(*args: Any, **kwargs: Any) -> None:
            with as_worker():
                function(*args, **kwargs)

        return shared_task(name=name, ignore_result=True, **options)(as_the_portal)

    return register


def route(name: str, *_args: Any, **_options: Any) -> dict[str, str]:
    """The queue of a task, wherever it is sent from: Celery's ``task_routes``."""
    app = name.partition(".")[0]
    if name not in QUEUES and apps.is_installed(app):  # a web process has not imported what it wakes
        import_module(f"{app}.tasks")
    return {"queue": QUEUES.get(name, "default")}


def nudge(name: str, *ids: int | str, **options: Any) -> None:
    """Wake the task ``name`` once this transaction commits. A dead broker costs a minute, never the work.

    ``options`` are Celery's, such as ``expires``: the seconds after which the wake-up is worth nothing.
    """
    transaction.on_commit(partial(_send, name, ids, options), robust=True)


def _send(name: str, ids: tuple[int | str, ...], options: dict[str, Any]) -> None:
    try:
        current_app.send_task(name, args=ids, retry=False, ignore_result=True, **options)
    except Exception as error:  # noqa: BLE001 - the sweep by timetable does the same work a little later
        log.warning("nudge_lost", task_name=name, error=repr(error))
