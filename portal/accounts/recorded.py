"""Sign-ins, failed ones, changed passwords and second factors in the audit trail, told by the signals of Django and allauth."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as allauth
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts import factors
from portal.accounts.devices import family
from portal.core.audit import record
from portal.core.refusals import refuse_recorded
from portal.models import User


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], **_facts: Any) -> None:
    """The address that was typed is not kept: only whether it is somebody's here, and whose."""
    typed = credentials.get("email") or credentials.get("username") or ""
    person = User.objects.filter(email__iexact=typed.strip()).first() if isinstance(typed, str) and typed else None
    refuse_recorded("sign_in", acting_user=None, target=person, known=person is not None)


@receiver(mfa.authentication_failed)
def second_factor_failed(sender: Any, user: User, authenticator: Any, **_facts: Any) -> None:
    refuse_recorded("second_factor", acting_user=None, target=user, kind=authenticator.type)


@receiver(allauth.user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **_facts: Any) -> None:
    how = [each.get("type") or each["method"] for each in factors.records(request)]
    device = family(request.META.get("HTTP_USER_AGENT", ""))
    _of_the_person("session.opened", user, how=list(dict.fromkeys(how)), device=device)


@receiver(mfa.authenticator_added)
def factor_added(sender: Any, user: User, authenticator: Any, **_facts: Any) -> None:
    _of_the_person("factor.added", user, kind=authenticator.type)


@receiver(mfa.authenticator_removed)
def factor_removed(sender: Any, user: User, authenticator: Any, **_facts: Any) -> None:
    _of_the_person("factor.removed", user, kind=authenticator.type)


@receiver(mfa.authenticator_reset)
def codes_renewed(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("factor.codes_renewed", user)


@receiver(allauth.password_reset)
def password_reset(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("password.reset", user)


@receiver(allauth.password_changed)
def password_changed(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("password.changed", user)


@receiver(allauth.email_changed)
def address_changed(sender: Any, user: User, **_facts: Any) -> None:
    _of_the_person("address.changed", user)


def _of_the_person(act: str, user: User, **after: Any) -> None:
    with transaction.atomic():
        record(act, acting_user=user, target=user, after=after)
