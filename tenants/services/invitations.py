"""Invitations: the mail to somebody who was given a role and has no way in yet; sent again, or taken back."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.audit import record
from portal.core.errors import Conflict
from portal.core.events import announce
from portal.core.proof import deciding
from portal.core.tasks import nudge
from portal.models import User
from tenants.models import AuthorityMembership, Invitation, Membership
from tenants.services.memberships import end_role


def never_came(user: User) -> bool:
    """Whether the person has an account and no way into it yet."""
    return user.last_login is None and not user.has_usable_password()


@transaction.atomic
def invite(*, acting_user: User, membership: Membership, site: str, send: bool = True) -> Invitation:
    """Mail the person of a new role where to choose a password; without ``send`` that is left for later."""
    now = timezone.now()
    until = now + (timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) if send else timedelta(seconds=1))
    row = Invitation.objects.create(
        tenant_id=membership.tenant_id, authority_id=membership.authority_id, membership=membership,
        user=membership.user, invited_by=acting_user, sent_at=now, expires_at=until, times=1 if send else 0,
    )  # fmt: skip
    if send:
        _sent("invitation.sent", acting_user, row, site)
    return row


@deciding
@transaction.atomic
def resend_invitation(*, acting_user: User, invitation: Invitation, site: str) -> Invitation:
    """Send it once more, with a new link that works as long as the first did; links sent before stop working."""
    row = _open(invitation)
    _void_links(row.user)
    now = timezone.now()
    fresh = {"sent_at": now, "expires_at": now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)}
    Invitation.objects.filter(pk=row.pk).update(times=F("times") + 1, **fresh)
    row.refresh_from_db()
    _sent("invitation.sent_again", acting_user, row, site)
    return row


@transaction.atomic
def revoke_invitation(*, acting_user: User, invitation: Invitation) -> Invitation:
    """Take it back: the link stops working, and the role ends."""
    row = _open(invitation)
    end_role(acting_user=acting_user, membership=row.membership, reason=_("Invitation taken back"))
    Invitation.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    row.refresh_from_db()
    if not _belongs_somewhere(row.user):
        _void_links(row.user)
    _tell("invitation.revoked", acting_user, row)
    return row


def _open(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    row = rows.select_related("user", "tenant", "authority", "membership__tenant__authority").get(pk=invitation.pk)
    if row.now == Invitation.State.REVOKED:
        raise Conflict(_("This invitation was taken back. Add the person anew if they are to come after all."))
    if row.now == Invitation.State.ACCEPTED:
        raise Conflict(
            _("%(person)s has signed in since. Their role is changed or ended under “Roles and history”.")
            % {"person": row.user.get_full_name()}
        )
    return row


def _void_links(user: User) -> None:
    """A link is bound to the password it replaces; another unusable one makes all of them stop working."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def _belongs_somewhere(user: User) -> bool:
    kinds = (Membership, AuthorityMembership)
    return any(kind._default_manager.filter(live_now(), user=user).exists() for kind in kinds)


def _sent(act: str, acting_user: User, row: Invitation, site: str) -> None:
    _tell(act, acting_user, row)
    nudge("tenants.send_welcome", row.user_id, site)


def _tell(act: str, acting_user: User, row: Invitation) -> None:
    record(
        act, acting_user=acting_user, target=row, tenant=row.tenant_id, authority=row.authority_id,
        after={"user": row.user_id, "expires_at": row.expires_at},
    )  # fmt: skip
    announce("invitation.changed", topics=[f"tenant.{row.tenant_id}"], invitation=str(row.public_id))
