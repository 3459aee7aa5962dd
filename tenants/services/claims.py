"""Claims of identity providers become memberships, as far as somebody with the right wrote down, and no further.

At each sign-in through a provider the person's claims are compared with the mappings in force, those of staff
(``ClaimMapping``) and those of tenants (``TenantClaim``): what a mapping says is given, what a mapping gave and the
claims no longer say is ended. What is given lasts ``OIDC_ROLE_DAYS`` and is prolonged by each sign-in through the
provider, so that it ends, too, for somebody who no longer comes that way. Roles given by hand are never touched, a role
that was ended by hand is not given back while the claim lasts, and nobody is given a role by a mapping of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.claims import values_of
from portal.core.access import may
from portal.core.audit import record
from portal.core.errors import Conflict, PortalError, Refused
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Authority, ClaimMapping, MappedMembership, Tenant, TenantClaim, TenantClaimGiven
from tenants.queries.claims import known_people
from tenants.services.memberships import OFFICES, end_role, give_role, lengthen_role, office_of

log = structlog.get_logger(__name__)
Mapping = ClaimMapping | TenantClaim
Given = MappedMembership | TenantClaimGiven
KINDS: tuple[tuple[Any, Any], ...] = ((ClaimMapping, MappedMembership), (TenantClaim, TenantClaimGiven))
"""Mappings, and what was given by them."""


@dataclass
class Plan:
    """What a sign-in of ``user`` would change. ``withheld``: mapping and the sentence why it gives nothing;
    ``prolongs``: what was given and is said again.
    """

    user: User
    gives: list[Mapping] = field(default_factory=list)
    ends: list[Given] = field(default_factory=list)
    withheld: list[tuple[Mapping, str]] = field(default_factory=list)
    prolongs: list[Given] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.gives or self.ends or self.withheld)


@deciding
@transaction.atomic
def map_claim(
    *, acting_user: User, provider: str, claim: str, value: str, anchor: models.Model, role: str
) -> ClaimMapping:
    """Give ``role`` on ``anchor`` to whom ``provider`` says ``claim`` = ``value`` of, from their next sign-in on."""
    if role not in office_of(anchor).grants:
        raise Refused(_("%(thing)s has no role “%(role)s”.") % {"thing": anchor, "role": role}, field="role")
    facts = {"provider": provider, "claim": claim.strip(), "value": value.strip(), "role": role}
    where = {"anchor_label": anchor._meta.label, "anchor_id": anchor.pk}
    hold("claims", anchor.pk)
    if ClaimMapping.objects.filter(ended_at=None, **facts, **where).exists():
        raise Conflict(_("This claim is mapped to this role already."), code="tenants.claim_mapped", field="value")
    authority = anchor if isinstance(anchor, Authority) else None
    row = ClaimMapping.objects.create(
        made_by=acting_user, authority=authority, anchor_name=str(anchor)[:200], **facts, **where
    )
    record("claim.mapped", acting_user=acting_user, target=row, authority=authority, after={**facts, "on": str(anchor)})
    return row


@deciding
@transaction.atomic
def end_mapping(*, acting_user: User, mapping: ClaimMapping, reason: str = "") -> ClaimMapping:
    """End a mapping now, and every role it gave."""
    ended = ClaimMapping.objects.filter(pk=mapping.pk, ended_at=None).update(ended_at=timezone.now())
    if not ended:
        raise Conflict(_("This mapping has ended already. Reload the page."))
    mapping.refresh_from_db()
    record(
        "claim.unmapped", acting_user=acting_user, target=mapping, authority=mapping.authority, reason=reason,
        before={"provider": mapping.provider, "claim": mapping.claim, "value": mapping.value, "role": mapping.role},
    )  # fmt: skip
    take_all(mapping)
    return mapping


def apply_claims(user: User, provider: str, claims: dict[str, Any]) -> Plan:
    """At a sign-in: give, prolong and end what the mappings say. One that does not go is logged and stops nobody."""
    with as_worker():
        _note_lapsed(user)
        plan = plan_for(user, provider, claims)
        for mapping in plan.gives:
            _try(_give, mapping, user)
        for each in plan.prolongs:
            _try(_prolong, each)
        for each in plan.ends:
            _try(_take, each)
    return plan


def plan_for(
    user: User,
    provider: str,
    claims: dict[str, Any],
    mappings: Iterable[Any] | None = None,
    tenant: Tenant | None = None,
) -> Plan:
    """What these claims would give, prolong and end, without doing it. ``mappings``: instead of those in force;
    ``tenant``: only what its mappings give.
    """
    plan = Plan(user)
    in_force = _in_force(provider, tenant) if mappings is None else mappings
    said = [each for each in in_force if each.value in values_of(claims, each.claim) and trusted(each)]
    for mapping in said:
        if why := _against(mapping, user):
            plan.withheld.append((mapping, why))
        elif not _holds(mapping, user):
            plan.gives.append(mapping)
    still = {(type(each), each.pk) for each in said}
    for given in _given_to(user, provider, tenant):
        (plan.prolongs if (type(given.mapping), given.mapping_id) in still else plan.ends).append(given)
    return plan


def dry_run(provider: str = "", tenant: Tenant | None = None) -> list[Plan]:
    """What would change if everybody who is known signed in now with what their provider last said.

    ``tenant``: by its mappings alone, and only people of the identity providers that know its people.
    """
    known = [(user, name, claims) for user, name, claims in known_people(provider) if knows(name, tenant)]
    return [plan for user, name, claims in known if (plan := plan_for(user, name, claims, tenant=tenant))]


def who_would_get(mapping: Mapping) -> list[Plan]:
    """Whom a mapping that is not made yet would give its role, or why not."""
    plans = (plan_for(user, name, claims, [mapping]) for user, name, claims in known_people(mapping.provider))
    return [plan for plan in plans if plan.gives or plan.withheld]


def knows(provider: str, tenant: Tenant | None) -> bool:
    """Whether the installation says that this provider knows the people of ``tenant``; of nobody's in particular: yes."""
    return tenant is None or any(
        each.key == provider and tenant.slug in each.tenants for each in settings.OIDC_PROVIDERS
    )


