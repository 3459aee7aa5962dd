# ruff: noqa: E402 - Django first, then what reads its settings
"""A thousand browsers in one process: connect, be told once a second, say how old each message was.

``python -m tests.bench.viewers WAY PORT SOCKETS SECONDS`` prints one line of JSON when all are connected, waits for a
line, and prints another at the end. WAY: hub, pubsub or queues (tests.bench.serve).
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time

import django

django.setup()

from channels.layers import get_channel_layer
from websockets.asyncio.client import ClientConnection, connect

import tests.bench.serve  # noqa: F401 - the same channel layers
from resources.live import store
from resources.live.readings import Posted, Sums
from resources.live.tickets import fingerprint
from resources.live.topics import Cut, Part

CLUSTER, TENANTS, NAMED = 1, 100, 9
SESSION = "a-session"
ages: list[float] = []


def fragment(number: int) -> bytes:
    kinds = {"h100-sxm": Sums(96, 80, 16, 71.25, 5_000_000, 41_000, 71)}
    cells = {f"node-{number:03d}": [index for gpu in range(8) for index in (gpu, 93)]}
    return store.msgspec.json.encode({"k": kinds, "g": cells})


FRAGMENTS = {f"{number:032x}": fragment(number) for number in range(TENANTS)}


def message(seq: int) -> Posted:
    return Posted(CLUSTER, seq, time.time(), "layout", None, b"{}", FRAGMENTS, b"")


def tickets(count: int) -> list[str]:
    """As issued with a page: every viewer is cut to nine of the hundred tenants, in a hundred different ways."""
    names = list(FRAGMENTS)
    pipe = store.valkey().pipeline()
    found = []
    for number in range(count):
        own = [names[(number + step) % TENANTS] for step in range(NAMED)]
        cut = Cut(1, 0, fingerprint(SESSION), {CLUSTER: Part(whole=False, tenants=own)}, ["user.1"])
        found.append(secrets.token_urlsafe(24))
        pipe.set(store.key("ticket", found[-1]), store.encode(cut), ex=300)
    pipe.execute()
    return found


async def watch(socket: ClientConnection) -> None:
    async for text in socket:
        at = str(text).partition('"at":')[2].partition(",")[0]
        ages.append(time.time() - float(at))


async def come(way: str, port: int, count: int) -> list[ClientConnection]:
    paths = [f"/ws/live/?ticket={each}" for each in tickets(count)] if way == "hub" else [f"/ws/{way}/"] * count
    gate = asyncio.Semaphore(100)

    async def one(path: str) -> ClientConnection:
        async with gate:
            return await connect(
                f"ws://127.0.0.1:{port}{path}", compression=None, ping_interval=None, origin=f"http://127.0.0.1:{port}",
                additional_headers={"Cookie": f"sessionid={SESSION}"}, open_timeout=60,
            )  # fmt: skip

    return list(await asyncio.gather(*(one(path) for path in paths)))


async def tell(way: str, seq: int) -> None:
    if way == "hub":
        await asyncio.to_thread(store.valkey().publish, store.key("snap", CLUSTER), store.encode(message(seq)))
        return
    own = b",".join(b'"%b":%b' % (name.encode(), FRAGMENTS[name]) for name in list(FRAGMENTS)[:NAMED])
    text = f'{{"type":"tick","c":1,"seq":{seq},"at":{time.time():.3f},"t":{{{own.decode()}}}}}'
    await get_channel_layer(way).group_send("ticks", {"type": "tick", "text": text})


async def main(way: str, port: int, count: int, seconds: int) -> None:
    begin = time.monotonic()
    sockets = await come(way, port, count)
    print(json.dumps({"connected_seconds": time.monotonic() - begin}), flush=True)
    watching = [asyncio.create_task(watch(socket)) for socket in sockets]
    await tell(way, 1)
    await asyncio.sleep(2)
    await asyncio.to_thread(sys.stdin.readline)
    ages.clear()
    begin = time.monotonic()
    for seq in range(seconds):
        await tell(way, seq + 2)
        await asyncio.sleep(max(0.0, begin + seq + 1 - time.monotonic()))
    await asyncio.sleep(1)
    found = sorted(ages)
    print(
        json.dumps({
            "messages": len(found), "sent": seconds * count,
            "p50_ms": 1000 * found[len(found) // 2], "p99_ms": 1000 * found[len(found) * 99 // 100],
        }),
        flush=True,
    )  # fmt: skip
    for task in watching:
        task.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
