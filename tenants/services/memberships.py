"""Who holds which role: the only place that writes memberships and projects them onto guardian's grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.core.access import live_now, set_grants
from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding, insist
from portal.models import User
from tenants.errors import LastOne, OwnRights
from tenants.models import AuthorityMembership, Membership, MembershipBase
from tenants.roles import (
    AUTHORITY_ABILITIES,
    AUTHORITY_GRANTS,
    DELEGABLE,
    TENANT_ABILITIES,
    TENANT_GRANTS,
    AuthorityRole,
    TenantRole,
)

Facts = dict[str, Any]
NOT_OVER = Q(valid_until__isnull=True)


@dataclass(frozen=True)
class Office:
    """A kind of anchor on which roles are held: its membership rows, and what each role may do."""

    memberships: Any
    field: str
    grants: Mapping[str, frozenset[str]]
    columns: Callable[[Any], Facts] = lambda _anchor: {}
    """Further columns of a membership, from its anchor."""
    audit: Callable[[Any], Facts] = lambda _anchor: {}
    """In whose trail the change belongs."""
    abilities: Mapping[str, str | Promise] = made(default_factory=dict)
    """Codename → what it lets a person do, in words."""
    delegable: frozenset[str] = frozenset()
    """Roles that a colleague may hold for an absence."""
    keeper: str = ""
    """The role that somebody always has to hold, without an end."""
    pages: Mapping[str, str] = made(default_factory=dict)
    """Names of the addresses of its pages: people, change, end, delegate."""

    @property
    def anchor_model(self) -> type[models.Model]:
        related: type[models.Model] = self.memberships._meta.get_field(self.field).related_model
        return related

    def live(self, anchor: models.Model, user: User) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.memberships._default_manager.all()
        return rows.filter(live_now(), user=user, **{self.field: anchor})

    def own(self) -> models.QuerySet[Any]:
        """Roles that people hold in their own right, not for somebody who is away."""
        rows: models.QuerySet[Any] = self.memberships._default_manager.all()
        return rows.filter(delegated_from=None) if self.delegable else rows


OFFICES: dict[str, Office] = {
    "tenants.Tenant": Office(
        Membership,
        "tenant",
        TENANT_GRANTS,
        columns=lambda tenant: {"authority": tenant.authority},
        audit=lambda tenant: {"tenant": tenant, "authority": tenant.authority},
        abilities=TENANT_ABILITIES,
        keeper=TenantRole.OWNER,
        pages={"people": "tenant-people", "change": "membership-change", "end": "membership-end"},
    ),
    "tenants.Authority": Office(
        AuthorityMembership,
        "authority",
        AUTHORITY_GRANTS,
        audit=lambda authority: {"authority": authority},
        abilities=AUTHORITY_ABILITIES,
        delegable=frozenset(map(str, DELEGABLE)),
        keeper=AuthorityRole.ONBOARDING_OFFICER,
        pages={
            "people": "authority-people",
            "change": "staff-change",
            "end": "staff-end",
            "delegate": "staff-delegate",
        },
    ),
}
"""Anchor label → its office. The provider's is added by the app that owns it."""


def register_office(label: str, office: Office) -> None:
    """Let the roles of another kind of anchor be given and ended here; called from ``AppConfig.ready()``."""
    OFFICES[label] = office


def office_of(anchor: models.Model) -> Office:
    return OFFICES[anchor._meta.label]


def office_keeping(membership: MembershipBase) -> Office:
    """The office in whose table this row is."""
    for office in OFFICES.values():
        if isinstance(membership, office.memberships):
            return office
    raise LookupError(f"no office keeps {type(membership).__name__}")


