"""Readings: handing out turns, taking them, keeping the minutes. The sums are made where they are kept."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab
from django.utils import timezone

from portal.core.tasks import job, nudge
from resources.services import minutes, samples

TIMETABLE: dict[str, dict[str, Any]] = {
    "hand out the readings that are due": {
        "task": "resources.collect_due",
        "schedule": 1.0,
        "options": {"queue": "collect", "expires": 0.9},
    },
    "keep the last minutes": {
        "task": "resources.flush_minutes",
        "schedule": crontab(),
        "options": {"queue": "rollup", "expires": 50},
    },
    "sum the hours": {
        "task": "resources.sum_hours",
        "schedule": crontab(minute="*/10"),
        "options": {"queue": "rollup", "expires": 500},
    },
    "make and drop partitions": {
        "task": "resources.tend_partitions",
        "schedule": crontab(minute=20),
        "options": {"queue": "rollup", "expires": 3000},
    },
}


@job("resources.collect_due", queue="collect")
def collect_due() -> None:
    for cluster_id, seconds in samples.due_clusters():
        nudge("resources.collect_cluster", cluster_id, expires=0.9 * seconds)


@job("resources.collect_cluster", queue="collect")
def collect_cluster(cluster_id: int) -> None:
    samples.collect_cluster(cluster_id)


@job("resources.flush_minutes", queue="rollup")
def flush_minutes() -> None:
    minutes.flush_minutes(timezone.now())


@job("resources.sum_hours", queue="rollup")
def sum_hours() -> None:
    minutes.sum_hours(timezone.now())


@job("resources.tend_partitions", queue="rollup")
def tend_partitions() -> None:
    minutes.make_partitions(timezone.now())
    minutes.drop_partitions(timezone.now())
