"""Delivering ticks: the hub against the channel layers, and a thousand sockets once a second.

Prints figures and ratios beside the goals of docs/architecture.md; it times nothing for a verdict.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from typing import Any

import pytest
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from resources.live import store
from resources.live.hub import Hub
from resources.live.readings import PoolSums, Reading, Sums, posted
from resources.live.topics import Cut, Part

LISTENERS = int(os.environ.get("BENCH_SOCKETS", "300"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "10"))
TENANTS = 50
pytestmark = [pytest.mark.filterwarnings("ignore")]  # the layers leave their connections to the collector


class Socket:
    """What a consumer does with a frame, without the network: keep the newest, wake its sender."""

    session_key = "s"

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.news = asyncio.Event()
        self.frame: Any = None
        self.ages: list[float] = []

    def offer(self, cluster: int, frame: Any) -> None:
        self.frame = frame
        self.ages.append(time.time() - self.sent_at)
        self.news.set()

    sent_at = 0.0

    async def shut(self, code: int) -> None:
        raise AssertionError(code)


def reading(seq: int) -> Reading:
    """1.8 kB for a cut of one tenant among fifty, 2,000 GPUs."""
    sums = {"allocated": 40, "busy": 30, "idle": 10, "load": 24.5, "memory_mib": 1, "power_w": 9000, "temperature": 60}
    names = [f"{n:032x}" for n in range(TENANTS)]
    cells = {name: {f"node-{k}": [i for j in range(8) for i in (j, 50)] for k in range(5)} for name in names}
    pools = {"h100": PoolSums(**sums, installed=2000)}
    return Reading(1, seq, time.time(), "x", pools, {name: {"h100": Sums(**sums)} for name in names}, cells, bytes(2000))


async def through_hub() -> tuple[float, list[float], int]:
    """CPU seconds per delivered message, ages in seconds, messages delivered; published and received over Valkey."""
    hub = Hub()
    sockets = [Socket(Cut(1, 0, "", {1: Part(whole=n % 10 == 0, tenants=[f"{n % TENANTS:032x}"])}, [])) for n in range(LISTENERS)]
    for socket in sockets:
        hub.by_cluster.setdefault(1, set()).add(socket)
    listening = asyncio.create_task(hub._listen())
    await asyncio.sleep(0.3)
    cpu = 0.0
    for seq in range(ROUNDS):
        message = store.encode(posted(reading(seq)))
        Socket.sent_at = time.time()
        await asyncio.to_thread(store.valkey().publish, store.key("snap", 1), message)
        began = time.process_time()
        await asyncio.sleep(0.2)
        cpu += time.process_time() - began
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    ages = [age for socket in sockets for age in socket.ages]
    return cpu / max(1, len(ages)), ages, len(ages)


async def through_layer(kind: Any, url: str) -> tuple[float, int]:
    """CPU seconds per delivered message and how many arrived, each listener a channel in one group."""
    layer = kind(hosts=[url], prefix="bench", capacity=1000) if kind is RedisChannelLayer else kind(hosts=[url], prefix="bench")
    channels = [await layer.new_channel() for _ in range(LISTENERS)]
    for channel in channels:
        await layer.group_add("ticks", channel)
    arrived = 0

    async def listen(channel: str) -> None:
        nonlocal arrived
        while True:
            await layer.receive(channel)
            arrived += 1

    tasks = [asyncio.create_task(listen(channel)) for channel in channels]
    await asyncio.sleep(0.3)
    text = "x" * 1800
    began = time.process_time()
    for _ in range(ROUNDS):
        await layer.group_send("ticks", {"type": "tick", "text": text})
        await asyncio.sleep(0.2)
    for _ in range(50):
        if arrived >= LISTENERS * ROUNDS:
            break
        await asyncio.sleep(0.1)
    cpu = time.process_time() - began
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await layer.flush()
    return cpu / max(1, arrived), arrived


def test_hub_against_the_channel_layers(settings, empty_redis, capsys):
    store.valkey.cache_clear()
    url = settings.REDIS_ADDRESS["redis"]
    hub_cpu, ages, delivered = asyncio.run(through_hub())
    pubsub_cpu, pubsub_arrived = asyncio.run(through_layer(RedisPubSubChannelLayer, url))
    layer_cpu, layer_arrived = asyncio.run(through_layer(RedisChannelLayer, url))
    p99 = statistics.quantiles(ages, n=100)[98] * 1000
    with capsys.disabled():
        print(f"\nhub, {LISTENERS} listeners x {ROUNDS} ticks (BENCH_SOCKETS, BENCH_ROUNDS):")
        print(f"  hub                      {hub_cpu * 1e6:8.1f} us CPU a message, {delivered} of {LISTENERS * ROUNDS} arrived")
        print(f"  RedisPubSubChannelLayer  {pubsub_cpu * 1e6:8.1f} us CPU a message, {pubsub_arrived} arrived")
        print(f"  RedisChannelLayer        {layer_cpu * 1e6:8.1f} us CPU a message, {layer_arrived} arrived")
        print(f"  hub / RedisChannelLayer  {hub_cpu / layer_cpu:8.4f}   goal <= 0.125")
        print(f"  published to offered p50 {statistics.median(ages) * 1000:.1f} ms, p99 {p99:.1f} ms   goal p99 < 250 ms at 1,000")
    assert delivered == LISTENERS * ROUNDS