@deciding
@transaction.atomic
def give_role(
    *,
    acting_user: User | None,
    anchor: models.Model,
    user: User,
    role: str,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    reason: str = "",
    **limits: Any,
) -> MembershipBase:
    """Let ``user`` hold ``role`` on ``anchor`` until ``valid_until`` (None: until it is ended).

    Nobody gives a role to themselves. ``acting_user`` None is the portal itself (the applicant becomes the owner).
    ``limits``: further columns of the role (an approver's ``gpu_limit`` and ``only_clusters``).
    """
    office = office_of(anchor)
    if role not in office.grants:
        raise Refused(_("%(thing)s has no role “%(role)s”.") % {"thing": anchor, "role": role}, field="role")
    if acting_user is not None and acting_user.pk == user.pk:
        raise OwnRights(_("Nobody gives a role to themselves. Ask another person who may give roles here."))
    if not user.is_active:
        raise Refused(
            _("The account of %(person)s is closed, so it can hold no role.") % {"person": user}, field="email"
        )
    begins, given = (
        valid_from or timezone.now(),
        {key: value for key, value in limits.items() if value not in (None, [])},
    )
    require_period(begins, valid_until)
    hold("rights", user.pk)
    if overlapping(office.own().filter(user=user, role=role, **{office.field: anchor}), begins, valid_until).exists():
        raise Conflict(
            _("%(person)s already holds this role here. Change its end, or end it and give it again.")
            % {"person": user.get_full_name()},
            code="tenants.role_held",
            field="role",
        )
    row: MembershipBase = office.memberships._default_manager.create(
        user=user, role=role, valid_from=begins, valid_until=valid_until, given_by=acting_user,
        **{office.field: anchor}, **office.columns(anchor), **given,
    )  # fmt: skip
    later = {"valid_from": begins} if begins > timezone.now() else {}
    record(
        "membership.given", acting_user=acting_user, target=row, reason=reason,
        after={"user": user.pk, "role": role, "valid_until": valid_until, **later, **given}, **office.audit(anchor),
    )  # fmt: skip
    rights_changed(anchor, user)
    return row


@transaction.atomic
def change_role(
    *,
    acting_user: User,
    membership: MembershipBase,
    valid_from: datetime | None = None,
    valid_until: datetime | None,
    reason: str = "",
) -> MembershipBase:
    """Let a role last until another day (None: without an end), or begin on another if it has not begun.

    Nobody makes a right of their own last longer. A shorter role shortens what was delegated from it.
    """
    row: Any = membership
    if acting_user.pk != row.user_id:
        insist()
    office, now = office_keeping(membership), timezone.now()
    begins = row.valid_from if row.valid_from <= now or valid_from is None else valid_from
    require_period(begins, valid_until)
    _hold_rights(office, row)
    row.refresh_from_db(fields=["valid_from", "valid_until"])
    refuse_over(row)
    if _later(valid_until, row.valid_until) and getattr(row, "delegated_from_id", None):
        raise OwnRights(
            _("A delegation is not made longer. The person who is away names somebody again when it ends."),
            field="valid_until",
        )
    if acting_user.pk == row.user_id and (begins < row.valid_from or _later(valid_until, row.valid_until)):
        raise OwnRights(
            _("Nobody makes their own role last longer. Ask another person who may give roles here."),
            field="valid_until",
        )
    if valid_until is not None:
        keep_one(office, row)
        _cut_delegations(acting_user, office, row, valid_until)
    before = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    row.valid_from, row.valid_until = begins, valid_until
    row.save(update_fields=["valid_from", "valid_until"])
    anchor = getattr(row, office.field)
    record(
        "membership.changed", acting_user=acting_user, target=row, reason=reason,
        before={"user": row.user_id, "role": row.role, **before},
        after={"valid_from": begins, "valid_until": valid_until}, **office.audit(anchor),
    )  # fmt: skip
    rights_changed(anchor, row.user)
    return membership


@transaction.atomic
def lengthen_role(*, membership: Any, valid_until: datetime, reason: str) -> None:
    """The portal itself lets a role that is in force, and that it gave for a time, last longer."""
    office = office_keeping(membership)
    _hold_rights(office, membership)
    membership.refresh_from_db(fields=["valid_until"])
    refuse_over(membership)
    before, membership.valid_until = membership.valid_until, valid_until
    membership.save(update_fields=["valid_until"])
    record(
        "membership.changed", acting_user=None, target=membership, reason=reason,
        before={"user": membership.user_id, "role": membership.role, "valid_until": before},
        after={"valid_until": valid_until}, **office.audit(getattr(membership, office.field)),
    )  # fmt: skip
    rights_changed(getattr(membership, office.field), membership.user)


@transaction.atomic
def end_role(*, acting_user: User | None, membership: MembershipBase, reason: str = "") -> MembershipBase:
    """End a role now, and what was delegated from it. The last who has to be there stays; others may leave.

    Ending somebody else's role decides over them; leaving decides over oneself. ``acting_user`` None is the portal.
    """
    row: Any = membership
    if acting_user is not None and acting_user.pk != row.user_id:
        insist()
    office, now = office_keeping(membership), timezone.now()
    keep_one(office, row)
    _hold_rights(office, row)
    if not _end(office.memberships._default_manager.filter(pk=row.pk), now):
        refuse_over(row, now)
    _cut_delegations(acting_user, office, row, now)
    membership.valid_until = now
    _ended("membership.ended", acting_user, office, row, now, reason)
    return membership


