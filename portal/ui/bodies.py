"""How much may be sent in. Django writes a body to disk before any of our code is asked, so the limit stands before it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from portal.api.errors import KIND, STARTS_WITH, shaped
from portal.ui.errors import bare
from portal.ui.middleware import BrowserRules

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
SMALL = 2 * 2**20
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    **BrowserRules.HEADERS,
}
"""This answer passes no middleware."""
TAKES_FILES = "/documents/"
"""How an address ends that takes files, of pages and of the API; other pages say it themselves."""


def most_for(path: str) -> int:
    """The most bytes that a body sent there may have."""
    return (settings.UPLOAD_LARGEST_MIB + 1) * 2**20 if path.endswith(TAKES_FILES) or takes_files(path) else SMALL


def takes_files(path: str) -> bool:
    """Whether the page at the address says that files may be sent to it."""
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return False
    return bool(getattr(getattr(view, "view_class", None), "takes_files", False))


class BodyLimit:
    """Answers 413 to a body that says it is too large, and stops reading one that turns out to be."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        most, path = most_for(scope["path"]), str(scope["path"])
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > most:
            await refuse(path, most, send)
            return
        heard, over = 0, False

        async def counted() -> Message:
            nonlocal heard, over
            message = await receive()
            heard += len(message.get("body", b""))
            over = heard > most
            return {"type": "http.disconnect"} if over else message

        async def unless_over(message: Message) -> None:
            if not over:
                await send(message)

        await self.app(scope, counted, unless_over)
        if over:
            await refuse(path, most, send)


async def refuse(path: str, most: int, send: Send) -> None:
    sentence = _("That is more than %(most)d MiB, which is the most that can be sent here. Send less at once.") % {
        "most": most // 2**20
    }
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if path.startswith(STARTS_WITH):
        body, kind = json.dumps(shaped(status, "portal.too_large", sentence)).encode(), KIND
    else:
        body, kind = bare(status, sentence).content, "text/html; charset=utf-8"
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", **HEADERS}
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})
