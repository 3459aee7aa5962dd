"""People for tests: able to sign in, and nothing else."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from portal.models import User

PASSWORD = "a long enough password"
_numbers = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    number = next(_numbers)
    email = email or f"person{number}@example.test"
    fields.setdefault("full_name", f"Person {number}")
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def make_admin(**fields: Any) -> User:
    return make_user(is_platform_admin=True, **fields)


def make_factor(user: User) -> str:
    """Connect an authenticator app with the account; its key, for ``code_now``."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_now(secret: str, step: int = 0) -> str:
    """What the app shows now; ``step`` 1 what it will show next."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))
