"""The socket of a page: proves itself with a ticket, then is told what its cut allows."""

from __future__ import annotations

import asyncio
import contextlib
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from portal.core.events import group_of
from resources.live.hub import Frame, hub
from resources.live.tickets import redeem
from resources.live.topics import Cut

REFUSED = 4401


class LiveConsumer(AsyncWebsocketConsumer):
    """Ticks of numbers through the hub, rare events through the channel layer.

    Frames: text ``{"type": "tick", …}`` and ``{"type": "event", …}``; binary: four bytes of cluster number, then one
    byte a GPU. Close codes: 4401 the ticket is not good (fetch another), 4403 rights or session changed.
    """

    cut: Cut
    session_key = ""

    async def dispatch(self, message: Any) -> None:
        """Without Channels' look after database connections, a thread's work each time: there are none here."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        ticket = parse_qs(self.scope["query_string"].decode()).get("ticket", [""])[0]
        self.session_key = _session_key(self.scope)
        cut = await redeem(ticket, self.session_key) if ticket and self.session_key else None
        await self.accept()
        if cut is None:
            await self.close(code=REFUSED)
            return
        self.cut = cut
        self.newest: dict[int, Frame] = {}
        self.news = asyncio.Event()
        self.sender = asyncio.create_task(self._send_newest())
        if self.channel_layer is not None:
            for room in cut.rooms:
                await self.channel_layer.group_add(group_of(room), self.channel_name)
        await hub.join(self)

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "cut"):
            return
        hub.leave(self)
        self.sender.cancel()
        if self.channel_layer is not None:
            for room in self.cut.rooms:
                with contextlib.suppress(Exception):  # the layer may be away; its groups then are too
                    await self.channel_layer.group_discard(group_of(room), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages have nothing to say here; what they send is ignored."""

    def offer(self, cluster: int, frame: Frame) -> None:
        self.newest[cluster] = frame
        self.news.set()

    async def shut(self, code: int) -> None:
        hub.leave(self)
        await self.close(code=code)

    async def portal_event(self, message: dict[str, Any]) -> None:
        body = {"type": "event", "event": message["event"], "facts": message.get("facts", {})}
        await self.send(text_data=msgspec.json.encode(body).decode())

    async def _send_newest(self) -> None:
        while True:
            await self.news.wait()
            self.news.clear()
            waiting, self.newest = self.newest, {}
            for text, codes in waiting.values():
                await self.send(text_data=text)
                if codes is not None:
                    await self.send(bytes_data=codes)


def _session_key(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            morsel = SimpleCookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            return morsel.value if morsel else ""
    return ""
