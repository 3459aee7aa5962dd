"""The newest state of every cluster in Valkey: lost with it, and made again by the next reading.

Keys, all below the installation's prefix: ``live:{cluster}`` the reading, kept while its cluster is silent so that a
page shows old numbers and never zeros (their age is ours to say), ``layout:{cluster}``,
``ticks:{cluster}`` the sums of the last quarter of an hour, ``seq:{cluster}``, ``busy:{cluster}`` the single-flight
lock, ``due:{cluster}`` until when nothing is due. Channel ``snap:{cluster}`` carries what was just read.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import redis
import redis.asyncio
from django.conf import settings

from resources.live.readings import Layout, Posted, Reading, Tick, posted

LIVE_SECONDS = LAYOUT_SECONDS = 7 * 86400
TICKS_KEPT = 450
TICKS_SECONDS = 1800

encode = msgspec.msgpack.encode
as_reading = msgspec.msgpack.Decoder(Reading)
as_layout = msgspec.msgpack.Decoder(Layout)
as_tick = msgspec.msgpack.Decoder(Tick)
as_posted = msgspec.msgpack.Decoder(Posted)


def key(name: str, cluster: int | str) -> str:
    return f"{settings.REDIS_PREFIX}:{name}:{cluster}"


@lru_cache(maxsize=1)
def valkey() -> redis.Redis:
    """One client per process; its pool is shared by threads. A dead server costs two seconds, not a page."""
    return redis.Redis.from_url(
        settings.REDIS_ADDRESS["redis"], socket_timeout=2, socket_connect_timeout=2, max_connections=200
    )


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


def async_valkey() -> redis.asyncio.Redis:
    """One client per event loop; when a thousand pages come back at once they wait for a connection, none fails."""
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            settings.REDIS_ADDRESS["redis"], max_connections=16, timeout=10, socket_timeout=2, socket_connect_timeout=2
        )
        client = _clients[loop] = redis.asyncio.Redis.from_pool(pool)
    return client


def async_subscriber() -> redis.asyncio.Redis:
    """A client of its own for whoever listens: its one connection is never free."""
    return redis.asyncio.Redis.from_url(settings.REDIS_ADDRESS["redis"], socket_connect_timeout=2)


def next_seq(cluster: int) -> int:
    seq: Any = valkey().incr(key("seq", cluster))
    return int(seq)


def put(reading: Reading, layout: Layout) -> None:
    """Keep the reading as the newest, its sums for the minute, and tell every web process."""
    tick = Tick(reading.at, reading.pools, reading.tenants)
    pipe = valkey().pipeline(transaction=False)
    pipe.set(key("live", reading.cluster), encode(reading), ex=LIVE_SECONDS)
    pipe.set(key("layout", reading.cluster), encode(layout), ex=LAYOUT_SECONDS)
    pipe.rpush(key("ticks", reading.cluster), encode(tick))
    pipe.ltrim(key("ticks", reading.cluster), -TICKS_KEPT, -1)
    pipe.expire(key("ticks", reading.cluster), TICKS_SECONDS)
    pipe.publish(key("snap", reading.cluster), encode(posted(reading)))
    pipe.execute()


def tell_silent(cluster: int, silent_since: float) -> None:
    """Tell open pages that a cluster does not answer; its last numbers stay, marked as old."""
    message = Posted(cluster, 0, silent_since, "", silent_since, b"", {}, b"")
    valkey().publish(key("snap", cluster), encode(message))


def newest(clusters: list[int]) -> dict[int, Reading]:
    """The newest reading by cluster; clusters without one are missing. A dead Valkey is an empty answer."""
    return {c: as_reading.decode(raw) for c, raw in zip(clusters, _many("live", clusters), strict=True) if raw}


def layouts(clusters: list[int]) -> dict[int, Layout]:
    return {c: as_layout.decode(raw) for c, raw in zip(clusters, _many("layout", clusters), strict=True) if raw}


def ticks(cluster: int) -> list[Tick]:
    """The kept ticks of a cluster, oldest first; none when Valkey is away."""
    try:
        raws: Any = valkey().lrange(key("ticks", cluster), 0, -1)
    except redis.RedisError:
        return []
    return [as_tick.decode(raw) for raw in raws]


def _many(name: str, clusters: list[int]) -> list[Any]:
    if not clusters:
        return []
    try:
        found: Any = valkey().mget([key(name, cluster) for cluster in clusters])
    except redis.RedisError:
        return [None] * len(clusters)
    return list(found)


def take_turn(cluster: int, seconds: float, *, offset: float = 0.0) -> bool:
    """Whether a reading of this cluster is due; says yes once per ``seconds``, over all processes.

    ``offset`` (0..1) moves a cluster's first turn within its period, so that readings do not all start together.
    """
    period = max(200, int(seconds * 1000) - 200)
    wait = period if valkey().exists(key("seq", cluster)) else max(200, int(period * offset))
    return bool(valkey().set(key("due", cluster), b"1", nx=True, px=wait))


def alone(cluster: int, seconds: float) -> Any:
    """A lock: one reading of a cluster at a time. Held at most ``seconds``, whatever happens to its holder."""
    return valkey().lock(key("busy", cluster), timeout=seconds, blocking=False)
