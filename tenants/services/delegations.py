"""A colleague holds a role while somebody is away: from a day until a day, and never more than the absent one may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.audit import record
from portal.core.errors import Conflict, Forbidden, Refused
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.errors import NotEligible, OwnRights
from tenants.models import StaffMembershipBase
from tenants.roles import AuthorityRole
from tenants.services.memberships import (
    Office,
    office_keeping,
    overlapping,
    refuse_over,
    require_period,
    rights_changed,
)

LONGEST_DAYS = 180
"""An absence; who is away longer hands the role over."""


@deciding
@transaction.atomic
def delegate_role(
    *,
    acting_user: User,
    membership: StaffMembershipBase,
    to: User,
    valid_until: datetime,
    valid_from: datetime | None = None,
    reason: str = "",
) -> StaffMembershipBase:
    """Let a colleague hold ``membership``'s role while its holder is away. Only the holder names them."""
    row: Any = membership
    office = office_keeping(membership)
    anchor = getattr(row, office.field)
    begins = max(valid_from or timezone.now(), row.valid_from)
    hold("rights", row.user_id, to.pk)
    row.refresh_from_db(fields=["valid_until"])
    refuse_over(row)
    if against := objection_to(office, row, to, acting_user=acting_user):
        raise against
    _require_absence(office, row, begins, valid_until)
    limits = {name: getattr(row, name) for name in ("gpu_limit", "only_clusters") if hasattr(row, name)}
    made: StaffMembershipBase = office.memberships._default_manager.create(
        user=to, role=row.role, valid_from=begins, valid_until=valid_until, given_by=acting_user,
        delegated_from=row, **{office.field: anchor}, **limits,
    )  # fmt: skip
    record(
        "delegation.given", acting_user=acting_user, target=made, reason=reason, **office.audit(anchor),
        after={
            "user": to.pk, "role": row.role, "delegated_by": row.user_id, "valid_from": begins,
            "valid_until": valid_until,
        },
    )  # fmt: skip
    rights_changed(anchor, to)
    return made


def objection_to(office: Office, row: Any, to: User, *, acting_user: User) -> Refused | Forbidden | None:
    """Why ``to`` may not hold this role for its holder."""
    if acting_user.pk != row.user_id:
        return OwnRights(_("Only the person who holds a role names who stands in for them."))
    if row.delegated_from_id is not None:
        return OwnRights(_("You stand in for somebody yourself. What was delegated to you cannot be passed on."))
    if row.role not in office.delegable:
        return Refused(_("The role “%(role)s” cannot be delegated.") % {"role": row.get_role_display()})
    if to.pk == row.user_id:
        return NotEligible(_("Name a colleague: you cannot stand in for yourself."), field="colleague")
    if not colleagues(row).filter(pk=to.pk).exists():
        return NotEligible(
            _(
                "%(person)s cannot stand in for you: it has to be somebody who works for %(thing)s, is neither its "
                "auditor nor a platform administrator, and has an open account."
            )
            % {"person": to.get_full_name(), "thing": getattr(row, office.field)},
            field="colleague",
        )
    return None


def colleagues(membership: StaffMembershipBase) -> QuerySet[User]:
    """Who may stand in: people who work for the same authority or provider in their own right. Auditors watch over
    decisions and so take none; a platform administrator gets a deciding role from another administrator alone.
    """
    office = office_keeping(membership)
    here = office.own().filter(live_now(), **{office.field: getattr(membership, office.field)})
    barred = here.filter(role=AuthorityRole.AUDITOR).values("user")
    people = User.objects.filter(pk__in=here.values("user"), is_active=True, is_platform_admin=False)
    return people.exclude(pk__in=barred).exclude(pk=membership.user_id).order_by("full_name", "pk")


def _require_absence(office: Office, row: Any, begins: datetime, ends: datetime) -> None:
    require_period(begins, ends)
    if row.valid_until is not None and ends > row.valid_until:
        raise OwnRights(
            _("Your own role ends before that, and nobody can stand in for you longer than you hold it."),
            field="valid_until",
        )
    if ends - begins > timedelta(days=LONGEST_DAYS):
        raise Refused(
            _("Somebody can stand in for at most %(days)d days. For longer, ask that the role be given to them.")
            % {"days": LONGEST_DAYS},
            field="valid_until",
        )
    taken = overlapping(row.delegations.all(), begins, ends).select_related("user").first()
    if taken is not None:
        raise Conflict(
            _("%(person)s stands in for you during this time already. End that first, or choose other days.")
            % {"person": taken.user.get_full_name()},
            code="tenants.delegated_already",
            field="valid_from",
        )
