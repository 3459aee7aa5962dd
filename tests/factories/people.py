"""People for tests: able to sign in, and nothing else."""

from __future__ import annotations

from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

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
