from django.urls import path

from resources.live.consumers import LiveConsumer

websocket_urlpatterns = [
    path("ws/live/", LiveConsumer.as_asgi()),  # type: ignore[arg-type]  # Channels routes what Django types as views
]
