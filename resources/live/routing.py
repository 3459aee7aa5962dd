from typing import Any

from django.urls import path

from resources.live.consumers import LiveConsumer

# Channels' own stubs want its extended patterns, which nothing public makes.
websocket_urlpatterns: list[Any] = [
    path("ws/live/", LiveConsumer.as_asgi()),  # type: ignore[arg-type]  # Channels routes what Django types as views
]
