from __future__ import annotations

import threading

import celery
import pytest

from portal.celery import app, timetable
from portal.core.tasks import QUEUES, route

SERVED = {"default", "collect", "rollup"}


@pytest.fixture(autouse=True)
def modules():
    app.autodiscover_tasks(force=True)


def test_timetable_names_only_tasks_that_exist_and_lets_every_wakeup_expire():
    wrong = {
        name: line
        for name, line in timetable().items()
        if line["task"] not in QUEUES or "expires" not in line.get("options", {})
    }
    assert wrong == {}


def test_tasks_are_sent_only_to_queues_that_a_worker_serves():
    assert {name: queue for name, queue in QUEUES.items() if queue not in SERVED} == {}
    assert {name: route(name)["queue"] for name in QUEUES} == QUEUES


def test_application_is_the_same_in_every_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(celery.current_app.main))
    thread.start()
    thread.join()
    assert seen == ["portal"]
