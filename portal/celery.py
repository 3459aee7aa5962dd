"""The Celery application and the portal's one timetable.

Every line of it, written beside the tasks it wakes, wakes a sweep that finds its own work in the tables: a lost
wake-up costs one interval and never the work. Wake-ups expire before the next one is due: what is late is skipped,
not queued.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # in every thread, not only in the one that imports this
app.autodiscover_tasks()


def timetable() -> dict[str, dict[str, Any]]:
    """All lines of all apps; two under one name are a mistake."""
    found: dict[str, dict[str, Any]] = {}
    for module in ("portal.tasks", "tenants.tasks", "resources.tasks"):
        lines = import_module(module).TIMETABLE
        if twice := found.keys() & lines.keys():
            raise ValueError(f"The timetable has two lines called {sorted(twice)}.")
        found |= lines
    return found


def _hang_up_the_timetable(**_: Any) -> None:
    """Once Django is ready and the tasks are there; connected last, so it runs last."""
    app.conf.beat_schedule = timetable()


signals.import_modules.connect(_hang_up_the_timetable, sender=app, weak=False)


def _refuse_a_login_without_walls(**_: Any) -> None:
    import_module("portal.core.isolation").check_login()


signals.worker_init.connect(_refuse_a_login_without_walls, weak=False)