def trusted(mapping: Mapping) -> bool:
    """Whether the provider of a mapping may still give roles there."""
    return not isinstance(mapping, TenantClaim) or knows(mapping.provider, mapping.tenant)


def take_all(mapping: Any) -> None:
    """End every role that a mapping gave."""
    for each in mapping.given.filter(ended_at=None).select_related("user", "mapping"):
        _take(each)


def _in_force(provider: str, tenant: Tenant | None) -> Iterator[Mapping]:
    if tenant is None:
        yield from ClaimMapping.objects.filter(provider=provider, ended_at=None).order_by("pk")
    rows = (
        TenantClaim.objects.filter(provider=provider, ended_at=None).select_related("tenant", "made_by").order_by("pk")
    )
    yield from rows if tenant is None else rows.filter(tenant=tenant)


def _given_to(user: User, provider: str, tenant: Tenant | None) -> Iterator[Given]:
    facts = {"user": user, "mapping__provider": provider, "ended_at": None}
    if tenant is None:
        yield from MappedMembership.objects.filter(**facts).select_related("mapping", "user")
    rows = TenantClaimGiven.objects.filter(**facts).select_related("mapping__tenant", "user")
    yield from rows if tenant is None else rows.filter(tenant=tenant)


def _against(mapping: Mapping, user: User) -> str:
    if mapping.made_by_id == user.pk:
        return _("The person made this mapping themselves; nobody gives a role to themselves.")
    if not user.is_active:
        return _("The account is closed.")
    if isinstance(mapping, TenantClaim):
        if mapping.tenant.state != "active":
            return _("%(tenant)s is not active.") % {"tenant": mapping.tenant}
        if not may(mapping.made_by, "manage_members", mapping.tenant):
            return _("Who made this mapping gives no roles there any more. An owner has to make it anew.")
    if mapping.pk and _ended_by_hand(mapping, user):
        return _("The role was ended by hand and is not given back while the claim lasts.")
    return ""


def _ended_by_hand(mapping: Any, user: User) -> bool:
    """Whether the last role that the mapping gave ended before its time and the claim has not gone since."""
    given = mapping.given.filter(user=user, ended_at=None).first()
    row = _membership(given) if given else None
    if row is None or row.valid_until is None or row.valid_until > timezone.now():
        return False
    return given.lapses_at is None or bool(row.valid_until < given.lapses_at)


def _holds(mapping: Mapping, user: User) -> bool:
    """Whether the person holds the role there already, by whatever way."""
    office = OFFICES[mapping.anchor_label]
    anchor = office.anchor_model._default_manager.filter(pk=mapping.anchor_id).first()
    return anchor is None or office.live(anchor, user).filter(role=mapping.role).exists()


def _lapse() -> datetime:
    return timezone.now() + timedelta(days=settings.OIDC_ROLE_DAYS)


def _membership(given: Any) -> Any:
    memberships = OFFICES[given.mapping.anchor_label].memberships._default_manager
    return memberships.filter(pk=given.membership_id).first()


@transaction.atomic
def _give(mapping: Any, user: User) -> None:
    anchor: Any = OFFICES[mapping.anchor_label].anchor_model._default_manager.get(pk=mapping.anchor_id)
    until = _lapse()
    row = give_role(
        acting_user=None, anchor=anchor, user=user, role=mapping.role, valid_until=until, reason=str(mapping)
    )
    given = {"user": user, "membership_id": row.pk, "lapses_at": until}
    if isinstance(mapping, TenantClaim):
        given |= {"tenant_id": mapping.tenant_id, "authority_id": mapping.authority_id}
    mapping.given.create(**given)


@transaction.atomic
def _prolong(given: Any) -> None:
    """Written once half of the time is over, so that the record tells of no more than that."""
    until, row = _lapse(), _membership(given)
    rest = timedelta(days=settings.OIDC_ROLE_DAYS) / 2
    if row is None or (given.lapses_at is not None and given.lapses_at - timezone.now() > rest):
        return
    if row.valid_until != given.lapses_at:  # somebody has set another end by hand, and that one holds
        return
    lengthen_role(membership=row, valid_until=until, reason=str(given.mapping))
    type(given)._default_manager.filter(pk=given.pk).update(lapses_at=until)


def _note_lapsed(user: User) -> None:
    """What ended by its own time is over; the next claim gives it anew."""
    for _mappings, given in KINDS:
        given._default_manager.filter(user=user, ended_at=None, lapses_at__lte=timezone.now()).update(
            ended_at=models.F("lapses_at")
        )


@transaction.atomic
def _take(given: Any) -> None:
    if not type(given)._default_manager.filter(pk=given.pk, ended_at=None).update(ended_at=timezone.now()):
        return
    row = _membership(given)
    if row is not None and (row.valid_until is None or row.valid_until > timezone.now()):
        end_role(acting_user=None, membership=row, reason=str(given.mapping))


def _try(act: Any, *args: Any) -> None:
    try:
        act(*args)
    except PortalError as error:
        log.warning("claim_not_applied", code=error.code, what=str(args[0]))
