"""The programmes of `make run`: one web server, two workers, the timetable, one data source per demo cluster.

Workers serve with threads: a hanging source holds one thread, and no process exists that its parent's death could
leave behind.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace

from django.conf import settings

from portal.embedded import ports
from portal.embedded.supervisor import Programme
from portal.management import world
from portal.settings import env
from resources.demo import past
from resources.models import Cluster

COLLECT_THREADS_AT_LEAST = 8


def all_of_them(host: str, port: int) -> tuple[list[Programme], list[Programme]]:
    """Those that the first page needs, and those that may wait for it."""
    return [web(host, port)], [*sources(), collector(), worker(port), timetable(), *the_past()]


def web(host: str, port: int) -> Programme:
    command = [
        sys.executable, "-m", "uvicorn", "portal.asgi:application", "--host", host, "--port", str(port),
        "--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--lifespan", "off",
        "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3",
    ]  # fmt: skip
    return Programme("web", command, env={"DATABASE_POOL": env.text("DATABASE_POOL", "8"), "HOST": host})


def sources() -> list[Programme]:
    """Each demo cluster's GPUs answer from a process of their own, on the port that the seed has told the portal."""
    found = []
    for slug, port in ports.known_ports().items() if world.has_sources() else ():
        command = [sys.executable, "-m", "resources.demo.exporter", "--cluster", slug, "--port", str(port)]
        found.append(Programme(slug[:12], [*command, "--state-dir", str(settings.DEMO_DIR)], grace=3))
    return found


def the_past() -> list[Programme]:
    """A demo that begins has had a day before: replayed beside the first pages, in some twenty seconds."""
    if not (world.has_sources() and past.is_missing()):
        return []
    return [Programme("past", [sys.executable, "manage.py", "demo_past"], grace=3, once=True)]


def collector() -> Programme:
    # A fifth more threads than clusters: some sources may hang and the others still be read in time.
    threads = max(COLLECT_THREADS_AT_LEAST, math.ceil(1.2 * Cluster.objects.count()))
    return _celery("collect", "worker", "-n", "collect@%h", "-Q", "collect", "-c", str(threads), *_QUIET)


def worker(port: int) -> Programme:
    # What it mails links to the pages of this web server.
    programme = _celery("worker", "worker", "-n", "worker@%h", "-Q", "default,rollup", "-c", "4", *_QUIET)
    return replace(programme, env={**programme.env, "PORT": str(port)})


def timetable() -> Programme:
    return _celery("beat", "beat", "--schedule", settings.CELERY_BEAT_SCHEDULE_FILENAME, "--pidfile=")


_QUIET = ("--pool", "threads", "--without-gossip", "--without-mingle", "--without-heartbeat")


def _celery(name: str, *words: str) -> Programme:
    # In a container everybody is root; Celery's advice against it would be the first thing that people read.
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    command = [
        sys.executable,
        *quiet,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "portal.celery",
        *words,
        "--loglevel",
        "WARNING",
    ]
    # `make check` runs Django's checks; here they would only load every page into the workers.
    return Programme(name, command, env={"CELERY_SKIP_CHECKS": "1"}, grace=12)
