"""A ticket lets one page open one socket without a query: the cut was made when the page asked for it.

It lives for minutes, is bound to the session that asked, and what it stands for is kept in Valkey, not in the
browser.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import msgspec
import redis
from django.utils.translation import gettext as _

from portal.core.errors import Unavailable
from portal.models import User
from resources.live.store import async_valkey, encode, key, valkey
from resources.live.topics import Cut, cut_for

TICKET_SECONDS = 300
as_cut = msgspec.msgpack.Decoder(Cut)


def fingerprint(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def issue(user: User, topic: str, session_key: str) -> str:
    """A ticket for ``topic``; raises NotFound when the person may not see it, Unavailable when Valkey is away."""
    cut = cut_for(user, topic, fingerprint(session_key))
    ticket = secrets.token_urlsafe(24)
    try:
        valkey().set(key("ticket", ticket), encode(cut), ex=TICKET_SECONDS)
    except redis.RedisError:
        raise Unavailable(
            _("Live numbers are delayed: the message server does not answer. The page tries again.")
        ) from None
    return ticket


async def redeem(ticket: str, session_key: str) -> Cut | None:
    """The cut behind a ticket, if it is still good and comes from the session that was given it."""
    try:
        raw: Any = await async_valkey().get(key("ticket", ticket))
    except redis.RedisError:
        return None
    if raw is None:
        return None
    cut = as_cut.decode(raw)
    return cut if secrets.compare_digest(cut.session, fingerprint(session_key)) else None
