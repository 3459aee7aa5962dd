"""Telling many people the same second: our hub against the two channel layers, one server process each.

BENCH_SOCKETS viewers (1,000 unless said otherwise), one update of about 1.8 kB a second, BENCH_SECONDS long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.bench.conftest import Score, cpu_seconds, free_port, note, running, wait_for_port

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))


def measured(way: str) -> dict[str, Any]:
    port = free_port()
    server = (
        "-m", "uvicorn", "tests.bench.serve:application", "--port", str(port), "--ws", "websockets-sansio",
        "--ws-per-message-deflate", "false", "--lifespan", "off", "--log-level", "warning", "--no-access-log",
        "--timeout-graceful-shutdown", "1",
    )  # fmt: skip
    with running(*server) as process:
        wait_for_port(port)
        words = [sys.executable, "-m", "tests.bench.viewers", way, str(port), str(SOCKETS), str(SECONDS)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as viewers:
            try:
                found = json.loads(viewers.stdout.readline())
                before = cpu_seconds(process)
                viewers.stdin.write("go\n")
                viewers.stdin.flush()
                found |= json.loads(viewers.stdout.readline())
            finally:
                viewers.kill()
        found["us"] = 1e6 * (cpu_seconds(process) - before) / max(1, found["messages"])
    print(
        f"       {way}: {found['us']:.0f} µs of server CPU a message, p50 {found['p50_ms']:.0f} ms, "
        f"p99 {found['p99_ms']:.0f} ms, {found['messages']} of {found['sent']} arrived, "
        f"{SOCKETS} connected in {found['connected_seconds']:.1f} s"
    )
    return found


@pytest.mark.usefixtures("empty_redis")
def test_hub_costs_an_eighth_of_a_channel_layer(score: Score) -> None:
    note("viewers", f"{SOCKETS}, one message a second each, {SECONDS} s")
    hub, pubsub, queues = measured("hub"), measured("pubsub"), measured("queues")
    score("hub's CPU a message / RedisChannelLayer's", hub["us"] / queues["us"], 1 / 8, "")
    score("hub's CPU a message / RedisPubSubChannelLayer's", hub["us"] / pubsub["us"], 1 / 5, "")
    score("hub: p99 from publishing to the viewer", hub["p99_ms"], 250, "ms", sure=False)
    score("hub: messages lost", hub["sent"] - hub["messages"], 0.001 * hub["sent"], "", sure=False)
    score(f"{SOCKETS} viewers come back", hub["connected_seconds"], 3 * SOCKETS / 1000, "s", sure=False)
