"""Claims of identity providers become memberships, as far as somebody with the right wrote down, and no further.

At each sign-in through a provider the person's claims are compared with the mappings in force: what a mapping says is
given, what a mapping gave and the claims no longer say is ended. Roles given by hand are never touched, a role that
was ended by hand is not given back while the claim lasts, and nobody is given a role by a mapping of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.claims import values_of
from portal.core.audit import record
from portal.core.errors import Conflict, PortalError, Refused
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Authority, ClaimMapping, MappedMembership
from tenants.queries.claims import known_people
from tenants.services.memberships import OFFICES, end_role, give_role, office_of

log = structlog.get_logger(__name__)


@dataclass
class Plan:
    """What a sign-in of ``user`` would change. ``withheld``: mapping and the sentence why it gives nothing."""

    user: User
    gives: list[ClaimMapping] = field(default_factory=list)
    ends: list[MappedMembership] = field(default_factory=list)
    withheld: list[tuple[ClaimMapping, str]] = field(default_factory=list)

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
    for each in mapping.given.filter(ended_at=None).select_related("user", "mapping"):
        _take(each)
    return mapping


def apply_claims(user: User, provider: str, claims: dict[str, Any]) -> Plan:
    """At a sign-in: give and end what the mappings say. One that does not go is logged and stops nobody's sign-in."""
    with as_worker():
        plan = plan_for(user, provider, claims)
        for mapping in plan.gives:
            _try(_give, mapping, user)
        for each in plan.ends:
            _try(_take, each)
    return plan


def plan_for(user: User, provider: str, claims: dict[str, Any], mappings: Iterable[ClaimMapping] | None = None) -> Plan:
    """What these claims would give and end, without doing it. ``mappings``: instead of those in force."""
    plan = Plan(user)
    if mappings is None:
        mappings = ClaimMapping.objects.filter(provider=provider, ended_at=None).order_by("pk")
    said = [each for each in mappings if each.value in values_of(claims, each.claim)]
    for mapping in said:
        if why := _against(mapping, user):
            plan.withheld.append((mapping, why))
        elif not _holds(mapping, user):
            plan.gives.append(mapping)
    given = MappedMembership.objects.filter(user=user, mapping__provider=provider, ended_at=None)
    still = [each.pk for each in said if each.pk]
    plan.ends = list(given.exclude(mapping__in=still).select_related("mapping", "user"))
    return plan


def dry_run(provider: str = "") -> list[Plan]:
    """What would change if everybody who is known signed in now with what their provider last said."""
    return [plan for user, name, claims in known_people(provider) if (plan := plan_for(user, name, claims))]


def who_would_get(mapping: ClaimMapping) -> list[Plan]:
    """Whom a mapping that is not made yet would give its role, or why not."""
    plans = (plan_for(user, name, claims, [mapping]) for user, name, claims in known_people(mapping.provider))
    return [plan for plan in plans if plan.gives or plan.withheld]


def _against(mapping: ClaimMapping, user: User) -> str:
    if mapping.made_by_id == user.pk:
        return _("The person made this mapping themselves; nobody gives a role to themselves.")
    if not user.is_active:
        return _("The account is closed.")
    memberships = OFFICES[mapping.anchor_label].memberships._default_manager
    for each in MappedMembership.objects.filter(mapping_id=mapping.pk, user=user, ended_at=None):
        row = memberships.filter(pk=each.membership_id).first()
        if row is not None and row.valid_until is not None and row.valid_until <= timezone.now():
            return _("The role was ended by hand and is not given back while the claim lasts.")
    return ""


def _holds(mapping: ClaimMapping, user: User) -> bool:
    """Whether the person holds the role there already, by whatever way."""
    office = OFFICES[mapping.anchor_label]
    anchor = office.anchor_model._default_manager.filter(pk=mapping.anchor_id).first()
    return anchor is None or office.live(anchor, user).filter(role=mapping.role).exists()


@transaction.atomic
def _give(mapping: ClaimMapping, user: User) -> None:
    anchor = OFFICES[mapping.anchor_label].anchor_model._default_manager.get(pk=mapping.anchor_id)
    row = give_role(acting_user=None, anchor=anchor, user=user, role=mapping.role, reason=str(mapping))
    MappedMembership.objects.create(mapping=mapping, user=user, membership_id=row.pk)


@transaction.atomic
def _take(given: MappedMembership) -> None:
    if not MappedMembership.objects.filter(pk=given.pk, ended_at=None).update(ended_at=timezone.now()):
        return
    memberships = OFFICES[given.mapping.anchor_label].memberships._default_manager
    row = memberships.filter(pk=given.membership_id).first()
    if row is not None and (row.valid_until is None or row.valid_until > timezone.now()):
        end_role(acting_user=None, membership=row, reason=str(given.mapping))


def _try(act: Any, *args: Any) -> None:
    try:
        act(*args)
    except PortalError as error:
        log.warning("claim_not_applied", code=error.code, what=str(args[0]))
