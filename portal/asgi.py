"""Where the servers enter: pages and API over HTTP, live numbers over a websocket.

A socket proves who it is with the ticket that came with its page (resources.live); here only its origin is checked.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from portal.celery import app
from portal.core.isolation import check_login
from portal.ui.bodies import BodyLimit
from resources.live.routing import websocket_urlpatterns

check_login()
# A service wakes tasks by name, and the queue of a name is known where the tasks are.
app.autodiscover_tasks(force=True)

application = ProtocolTypeRouter(
    {"http": BodyLimit(pages), "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))}
)
