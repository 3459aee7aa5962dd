from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from portal.core import tasks
from portal.core.tasks import job, nudge, route

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: sent.append((name, options)), raising=False)
    monkeypatch.setattr(tasks, "current_app", current_app)
    return sent


@pytest.fixture
def planted():
    @job("tests.planted", queue="collect", expires=9)
    def planted(row_id: int) -> None:
        """Does nothing."""

    yield planted
    tasks.QUEUES.pop("tests.planted")
    current_app.tasks.pop("tests.planted", None)


def test_nudge_sends_after_commit(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        nudge("tests.planted", 7)
        assert sent == []
    assert sent == [("tests.planted", {"args": (7,), "retry": False, "ignore_result": True})]


def test_route_of_a_task_is_the_queue_of_its_job(planted):
    router = current_app.amqp.Router()
    assert router.route({}, "tests.planted")["queue"].name == "collect"


def test_route_of_a_task_that_nobody_has_imported_finds_it(monkeypatch):
    current_app.loader.import_default_modules()  # or else the patch would, at its end, forget the task for everybody
    monkeypatch.delitem(tasks.QUEUES, "resources.enforce_quotas")
    assert route("resources.enforce_quotas") == {"queue": "default"}
    assert route("nobody.knows") == {"queue": "default"}


def test_nudge_in_an_act_that_fails_sends_nothing(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        nudge("tests.planted", 7)
        raise ZeroDivisionError
    assert sent == []


def test_nudge_to_a_dead_broker_is_forgiven(monkeypatch, django_capture_on_commit_callbacks):
    def dead(*args: Any, **options: Any) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(current_app, "send_task", dead, raising=False)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        nudge("tests.planted", 7)
    assert len(callbacks) == 1


def test_a_job_keeps_no_result(planted):
    assert planted.ignore_result is True
    assert planted.name == "tests.planted"
    assert planted.expires == 9
