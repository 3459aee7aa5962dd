"""What follows when somebody signs in, or changes the ways in which they do; django-allauth says when."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts import factors, sessions
from portal.accounts.claims import claims_of
from portal.accounts.reclaiming import is_proven
from portal.core.registry import claim_readers
from portal.models import User


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **facts: Any) -> None:
    if (login := facts.get("sociallogin")) is not None:
        claims = claims_of(login.account.extra_data)
        for read in claim_readers:
            read(user, login.account.provider, claims)


@receiver(mfa.authenticator_added)
def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_facts: Any) -> None:
    if authenticator.type in factors.REAL:
        factors.note_shown(request, user, authenticator)


@receiver(mfa.authenticator_removed)
def factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_facts: Any) -> None:
    """A session elsewhere may have been opened with this factor, so it ends."""
    if authenticator.type not in factors.REAL:
        return
    sessions.end_others(request, user)
    if not factors.has_one(user):
        kept = [each for each in factors.records(request) if each.get("method") != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept


@receiver(mfa.authenticator_used)
def factor_shown(request: HttpRequest, reauthenticated: bool = False, **_facts: Any) -> None:  # noqa: FBT001, FBT002
    """What the session may do grew, so it gets a new key."""
    if reauthenticated:
        sessions.change_key(request)


@receiver(account.password_reset)
def address_shown(user: User, **_facts: Any) -> None:
    """Who came by a mail has shown whose address it is; what was put beside the account before then may be another's."""
    if not is_proven(user):
        SocialAccount.objects.filter(user=user).delete()


@receiver([account.password_changed, account.password_set, account.password_reset])
def password_changed(request: HttpRequest, user: User, **_facts: Any) -> None:
    sessions.end_others(request, user)
