"""API tokens: made by a person for a machine of theirs, shown once, revoked by them or by the tenant's owner."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.crypto import create_token_string, hash_token
from knox.settings import CONSTANTS

from portal.core import isolation
from portal.core.access import live_now
from portal.core.audit import record
from portal.core.bounds import bound_of
from portal.core.errors import Conflict, Forbidden, Refused
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import ApiToken, Authority, AuthorityMembership, Membership, OnboardingCase, Tenant, TokenScope
from tenants.services.memberships import OFFICES

PREFIX = "aifp_"
"""What every token begins with, so that scanners recognise one that was left lying about."""
KEY_LENGTH: int = CONSTANTS.TOKEN_KEY_LENGTH
LONGEST = 200
MOST = 20
"""Valid tokens of one person."""


@deciding
@transaction.atomic
def create_token(
    *,
    acting_user: User,
    name: str,
    place: Any,
    scopes: Iterable[str],
    expires_at: datetime,
    networks: Iterable[str] = (),
) -> tuple[ApiToken, str]:
    """A token of ``acting_user``, and its text, which nobody sees again. Reading is always part of it.

    ``place``: the tenant, authority or provider it is valid for.
    """
    if bound_of(acting_user) is not None:
        raise Forbidden(_("A token cannot make tokens. Sign in in the browser."), code="token.not_for_tokens")
    _require_expiry(expires_at)
    wanted = {TokenScope.READ.value, *scopes}
    if unknown := sorted(wanted - set(TokenScope.values)):
        raise Refused(_("There is no scope “%(scope)s”.") % {"scope": unknown[0]}, field="scopes")
    if place not in places_of(acting_user):
        raise Forbidden(_("You belong to no such place, so a token of yours can do nothing there."), field="place")
    hold("tokens", acting_user.pk)
    if ApiToken.objects.filter(user=acting_user).in_force().count() >= MOST:
        raise Conflict(
            _("You have %(most)d valid tokens already. Revoke one that is not needed any more.") % {"most": MOST}
        )
    text = PREFIX + create_token_string()
    row = ApiToken.objects.create(
        user=acting_user, name=name.strip(), scopes=[each for each in TokenScope.values if each in wanted],
        networks=_networks(networks), expires_at=expires_at, token_key=text[: KEY_LENGTH], digest=hash_token(text),
        **_columns(place),
    )  # fmt: skip
    record(
        "token.created", acting_user=acting_user, target=row, **_trail(row),
        after={
            "user": acting_user.pk, "scopes": row.scopes, "networks": row.networks, "expires_at": row.expires_at,
        },
    )  # fmt: skip
    return row, text


@transaction.atomic
def revoke_token(*, acting_user: User, token: ApiToken, reason: str = "") -> ApiToken:
    """From now on the token opens nothing."""
    now = timezone.now()
    if not ApiToken.objects.filter(pk=token.pk).in_force().update(revoked_at=now, revoked_by=acting_user):
        raise Conflict(_("This token is not valid any more, so there is nothing to revoke."))
    token.revoked_at, token.revoked_by = now, acting_user
    record(
        "token.revoked", acting_user=acting_user, target=token, **_trail(token), reason=reason,
        before={"user": token.user_id}, after={"revoked_at": now},
    )  # fmt: skip
    return token


def _columns(place: Any) -> dict[str, Any]:
    """Where a token is valid, as its columns."""
    if isinstance(place, Tenant):
        return {"tenant": place}
    if isinstance(place, Authority):
        return {"authority": place}
    where = {"anchor_id": place.pk, "anchor_public_id": place.public_id}
    return {**where, "anchor_label": place._meta.label, "anchor_name": place.name[:200]}


def _trail(token: ApiToken) -> dict[str, Any]:
    """In whose record it belongs."""
    return {"tenant": token.tenant, "authority": token.authority, "provider": token.anchor_id}


def places_of(user: User) -> list[Any]:
    """Where tokens of a person can be valid: their tenants, the authorities they work for or have applied to, and the
    providers they work for.
    """
    tenants = Membership.objects.filter(live_now(), user=user).values("tenant")
    staff = AuthorityMembership.objects.filter(live_now(), user=user).values("authority")
    asked = OnboardingCase.objects.filter(members__user=user).values("authority")
    found: list[Any] = [*Tenant.objects.filter(pk__in=tenants).order_by("name")]
    found += Authority.objects.filter(Q(pk__in=staff) | Q(pk__in=asked)).order_by("name")
    for label, office in OFFICES.items():
        if label not in {"tenants.Tenant", "tenants.Authority"}:
            theirs = office.memberships._default_manager.filter(live_now(), user=user).values(office.field)
            found += office.anchor_model._default_manager.filter(pk__in=theirs).order_by("name")
    return found


def find(text: str) -> ApiToken | None:
    """The token of this text, whatever its state; compared by its hash in constant time."""
    if not text or len(text) > LONGEST or not text.isascii():
        return None
    digest = hash_token(text)
    with isolation.as_worker():  # nobody is known yet
        rows = list(ApiToken.objects.filter(token_key=text[:KEY_LENGTH]).select_related("user"))
    return next((row for row in rows if compare_digest(row.digest, digest)), None)


def used(token: ApiToken, address: str | None) -> None:
    """Remember when and from where a token was used last; written at most once a minute."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        with isolation.as_worker():
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_used_from=address)


def allows(token: ApiToken, address: str | None) -> bool:
    """Whether the token may be used from this address."""
    if not token.networks:
        return True
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in ipaddress.ip_network(network) for network in token.networks)


def _networks(texts: Iterable[str]) -> list[str]:
    found = []
    for text in texts:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            raise Refused(
                _("“%(text)s” is no network. Write for example 192.0.2.0/24 or 2001:db8::/32.") % {"text": text},
                field="networks",
            ) from None
    return list(dict.fromkeys(found))


def _require_expiry(expires_at: datetime) -> None:
    now = timezone.now()
    if expires_at <= now:
        raise Refused(_("A token that is to be of use has to end in the future."), field="until")
    if expires_at > now + timedelta(days=settings.API_TOKEN_MAX_DAYS):
        raise Refused(
            _("A token is valid for at most %(days)d days here. Choose an earlier end and make a new one then.")
            % {"days": settings.API_TOKEN_MAX_DAYS},
            field="until",
        )
