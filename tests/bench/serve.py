# ruff: noqa: E402 - Django first, then what reads its settings
"""What the bench of the hub talks to: our consumer, and the channel layers' groups it is compared with."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path

from resources.live import hub
from resources.live.routing import websocket_urlpatterns

HOSTS = [{"address": settings.REDIS_ADDRESS["redis"], "max_connections": 5000}]
settings.CHANNEL_LAYERS = {
    **settings.CHANNEL_LAYERS,
    "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": HOSTS}},
    "queues": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": HOSTS, "capacity": 1000}},
}
hub.RECHECK_SECONDS = 3600.0  # the viewers are nobody in the database


class Group(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        await self.channel_layer.group_add("ticks", self.channel_name)

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("ticks", self.channel_name)

    async def tick(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


class PubSubGroup(Group):
    channel_layer_alias = "pubsub"


class QueueGroup(Group):
    channel_layer_alias = "queues"


patterns = [*websocket_urlpatterns, path("ws/pubsub/", PubSubGroup.as_asgi()), path("ws/queues/", QueueGroup.as_asgi())]
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(URLRouter(patterns))})
