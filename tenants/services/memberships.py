"""Who holds which role: the only place that writes memberships and projects them onto guardian's grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now, set_grants
from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.models import User
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, Membership, MembershipBase, Tenant
from tenants.roles import AUTHORITY_GRANTS, TENANT_GRANTS, TenantRole

Facts = dict[str, Any]


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

    @property
    def anchor_model(self) -> type[models.Model]:
        related: type[models.Model] = self.memberships._meta.get_field(self.field).related_model
        return related

    def live(self, anchor: models.Model, user: User) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.memberships._default_manager.all()
        return rows.filter(live_now(), user=user, **{self.field: anchor})


OFFICES: dict[str, Office] = {
    "tenants.Tenant": Office(
        Membership,
        "tenant",
        TENANT_GRANTS,
        columns=lambda tenant: {"authority": tenant.authority},
        audit=lambda tenant: {"tenant": tenant, "authority": tenant.authority},
    ),
    "tenants.Authority": Office(
        AuthorityMembership, "authority", AUTHORITY_GRANTS, audit=lambda authority: {"authority": authority}
    ),
}
"""Anchor label → its office. The provider's is added by the app that owns it."""


def register_office(label: str, office: Office) -> None:
    """Let the roles of another kind of anchor be given and ended here; called from ``AppConfig.ready()``."""
    OFFICES[label] = office


def office_of(anchor: models.Model) -> Office:
    return OFFICES[anchor._meta.label]


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
) -> MembershipBase:
    """Let ``user`` hold ``role`` on ``anchor`` until ``valid_until`` (None: until it is ended).

    Nobody gives a role to themselves. ``acting_user`` None is the portal itself (the applicant becomes the owner).
    """
    office = office_of(anchor)
    if role not in office.grants:
        raise Refused(_("%(thing)s has no role “%(role)s”.") % {"thing": anchor, "role": role}, field="role")
    if acting_user is not None and acting_user.pk == user.pk:
        raise FourEyes(_("Nobody gives a role to themselves. Ask another person who may give roles here."))
    if not user.is_active:
        raise Refused(
            _("The account of %(person)s is closed, so it can hold no role.") % {"person": user}, field="email"
        )
    now = timezone.now()
    begins = valid_from or now
    if valid_until is not None and valid_until <= max(now, begins):
        raise Refused(_("A role that is to begin cannot have ended already. Choose a later end."), field="valid_until")
    hold("rights", user.pk)
    if office.live(anchor, user).filter(role=role).exists():
        raise Conflict(
            _("%(person)s already holds this role here. End it first to give it with another end.")
            % {"person": user.get_full_name()},
            code="tenants.role_held",
            field="role",
        )
    row: MembershipBase = office.memberships._default_manager.create(
        user=user, role=role, valid_from=begins, valid_until=valid_until, given_by=acting_user,
        **{office.field: anchor}, **office.columns(anchor),
    )  # fmt: skip
    record(
        "membership.given", acting_user=acting_user, target=row, reason=reason,
        after={"user": user.pk, "role": role, "valid_until": valid_until}, **office.audit(anchor),
    )  # fmt: skip
    _rights_changed(anchor, user)
    return row


@transaction.atomic
def end_role(*, acting_user: User, membership: MembershipBase, reason: str = "") -> MembershipBase:
    """End a role now. The last owner of a tenant stays; anybody may leave otherwise."""
    office = OFFICES[_label_of(membership)]
    anchor = getattr(membership, office.field)
    if isinstance(anchor, Tenant) and membership.role == TenantRole.OWNER:  # type: ignore[attr-defined]
        _keep_an_owner(anchor, membership)
    hold("rights", membership.user_id)
    now = timezone.now()
    not_over = Q(valid_until=None) | Q(valid_until__gt=now)
    ended = office.memberships._default_manager.filter(not_over, pk=membership.pk).update(
        valid_until=Greatest(Value(now), F("valid_from") + timedelta(microseconds=1))
    )
    if not ended:
        raise Conflict(_("This role has already ended. Reload the page to see who holds which role now."))
    membership.valid_until = now
    record(
        "membership.ended", acting_user=acting_user, target=membership, reason=reason,
        before={"user": membership.user_id, "role": membership.role},  # type: ignore[attr-defined]  # on each office
        after={"valid_until": now}, **office.audit(anchor),
    )  # fmt: skip
    _rights_changed(anchor, membership.user)
    return membership


def project(anchor: models.Model, user: User) -> None:
    """Make the grants of ``user`` on ``anchor`` the union of what their live roles may do."""
    office = office_of(anchor)
    wanted: set[str] = set()
    for role in office.live(anchor, user).values_list("role", flat=True):
        wanted |= office.grants[role]
    set_grants(anchor, user, wanted)


def _rights_changed(anchor: models.Model, user: User) -> None:
    project(anchor, user)
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    public_id = str(anchor.public_id)  # type: ignore[attr-defined]  # every anchor has one
    topics = [f"user.{user.pk}", f"{anchor._meta.model_name}.{anchor.pk}"]
    announce("membership.changed", topics=topics, anchor=public_id, user=str(user.public_id))


def _keep_an_owner(tenant: Tenant, leaving: MembershipBase) -> None:
    hold("tenant.owners", tenant.pk)
    others = Membership.objects.filter(live_now(), tenant=tenant, role=TenantRole.OWNER, user__is_active=True)
    if not others.exclude(pk=leaving.pk).filter(valid_until=None).exists():
        raise Refused(
            _(
                "%(tenant)s would have no owner left. Make somebody else an owner without an end first, then end this role."
            )
            % {"tenant": tenant.name},
            code="tenants.last_owner",
        )


def _label_of(membership: MembershipBase) -> str:
    for label, office in OFFICES.items():
        if isinstance(membership, office.memberships):
            return label
    raise LookupError(f"no office keeps {type(membership).__name__}")
