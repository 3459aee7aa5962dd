"""From a cluster's answer to the browser, by the programmes of the product, while a source hangs.

BENCH_CLUSTERS clusters (8) of BENCH_GPUS GPUs (250), BENCH_HANGING of them hanging (1), read every two seconds by a
worker with threads that the timetable wakes, watched by BENCH_VIEWERS sockets (50) for BENCH_SECONDS (20).
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from websockets.asyncio.client import connect

from resources.models import Environment
from tests.bench.conftest import Score, cpu_seconds, free_port, note, running, wait_for_port
from tests.factories.people import make_user
from tests.factories.resources import make_cluster, make_kind, make_operator, make_pool, make_provider
from tests.factories.tenants import make_project

CLUSTERS = int(os.environ.get("BENCH_CLUSTERS", "8"))
HANGING = int(os.environ.get("BENCH_HANGING", "1"))
GPUS = int(os.environ.get("BENCH_GPUS", "250"))
VIEWERS = int(os.environ.get("BENCH_VIEWERS", "50"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "20"))
PERIOD = 2
CELERY = ("-W", "ignore", "-m", "celery", "--quiet", "-A", "portal.celery")
pytestmark = pytest.mark.django_db(transaction=True)


def build(port: int) -> Any:
    """The clusters, each with one tenant on it; returns somebody who sees all of them whole."""
    provider, kind = make_provider(), make_kind(aliases=["bench"])
    for number in range(CLUSTERS):
        cluster = make_cluster(
            provider=provider, collector="prometheus", collect_seconds=PERIOD,
            collector_settings={"url": f"http://127.0.0.1:{port}/{number}/metrics"},
        )  # fmt: skip
        make_pool(GPUS, cluster=cluster, kind=kind)
        project = make_project()
        Environment.objects.create(
            project=project, cluster=cluster, tenant=project.tenant, authority=project.authority,
            external_name=f"tenant-{number}",
        )  # fmt: skip
    return make_operator(provider, make_user())


def tickets(user: Any) -> tuple[str, list[str]]:
    client = Client()
    client.force_login(user)
    found = [client.get("/live/ticket/", {"topic": "capacity"}).json()["ticket"] for _ in range(VIEWERS)]
    return client.cookies["sessionid"].value, found


async def watch(
    port: int, session: str, ticket: str, ages: list[float], seen: set[tuple[int, int]], begin: float
) -> None:
    async with connect(
        f"ws://127.0.0.1:{port}/ws/live/?ticket={ticket}", compression=None, origin=f"http://127.0.0.1:{port}",
        additional_headers={"Cookie": f"sessionid={session}"},
    ) as socket:  # fmt: skip
        while (left := begin + SECONDS - time.time()) > 0:
            try:
                text = await asyncio.wait_for(socket.recv(), left)
            except TimeoutError:
                return
            if isinstance(text, str) and '"silent":null' in text and time.time() > begin:
                facts = dict(part.split(":") for part in text[1:].split(',"layout"')[0].replace('"', "").split(","))
                if float(facts["at"]) >= begin:
                    ages.append(time.time() - float(facts["at"]))
                    seen.add((int(facts["c"]), int(facts["seq"])))


async def watch_all(port: int, session: str, all_tickets: list[str]) -> tuple[list[float], set[tuple[int, int]]]:
    ages: list[float] = []
    seen: set[tuple[int, int]] = set()
    begin = time.time() + 3
    await asyncio.gather(*(watch(port, session, ticket, ages, seen, begin) for ticket in all_tickets))
    return sorted(ages), seen


@pytest.mark.usefixtures("empty_redis")
def test_a_hanging_source_costs_the_others_nothing(score: Score) -> None:
    note("size", f"{CLUSTERS} clusters of {GPUS} GPUs, {HANGING} hanging, {VIEWERS} viewers, {SECONDS} s")
    sources, web = free_port(), free_port()
    user = build(sources)
    threads = math.ceil(1.2 * CLUSTERS)
    ours = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    with ExitStack() as stack:
        stack.enter_context(running("-m", "tests.bench.sources", *map(str, (sources, CLUSTERS, GPUS, HANGING))))
        words = ("--loglevel", "ERROR", "--pool", "threads", "--without-gossip", "--without-mingle")
        worker = stack.enter_context(running(*CELERY, "worker", "-Q", "collect", "-c", str(threads), *words, **ours))
        server = stack.enter_context(
            running(
                "-m", "uvicorn", "portal.asgi:application", "--port", str(web), "--ws", "websockets-sansio",
                "--ws-per-message-deflate", "false", "--lifespan", "off", "--log-level", "warning", **ours,
            )
        )  # fmt: skip
        wait_for_port(web, 60)
        stack.enter_context(
            running(
                *CELERY,
                "beat",
                "--pidfile=",
                f"--schedule={settings.VAR_DIR / 'bench-beat'}",
                "--loglevel",
                "ERROR",
                **ours,
            )
        )
        session, all_tickets = tickets(user)
        time.sleep(4 * PERIOD)
        before = cpu_seconds(worker), cpu_seconds(server)
        ages, seen = asyncio.run(watch_all(web, session, all_tickets))
        used = cpu_seconds(worker) - before[0], cpu_seconds(server) - before[1]
    good = CLUSTERS - HANGING
    read = {cluster: sorted(seq for c, seq in seen if c == cluster) for cluster in {c for c, _ in seen}}
    missed = sum(numbers[-1] - numbers[0] + 1 - len(numbers) for numbers in read.values())
    expected = good * (SECONDS // PERIOD - 1)
    note("readings seen", f"{len(seen)} of {good} clusters in {SECONDS} s, {missed} skipped, {len(ages)} told")
    note("CPU", f"worker {100 * used[0] / SECONDS:.0f} % of a core, web {100 * used[1] / SECONDS:.0f} %")
    note("p50 from the answer to the viewer", f"{1000 * ages[len(ages) // 2]:.0f} ms")
    assert len(read) == good
    score("good readings missing", max(0, expected - len(seen)), 0.001 * expected, "", sure=False)
    score("p99 from the answer to the viewer", 1000 * ages[len(ages) * 99 // 100], 500, "ms", sure=False)
