"""When a test's browser last showed a second factor: just now (``Client.force_login``), long ago, or never."""

from __future__ import annotations

import time
from typing import Any

from django.test import Client


def show(client: Client, user: Any, minutes_ago: float = 0) -> Client:
    """The browser of ``user`` showed a second factor so many minutes ago."""
    return _write(client, records(user, "mfa", minutes_ago))


def password_only(client: Client, user: Any, minutes_ago: float = 0) -> Client:
    """The browser of ``user`` knows a password and nothing else: what a thief of passwords has."""
    return _write(client, records(user, "password", minutes_ago))


def records(user: Any, method: str, minutes_ago: float) -> dict[str, Any]:
    """What django-allauth keeps of it in the session."""
    known = {"method": method, "at": time.time() - 60 * minutes_ago}
    return {"account_authentication_methods": [known], "account_authentication_methods_user": str(user.pk)}


def _write(client: Client, facts: dict[str, Any]) -> Client:
    session = client.session
    session.update(facts)
    session.save()
    return client
