"""Accounts for people who did not sign up themselves: staff that a platform admin names, the first administrator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.accounts.reclaiming import take_back
from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.lookups import note_lookup
from portal.core.proof import deciding
from portal.core.tasks import nudge
from portal.models import User
from tenants.models import Authority, AuthorityMembership, Membership, Tenant
from tenants.queries.people import person_by_address
from tenants.services.invitations import invite, never_came
from tenants.services.memberships import give_role

TOKENS = "allauth.account.forms.default_token_generator"


@transaction.atomic
def create_person(
    *,
    acting_user: User | None,
    email: str,
    full_name: str,
    password: str | None = None,
    is_platform_admin: bool = False,
) -> User:
    """An account whose address counts as proven: its only way in is a mail to that address, or this password."""
    if password is not None:
        _strong(password, User(email=email, full_name=full_name))
    try:
        user = User.objects.create_user(
            email, password, full_name=full_name.strip(), is_platform_admin=is_platform_admin
        )
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Refused(sentences[0], field=field) from None
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    record(
        "person.created", acting_user=acting_user, target=user,
        after={"user": user.pk, "is_platform_admin": is_platform_admin},
    )  # fmt: skip
    return user


@deciding
@transaction.atomic
def add_staff(
    *, acting_user: User, authority: Authority, email: str, role: str, full_name: str, site: str, **more: Any
) -> AuthorityMembership:
    """Give somebody a role at an authority. Who has no account gets one, and a mail to choose a password.

    ``site`` is this portal's address as it works in a mail ("https://portal.example/"); ``more``: period and limit,
    as give_role takes them.
    """
    user, new = _known_or_new(acting_user=acting_user, email=email, full_name=full_name)
    if new:
        nudge("tenants.send_welcome", user.pk, site)
    row = give_role(acting_user=acting_user, anchor=authority, user=user, role=role, **more)
    assert isinstance(row, AuthorityMembership)
    return row


@deciding
@transaction.atomic
def add_member(
    *,
    acting_user: User,
    tenant: Tenant,
    email: str,
    role: str,
    full_name: str,
    site: str,
    tells: bool = True,
    **more: Any,
) -> Membership:
    """Give somebody a role in a tenant. Who never signed in is invited: a mail whose link expires, sent again or taken
    back from the tenant's page (services.invitations). ``tells`` False: the caller answers alike whether there was an
    account or not, so that the address is not counted as one that was asked for.
    """
    user, new = _known_or_new(acting_user=acting_user, email=email, full_name=full_name, tells=tells)
    row = give_role(acting_user=acting_user, anchor=tenant, user=user, role=role, **more)
    assert isinstance(row, Membership)
    if new or never_came(user):
        invite(acting_user=acting_user, membership=row, site=site)
    return row


def known_person(email: str, asked_by: User) -> User:
    """The person who signs in with this address; refuses an address nobody has, so that no role goes astray."""
    note_lookup(asked_by)
    user = person_by_address(email)
    if user is None or not user.is_active:
        raise Refused(
            _("Nobody signs in with %(email)s yet. Ask the person to create an account first, then add them here.")
            % {"email": email},
            code="tenants.unknown_person",
            field="email",
        )
    return user


def _known_or_new(*, acting_user: User, email: str, full_name: str, tells: bool = True) -> tuple[User, bool]:
    """The person with this address, and whether the account was made now; a mail lets them choose a password.

    Where an identity provider speaks for the address, signing in through it opens the account as well. An account
    that somebody opened with the address and never proved is emptied first: it may be anybody's.
    """
    if tells:
        note_lookup(acting_user)
    user = person_by_address(email)
    if user is not None:
        return user, False
    if not full_name.strip():
        raise Refused(
            _("Nobody signs in with %(email)s yet. Enter the person's name, and they get a mail to choose a password.")
            % {"email": email},
            field="full_name",
        )
    return account_for(acting_user=acting_user, email=email, full_name=full_name)


@transaction.atomic
def account_for(*, acting_user: User, email: str, full_name: str) -> tuple[User, bool]:
    """The account of an address and whether it was made now; one that was opened with it and never proved is emptied."""
    known = person_by_address(email)
    if known is not None:
        return known, False
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        return create_person(acting_user=acting_user, email=email, full_name=full_name), True
    take_back(user, full_name)
    record("person.taken_back", acting_user=acting_user, target=user, after={"user": user.pk})
    return user, True


def _strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None


def send_welcome(user_id: int, site: str) -> None:
    """Mail the address at which a person chooses a password; should it get lost, "forgotten password" does the same."""
    user = User.objects.get(pk=user_id)
    key = import_string(TOKENS).make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    with translation.override(user.language or settings.LANGUAGE_CODE):
        text = _(
            "Hello %(name)s,\n\n"
            "you have been given a role in %(portal)s:\n\n%(roles)s\n\n"
            "Choose a password here, then sign in with %(email)s:\n\n%(url)s\n\n"
            "If you did not expect this message, you need not do anything."
        )
        facts = {
            "name": user.get_full_name(), "email": user.email, "url": urljoin(site, path), "roles": _roles_of(user),
            "portal": settings.PORTAL_NAME,
        }  # fmt: skip
        title = _("Your account for %(portal)s") % {"portal": settings.PORTAL_NAME}
        send_mail(title, text % facts, settings.DEFAULT_FROM_EMAIL, [user.email])


def _roles_of(user: User) -> str:
    """A line for each role that has not ended: which, where, and by whom; a mail without them looks like a trick."""
    ahead = Q(valid_until=None) | Q(valid_until__gt=timezone.now())
    kinds: tuple[tuple[Any, str], ...] = ((Membership, "tenant"), (AuthorityMembership, "authority"))
    lines = []
    for kind, place in kinds:
        for row in kind.objects.filter(ahead, user=user).select_related(place, "given_by").order_by("pk"):
            facts = {"role": row.get_role_display(), "place": getattr(row, place), "giver": row.given_by or ""}
            said = _("– %(role)s, %(place)s, given by %(giver)s") if row.given_by else _("– %(role)s, %(place)s")
            lines.append(said % facts)
    return "\n".join(lines)
