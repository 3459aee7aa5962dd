"""One per web process: one subscription to Valkey, however many people watch.

A message is decoded once, joined once per distinct cut, and handed to each socket, which keeps only the newest per
cluster: who is slow skips, nobody waits. The hub keeps the newest message of each cluster, so whoever comes is told
without asking Valkey. When Valkey goes away the hub keeps trying, and on return every socket gets the newest state;
no page has to reload.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any, Protocol

import structlog
from channels.db import database_sync_to_async
from redis.exceptions import RedisError

from resources.live import store
from resources.live.readings import Posted, posted
from resources.live.topics import Cut, Part
from resources.queries.validity import still_valid

log = structlog.get_logger(__name__)
RECHECK_SECONDS = 2.0
RETRY_SECONDS = 0.5
QUIET_SECONDS = 5.0
CHANGED = 4403
"""Close code: the person's rights or session are not what they were."""
Frame = tuple[str, bytes | None]


class Listener(Protocol):
    cut: Cut
    session_key: str

    def offer(self, cluster: int, frame: Frame) -> None: ...
    async def shut(self, code: int) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.by_cluster: dict[int, set[Listener]] = {}
        self.messages = 0
        self._newest: dict[int, Posted] = {}
        self._known: set[int] = set()
        """Clusters whose state was fetched since this subscription began: from then on messages tell the rest."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen; the tasks are kept here, an unreferenced one would be collected and fall silent."""
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            self._fetching = asyncio.Lock()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._recheck())]

    async def join(self, listener: Listener) -> None:
        self.start()
        self.listeners.add(listener)
        for cluster in listener.cut.clusters:
            self.by_cluster.setdefault(cluster, set()).add(listener)
        if not listener.cut.clusters.keys() <= self._known:
            await self._fetch(set(listener.cut.clusters))
        for cluster in listener.cut.clusters.keys() & self._newest.keys():
            self._hand_out(self._newest[cluster], [listener])

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
        if message.silent_since is None:
            self._newest[message.cluster] = message
        self._hand_out(message, self.by_cluster.get(message.cluster, ()))

    def _hand_out(self, message: Posted, listeners: Iterable[Listener]) -> None:
        made: dict[tuple[bool, tuple[str, ...]], Frame] = {}
        for listener in listeners:
            part = listener.cut.clusters[message.cluster]
            name = (part.whole, tuple(part.tenants))
            frame = made.get(name)
            if frame is None:
                frame = made[name] = frame_of(message, part)
            listener.offer(message.cluster, frame)

    async def _listen(self) -> None:
        while True:
            client = store.async_subscriber()
            try:
                pubsub = client.pubsub()
                await pubsub.psubscribe(store.key("snap", "*"))
                while True:
                    raw = await pubsub.get_message(timeout=QUIET_SECONDS)
                    if raw is None:
                        await store.async_valkey().ping()  # a server that went without a word is noticed here
                    elif raw["type"] == "psubscribe":
                        self._known.clear()
                        for cluster in await self._fetch(set(self.by_cluster)):
                            self._hand_out(self._newest[cluster], self.by_cluster.get(cluster, ()))
                    elif raw["type"] == "pmessage":
                        self._receive(raw["data"])
            except (RedisError, OSError) as error:
                log.info("hub_without_valkey", error=repr(error))
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(RETRY_SECONDS)

    def _receive(self, data: Any) -> None:
        """One message that cannot be understood must not silence all that follow."""
        try:
            self.deliver(store.as_posted.decode(data))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next message is another
            log.warning("live_message_not_delivered", error=repr(error))

    async def _fetch(self, clusters: set[int]) -> set[int]:
        """Fetch what is not known of ``clusters``; which of them have moved meanwhile."""
        moved = set()
        async with self._fetching:
            unknown = sorted(clusters - self._known)
            self._known.update(unknown)
            readings = await asyncio.to_thread(store.newest, unknown) if unknown else {}
            for cluster, reading in readings.items():
                have = self._newest.get(cluster)
                if have is None or have.at < reading.at:
                    self._newest[cluster] = posted(reading)
                    moved.add(cluster)
        return moved

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
                over = listener.cut.until is not None and listener.cut.until <= time.time()
                if over or (listener.cut.user, listener.cut.epoch, listener.session_key) not in good:
                    with contextlib.suppress(Exception):  # it may have gone by itself; the others are still to be asked
                        await listener.shut(CHANGED)


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
        return (head + b"}").decode(), None
    tenants = b",".join(
        b'"%b":%b' % (name.encode(), message.tenants[name]) for name in part.tenants if name in message.tenants
    )
    whole = b',"whole":' + message.whole if part.whole else b""
    text = head + whole + b',"t":{' + tenants + b"}}"
    codes = message.cluster.to_bytes(4, "big") + message.codes if part.whole else None
    return text.decode(), codes


hub = Hub()
