"""The Celery application and the portal's one timetable.

Every entry wakes a sweep that finds its own work in the tables, so a lost wake-up costs one interval and never the
work. Ticks expire before the next one is due: what is late is skipped, not queued.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # in every thread, not only in the one that imports this
app.autodiscover_tasks()
