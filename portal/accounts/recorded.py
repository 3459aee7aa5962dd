"""Sign-ins, failed ones, and changed passwords in the audit trail, told by the signals of Django and allauth."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as allauth
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.dispatch import receiver

from portal.core.audit import record
from portal.core.refusals import refuse_recorded
from portal.models import User


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], **_facts: Any) -> None:
    """The address that was typed is not kept: only whether it is somebody's here, and whose."""
    typed = credentials.get("email") or credentials.get("username") or ""
    person = User.objects.filter(email__iexact=typed.strip()).first() if isinstance(typed, str) and typed else None
    refuse_recorded("sign_in", acting_user=None, target=person, known=person is not None)


@receiver(allauth.user_logged_in)
def signed_in(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("session.opened", user)


@receiver(allauth.password_reset)
def password_reset(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("password.reset", user)


@receiver(allauth.password_changed)
def password_changed(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("password.changed", user)


@receiver(allauth.email_changed)
def address_changed(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("address.changed", user)


def _of_the_person(act: str, user: User) -> None:
    with transaction.atomic():
        record(act, acting_user=user, target=user)
