"""The second factors of the demo's people. They exist as little as the people do: whoever knows a name knows the code."""

from __future__ import annotations

import base64
import hashlib
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt

from portal.accounts.factors import was_used
from portal.models import User
from resources.demo import cast
from resources.demo.cast_types import Person

DECIDING = frozenset({"platform_admin", "onboarding_officer", "quota_approver", "operator"})
STEP_SECONDS = 30


def secret_of(email: str) -> str:
    """The key in the person's app; nothing about it is secret."""
    return base64.b32encode(hashlib.sha1(f"demo {email}".encode(), usedforsecurity=False).digest()).decode()


def codes(secret: str) -> list[str]:
    """What an app with this key shows now and will show next: the portal takes each of them, once."""
    now = int(time.time()) // STEP_SECONDS
    return [format_hotp_value(hotp_value(secret, now + step)) for step in (0, 1)]


class Phone:
    """The apps of everybody in the hand of a programme that signs in often: it never shows a code twice.

    ``keys``: address → key of people who are not of the demo.
    """

    def __init__(self) -> None:
        self.shown: set[tuple[str, str]] = set()
        self.keys: dict[str, str] = {}

    def code(self, email: str) -> str:
        """The next unused code; waits for it if need be, half a minute at most."""
        while True:
            for code in codes(self.keys.get(email) or secret_of(email)):
                if (email, code) not in self.shown:
                    self.shown.add((email, code))
                    return code
            time.sleep(0.5)


def people() -> list[Person]:
    """Those of the cast who decide over others."""
    return [person for person in cast.PEOPLE if person.role in DECIDING]


def equip() -> None:
    """Give a second factor to everybody of the demo who decides and has none."""
    emails = [person.email for person in people()]
    for user in User.objects.filter(email__in=emails).exclude(authenticator__type=Authenticator.Type.TOTP):
        TOTP.activate(user, secret_of(user.email))
        RecoveryCodes.activate(user)


def code_of(user: User) -> str | None:
    """The code to write now, for a person of the demo who still has the demo's factor."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if row is None or decrypt(row.data["secret"]) != secret_of(user.email):
        return None
    return next((code for code in codes(secret_of(user.email)) if not was_used(user, code)), None)
