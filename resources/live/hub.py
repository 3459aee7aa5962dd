"""One per web process: one subscription to Valkey, however many people watch.

A message is decoded once, joined once per distinct cut, and handed to each socket, which keeps only the newest per
cluster: who is slow skips, nobody waits. When Valkey goes away the hub keeps trying, and on return every socket gets
the newest state; no page has to reload.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

import structlog
from channels.db import database_sync_to_async
from redis.exceptions import RedisError

from resources.live import store
from resources.live.readings import Posted, posted
from resources.live.topics import Cut, Part
from resources.live.validity import still_valid

log = structlog.get_logger(__name__)
RECHECK_SECONDS = 2.0
RETRY_SECONDS = 0.5
Frame = tuple[bytes, bytes | None]


class Listener(Protocol):
    cut: Cut
    session_key: str

    def offer(self, cluster: int, frame: Frame) -> None: ...
    async def shut(self, code: int) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.by_cluster: dict[int, set[Listener]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.messages = 0

    def start(self) -> None:
        """Begin to listen; the tasks are kept here, an unreferenced one would be collected and fall silent."""
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._recheck())]

    async def join(self, listener: Listener) -> None:
        self.start()
        self.listeners.add(listener)
        for cluster in listener.cut.clusters:
            self.by_cluster.setdefault(cluster, set()).add(listener)
        await self._catch_up([listener])

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        for cluster in listener.cut.clusters:
            watching = self.by_cluster.get(cluster, set())
            watching.discard(listener)
            if not watching:
                self.by_cluster.pop(cluster, None)

    def deliver(self, message: Posted) -> None:
        """Join the message's fragments once per cut and hand them out."""
        self.messages += 1
        made: dict[tuple[bool, tuple[str, ...]], Frame] = {}
        for listener in tuple(self.by_cluster.get(message.cluster, ())):
            part = listener.cut.clusters[message.cluster]
            name = (part.whole, tuple(part.tenants))
            frame = made.get(name)
            if frame is None:
                frame = made[name] = frame_of(message, part)
            listener.offer(message.cluster, frame)

    async def _listen(self) -> None:
        first = True
        while True:
            client = store.async_valkey()
            try:
                pubsub = client.pubsub()
                await pubsub.psubscribe(store.key("snap", "*"))
                if not first:
                    await self._catch_up(list(self.listeners))
                first = False
                async for raw in pubsub.listen():
                    if raw["type"] == "pmessage":
                        self.deliver(store.as_posted.decode(raw["data"]))
            except (RedisError, OSError) as error:
                log.info("hub_without_valkey", error=repr(error))
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(RETRY_SECONDS)

    async def _catch_up(self, listeners: list[Listener]) -> None:
        clusters = sorted({cluster for listener in listeners for cluster in listener.cut.clusters})
        readings = await asyncio.to_thread(store.newest, clusters)
        for cluster, reading in readings.items():
            message = posted(reading)
            for listener in listeners:
                if cluster in listener.cut.clusters:
                    listener.offer(cluster, frame_of(message, listener.cut.clusters[cluster]))

    async def _recheck(self) -> None:
        """Close the sockets of people whose rights or session have changed since their ticket."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            listeners = list(self.listeners)
            if not listeners:
                continue
            asked = {(each.cut.user, each.cut.epoch, each.session_key) for each in listeners}
            try:
                good = await database_sync_to_async(still_valid)(asked)
            except Exception as error:  # noqa: BLE001 - a database away must not kill the loop; asked again in 2 s
                log.info("recheck_failed", error=repr(error))
                continue
            for listener in listeners:
                if (listener.cut.user, listener.cut.epoch, listener.session_key) not in good:
                    await listener.shut(4403)


def frame_of(message: Posted, part: Part) -> Frame:
    """The text frame of one cut, and the map's bytes for those who see the cluster whole."""
    head = b'{"type":"tick","c":%d,"seq":%d,"at":%.3f,"layout":"%b","silent":%b' % (
        message.cluster,
        message.seq,
        message.at,
        message.layout.encode(),
        b"null" if message.silent_since is None else b"%.3f" % message.silent_since,
    )
    if message.silent_since is not None:
        return head + b"}", None
    tenants = b",".join(
        b'"%b":%b' % (name.encode(), message.tenants[name]) for name in part.tenants if name in message.tenants
    )
    whole = b',"whole":' + message.whole if part.whole else b""
    text = head + whole + b',"t":{' + tenants + b"}}"
    codes = message.cluster.to_bytes(4, "big") + message.codes if part.whole else None
    return text, codes


hub = Hub()
