"""Second factors: who must have one, who has one, and when it was shown in this session."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpRequest

from portal.core.access import powers
from portal.core.bounds import bound_of
from portal.core.proof import FRESH_SECONDS
from portal.core.registry import deciding_powers
from portal.models import User

REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a factor; recovery codes only stand in for one."""
SIGNED_IN_SECONDS = 900
"""So long after signing in a person without a factor may set the first one up without writing the password again."""


def must_have(user: User) -> bool:
    """Whether the person's roles decide over others today."""
    return user.is_platform_admin or not powers(user).isdisjoint(deciding_powers)


def has_one(user: User) -> bool:
    found: bool = Authenticator.objects.filter(user_id=user.pk, type__in=REAL).exists()
    return found


def records(request: HttpRequest) -> list[dict[str, Any]]:
    """How the person proved who they are in this session, oldest first."""
    found: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return found


def shown_at(request: HttpRequest) -> float | None:
    """When this session last saw a second factor (unix time); None if it never did."""
    if not request.user.is_authenticated or bound_of(request.user) is not None:
        return None  # a machine shows none, whatever session its request brings along
    return max((float(each["at"]) for each in records(request) if each.get("method") == "mfa"), default=None)


def is_recent(request: HttpRequest) -> bool:
    """Whether the person may change their own ways of signing in now: fresh factor, or just signed in without one."""
    now = time.time()
    at = shown_at(request)
    if at is not None:
        return now - at <= FRESH_SECONDS
    user = request.user
    if not isinstance(user, User) or has_one(user):
        return False
    return any(now - float(each["at"]) <= SIGNED_IN_SECONDS for each in records(request))


def note_shown(request: HttpRequest, user: User, authenticator: Authenticator) -> None:
    """A factor that was just set up was shown by that."""
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


def note_password(request: HttpRequest, user: User) -> None:
    """The person has just chosen the password they are signed in with."""
    record_authentication(request, user, "password")


def use_up(user: User, code: str) -> bool:
    """Whether this code of an app is used for the first time; remembered for as long as it would be taken."""
    seconds = (2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD
    return bool(cache.add(_used_key(user, code), 1, timeout=seconds))


def was_used(user: User, code: str) -> bool:
    return cache.get(_used_key(user, code)) is not None


def _used_key(user: User, code: str) -> str:
    return f"second-factor-used:{user.pk}:{normalize_user_code(code)}"
