"""An account that nobody has proven to be theirs, given to whom the address belongs.

Anybody may open an account with anybody's address and wait: with a password or a sign-in of their own beside it, they
would be let in the day its owner confirms the address. So whoever is first shown to have the address, by a role that is
given to it and a mail that goes there, gets it without anything that was put there before.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from portal.models import User


def is_proven(user: User) -> bool:
    """Whether somebody has shown that the mails to this account's address reach them."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists())


def forget_ways_in(user: User) -> None:
    """Nothing opens the account any more but a mail to its address: no password, factor, provider or session."""
    SocialAccount.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    user.set_unusable_password()
    user.save(update_fields=["password"])


def take_back(user: User, full_name: str) -> None:
    """The account as it is when it is made for somebody: their name, their address, and a mail as the only way in."""
    forget_ways_in(user)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    user.full_name = full_name.strip()
    user.save(update_fields=["full_name"])
