"""How long a session lives, what it is bound to, and what ends the others."""

from __future__ import annotations

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.devices import family
from portal.models import User

BEGAN, SEEN, FAMILY = "began_at", "seen_at", "device"
NOTICE_SECONDS = 60
"""How often being there is written down."""


def begin(request: HttpRequest, **_facts: Any) -> None:
    """A session that begins: bound to the family of its browser, and with its ends set."""
    now = time.time()
    request.session[BEGAN], request.session[SEEN] = now, now
    request.session[FAMILY] = family(request.META.get("HTTP_USER_AGENT", ""))
    request.session.set_expiry(settings.SESSION_IDLE_SECONDS)


user_logged_in.connect(begin, dispatch_uid="portal.accounts.sessions.begin")


def is_stray(request: HttpRequest) -> bool:
    """Whether the cookie comes from another kind of browser than it was given to: then it was carried there."""
    bound_to = request.session.get(FAMILY)
    return bool(bound_to) and bound_to != family(request.META.get("HTTP_USER_AGENT", ""))


def is_over(request: HttpRequest) -> bool:
    """Whether the working day of this session is over, however busy it was; idle ones end in the session store."""
    return time.time() - float(request.session.get(BEGAN, time.time())) > settings.SESSION_LONGEST_SECONDS


def notice(request: HttpRequest) -> None:
    """The person is there: at most once a minute their session lives on, and its list says when and from where."""
    now = time.time()
    began = float(request.session.setdefault(BEGAN, now))
    if now - float(request.session.get(SEEN, 0)) < NOTICE_SECONDS:
        return
    request.session[SEEN] = now
    left = began + settings.SESSION_LONGEST_SECONDS - now
    request.session.set_expiry(max(1, int(min(settings.SESSION_IDLE_SECONDS, left))))
    own = UserSession.objects.filter(session_key=request.session.session_key)
    own.update(last_seen_at=timezone.now(), ip=request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - unknown


def change_key(request: HttpRequest) -> None:
    """Give the session a new key, so that a key that leaked before is worth nothing from here on."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def end_others(request: HttpRequest, user: User) -> int:
    """Sign the person out everywhere but here; how many sessions that ended."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key))
    for session in others:
        session.end()
    return len(others)