def project(anchor: models.Model, user: User) -> None:
    """Make the grants of ``user`` on ``anchor`` the union of what their live roles may do."""
    office = office_of(anchor)
    wanted: set[str] = set()
    for role in office.live(anchor, user).values_list("role", flat=True):
        wanted |= office.grants[role]
    set_grants(anchor, user, wanted)


def rights_changed(anchor: models.Model, user: User) -> None:
    """Project the rights again and let open pages and sockets of the person notice."""
    project(anchor, user)
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    public_id = str(anchor.public_id)  # type: ignore[attr-defined]  # every anchor has one
    topics = [f"user.{user.pk}", f"{anchor._meta.model_name}.{anchor.pk}"]
    announce("membership.changed", topics=topics, anchor=public_id, user=str(user.public_id))


def require_period(begins: datetime, ends: datetime | None) -> None:
    if ends is not None and ends <= max(timezone.now(), begins):
        raise Refused(_("A role that is to begin cannot have ended already. Choose a later end."), field="valid_until")


def overlapping(rows: models.QuerySet[Any], begins: datetime, ends: datetime | None) -> models.QuerySet[Any]:
    """Those of ``rows`` in force at any moment between ``begins`` and ``ends``."""
    rows = rows.filter(NOT_OVER | Q(valid_until__gt=begins))
    return rows if ends is None else rows.filter(valid_from__lt=ends)


def refuse_over(row: Any, now: datetime | None = None) -> None:
    if now is not None or (row.valid_until is not None and row.valid_until <= timezone.now()):
        raise Conflict(_("This role has already ended. Reload the page to see who holds which role now."))


def keep_one(office: Office, leaving: Any) -> None:
    """Refuses to leave an anchor without anybody in the role that has to be there; under a lock, so that two who
    leave at once do not both get away.
    """
    if leaving.role != office.keeper or getattr(leaving, "delegated_from_id", None):
        return
    anchor = getattr(leaving, office.field)
    hold(f"keepers.{office.field}", anchor.pk)
    others = office.own().filter(live_now(), role=office.keeper, user__is_active=True, **{office.field: anchor})
    if not others.exclude(pk=leaving.pk).filter(valid_until=None).exists():
        raise LastOne(
            _("%(thing)s would have nobody left as “%(role)s”. Give that role to somebody else without an end first.")
            % {"thing": anchor, "role": leaving.get_role_display()},
            code=f"tenants.last_{office.keeper}",
        )


def _later(one: datetime | None, other: datetime | None) -> bool:
    """Whether ``one`` lasts longer than ``other``; None has no end."""
    return other is not None and (one is None or one > other)


def _end(rows: models.QuerySet[Any], at: datetime) -> int:
    """End those of ``rows`` that last longer than ``at``; how many."""
    lasting = rows.filter(NOT_OVER | Q(valid_until__gt=at))
    return lasting.update(valid_until=Greatest(Value(at), F("valid_from") + timedelta(microseconds=1)))


def _hold_rights(office: Office, row: Any) -> None:
    """The rights of the person and of everybody who stands in for them, at once and so in one order."""
    delegates = row.delegations.values_list("user_id", flat=True) if office.delegable else ()
    hold("rights", row.user_id, *delegates)


def _cut_delegations(acting_user: User | None, office: Office, row: Any, at: datetime) -> None:
    """No delegation outlives the role it is of."""
    if not office.delegable:
        return
    for each in row.delegations.filter(valid_until__gt=at).select_related("user").order_by("user_id"):
        if _end(office.memberships._default_manager.filter(pk=each.pk), at):
            _ended("delegation.ended", acting_user, office, each, at, "")


def _ended(act: str, acting_user: User | None, office: Office, row: Any, at: datetime, reason: str) -> None:
    anchor = getattr(row, office.field)
    record(
        act, acting_user=acting_user, target=row, reason=reason, before={"user": row.user_id, "role": row.role},
        after={"valid_until": at}, **office.audit(anchor),
    )  # fmt: skip
    rights_changed(anchor, row.user)
