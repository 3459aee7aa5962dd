"""What ending a role means, said before it is done; and the roles that a person holds anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.registry import role_effects
from portal.models import User
from tenants.queries.limits import limit_names
from tenants.services.memberships import NOT_OVER, OFFICES, Office, office_keeping


@dataclass(frozen=True)
class Held:
    """A role that somebody holds, or will."""

    row: Any
    anchor: Any
    pages: Mapping[str, str]
    abilities: list[str | Promise]
    begun: bool
    can_delegate: bool
    stand_ins: list[Any]
    clusters: str = ""
    """The clusters to which the role is limited, by name."""


def consequences(membership: Any) -> list[str]:
    """One sentence for each thing that the person then cannot do, and each that is left without them."""
    office = office_keeping(membership)
    lost = _only_by(office, membership)
    said = [
        _("They can no longer %(ability)s.") % {"ability": ability}
        for codename, ability in office.abilities.items()
        if codename in lost
    ]
    if not lost:
        said.append(_("They keep every right here through another role."))
    said += [
        _("%(person)s, who stands in for them, loses the role too.") % {"person": each.user}
        for each in delegations_of(office, membership)
    ]
    for effects in role_effects:
        said += effects(membership)
    return said


def delegations_of(office: Office, membership: Any) -> list[Any]:
    """Who stands in for the holder by this role, now or soon."""
    if not office.delegable:
        return []
    return list(membership.delegations.filter(valid_until__gt=timezone.now()).select_related("user"))


def roles_of(user: User) -> list[Held]:
    """Every role of the person that has not ended, wherever it is."""
    found, now = [], timezone.now()
    for office in OFFICES.values():
        rows = office.memberships._default_manager.filter(NOT_OVER | Q(valid_until__gt=now), user=user)
        related = (office.field, *(("delegated_from__user",) if office.delegable else ()))
        for row in rows.select_related(*related).order_by(f"{office.field}__name", "pk"):
            own = getattr(row, "delegated_from_id", None) is None
            abilities = [text for codename, text in office.abilities.items() if codename in office.grants[row.role]]
            can = own and row.role in office.delegable
            stand_ins = delegations_of(office, row) if can else []
            anchor = getattr(row, office.field)
            only = limit_names(getattr(row, "only_clusters", []))
            found.append(Held(row, anchor, office.pages, abilities, row.valid_from <= now, can, stand_ins, only))
    return found


def _only_by(office: Office, membership: Any) -> frozenset[str]:
    """The rights that no other role of the person here gives."""
    anchor = {office.field: getattr(membership, office.field)}
    others = office.memberships._default_manager.filter(live_now(), user=membership.user_id, **anchor)
    kept: frozenset[str] = frozenset()
    for role in others.exclude(pk=membership.pk).values_list("role", flat=True):
        kept |= office.grants[role]
    return office.grants[membership.role] - kept
