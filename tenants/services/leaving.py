"""A tenant leaves: asked for by its owner or begun by an officer, agreed to by a second where policy wants one, closed
after the grace period, and erased after the retention period. What follows is said before each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.errors import FourEyes
from tenants.models import ApiToken, Departure, Membership, PolicyRule, Project, Tenant
from tenants.queries.leaving import days_of, departure_of, effects, wants_second
from tenants.queries.policies import policy
from tenants.queries.standing import eyes
from tenants.roles import AuthorityRole
from tenants.services.erasing import erase
from tenants.services.grants import sweep
from tenants.services.memberships import rights_changed
from tenants.services.notices import staff_ids
from tenants.services.recertification import owners_of
from tenants.services.tenants import apart
from tenants.signals import tenant_suspended

State = Departure.State
LEAVING_FROM = (Tenant.State.ACTIVE, Tenant.State.SUSPENDED)


@transaction.atomic
def ask_to_leave(*, acting_user: User, tenant: Tenant, reason: str) -> Departure:
    """An owner says that the organisation wants to leave; nothing happens until an officer begins it."""
    locked = _begin(tenant, reason)
    row = Departure.objects.create(
        tenant=locked, authority_id=locked.authority_id, state=State.ASKED, reason=reason.strip(), asked_by=acting_user
    )
    _tell("departure.asked", acting_user, row, reason=reason)
    _notify("departure.asked", row, acting_user, owners=False)
    return row


@deciding
@transaction.atomic
def begin_leaving(*, acting_user: User, tenant: Tenant, reason: str) -> Departure:
    """An officer lets the tenant leave, at its request or not. A second person agrees first where policy wants one."""
    locked = _begin(tenant, reason, asked=True)
    right = apart(acting_user, locked)
    row = departure_of(locked)
    if row is None:
        row = Departure.objects.create(
            tenant=locked, authority_id=locked.authority_id, state=State.ASKED, reason=reason.strip()
        )
    said = [each.sentence for each in effects(locked)]
    if wants_second(locked):
        advance(row, State.AWAITING_SECOND, first=acting_user, reason=reason.strip(), said=said)
        _tell("departure.proposed", acting_user, row, reason=reason, after=right.facts)
        _notify("departure.proposed", row, acting_user, owners=False)
        return row
    return _carry_out(acting_user, row, right.facts, first=acting_user, reason=reason.strip(), said=said)


@deciding
@transaction.atomic
def confirm_leaving(*, acting_user: User, departure: Departure) -> Departure:
    """The second officer agrees; the tenant is leaving from now on."""
    row = _locked(departure)
    right = apart(acting_user, row.tenant)
    if row.first is None:
        raise Conflict(_("Nobody has proposed it yet: it was only asked for. Begin it on the page of the tenant."))
    if acting_user.pk in eyes(row.first, since=row.created_at):
        raise FourEyes(_("You proposed it yourself, or stand in for who did. Another officer has to agree."))
    return _carry_out(acting_user, row, right.facts, second=acting_user)


@transaction.atomic
def drop_leaving(*, acting_user: User, departure: Departure, reason: str) -> Departure:
    """Not carried out: an officer does not agree, or whoever asked for it takes it back."""
    row = _locked(departure)
    if acting_user.pk != row.asked_by_id:
        apart(acting_user, row.tenant)
        if not reason.strip():
            raise Refused(_("Give the reason: the tenant reads it, and it stays in the record."), field="reason")
    advance(row, State.DROPPED)
    _tell("departure.dropped", acting_user, row, reason=reason)
    _notify("departure.dropped", row, acting_user)
    return row


def _begin(tenant: Tenant, reason: str, *, asked: bool = False) -> Tenant:
    locked = Tenant.objects.select_for_update(of=("self",)).select_related("authority").get(pk=tenant.pk)
    if locked.state not in LEAVING_FROM:
        raise Conflict(
            _("%(tenant)s is “%(state)s” already. Its page shows what happens next.")
            % {"tenant": locked.name, "state": locked.get_state_display()}
        )
    row = departure_of(locked)
    if row is not None and not (asked and row.state == State.ASKED):
        raise Conflict(
            _("%(tenant)s has been asked to leave already. Its page shows who has to agree.") % {"tenant": locked.name}
        )
    if not reason.strip():
        raise Refused(_("Give the reason: it stays in the record, and the others read it."), field="reason")
    return locked


def _carry_out(acting_user: User, row: Departure, facts: Mapping[str, Any], **fields: Any) -> Departure:
    tenant = Tenant.objects.select_for_update(of=("self",)).select_related("authority").get(pk=row.tenant_id)
    before, (closes, _erased) = tenant.state, days_of(tenant)
    advance(tenant, Tenant.State.OFFBOARDING)
    advance(row, State.BEGUN, begun_at=timezone.now(), closes_on=closes, **fields)
    tenant_suspended.send(sender=Tenant, tenant=tenant, acting_user=acting_user)
    row.tenant = tenant
    _tell(
        "departure.begun", acting_user, row, reason=row.reason, before={"state": before},
        after={"state": tenant.state, "closes_on": closes, **facts},
    )  # fmt: skip
    _notify("departure.begun", row, acting_user)
    return row


# ---- the timetable ------------------------------------------------------------------------------------------------------


def close_due(today: date | None = None) -> int:
    """Close what has come to the end of its grace period; how many."""
    day = today or timezone.localdate()
    due = Departure.objects.filter(state=State.BEGUN, closes_on__lte=day).order_by("closes_on", "pk")
    return sum(_close(pk, day) for pk in due.values_list("pk", flat=True)[:100])


@transaction.atomic
def _close(pk: int, day: date) -> bool:
    rows = Departure.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("tenant__authority", "authority").filter(pk=pk, state=State.BEGUN).first()
    if row is None:
        return False
    tenant = row.tenant
    advance(tenant, Tenant.State.CLOSED)
    keep = policy(tenant.authority_id, PolicyRule.Key.RETENTION_DAYS)
    advance(row, State.CLOSED, closed_at=timezone.now(), erase_on=day + timedelta(days=keep))
    tenant_suspended.send(sender=Tenant, tenant=tenant, acting_user=None)
    now = timezone.now()
    counted = {
        "projects": Project.objects.filter(tenant=tenant, ended_at__isnull=True).update(ended_at=now),
        "tokens": ApiToken.objects.filter(tenant=tenant, revoked_at=None).update(revoked_at=now),
    }
    _notify("departure.closed", row, None)  # before the roles end, so that its people learn of it
    counted["roles"] = _end_roles(tenant, now)
    _tell(
        "departure.closed", None, row, before={"state": Tenant.State.OFFBOARDING},
        after={"state": tenant.state, "erase_on": row.erase_on, **counted},
    )  # fmt: skip
    return True


def _end_roles(tenant: Tenant, now: Any) -> int:
    """All of them, the last owner's too: nobody has to stay in a tenant that is closed."""
    ended = 0
    for role in Membership.objects.filter(tenant=tenant).select_related("user").order_by("user_id", "pk"):
        if role.valid_until is not None and role.valid_until <= now:
            continue
        until = max(now, role.valid_from + timedelta(microseconds=1))
        Membership.objects.filter(pk=role.pk).update(valid_until=until)
        record(
            "membership.ended", acting_user=None, target=role, tenant=tenant, authority=tenant.authority_id,
            before={"user": role.user_id, "role": role.role}, after={"valid_until": until},
        )  # fmt: skip
        rights_changed(tenant, role.user)
        ended += 1
    return ended


def erase_due(today: date | None = None) -> int:
    """Erase the data of tenants whose retention period is over; how many."""
    due = Departure.objects.filter(state=State.CLOSED, erase_on__lte=today or timezone.localdate())
    return sum(_erase(pk) for pk in due.order_by("erase_on", "pk").values_list("pk", flat=True)[:20])


@transaction.atomic
def _erase(pk: int) -> bool:
    rows = Departure.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("tenant__authority", "authority").filter(pk=pk, state=State.CLOSED).first()
    if row is None:
        return False
    erased = erase(row.tenant)
    # what people wrote about leaving goes as well; who did it when stays
    advance(row, State.ERASED, erased_at=timezone.now(), erased=erased, reason="", said=[])
    _tell("departure.erased", None, row, after={"erased": erased})
    return True


def sweep_departures() -> None:
    """By timetable: what is due today."""
    close_due()
    erase_due()
    sweep()


def _locked(departure: Departure) -> Departure:
    rows = Departure.objects.select_for_update(of=("self",))
    return rows.select_related("tenant__authority", "authority", "first").get(pk=departure.pk)


def _notify(act: str, row: Departure, by: User | None, *, owners: bool = True) -> None:
    with as_worker():
        people = [
            *staff_ids([row.authority_id], AuthorityRole.ONBOARDING_OFFICER),
            *(owners_of(row.tenant_id) if owners else []),
        ]
    notify(act, to=people, target=row.tenant, acting_user=by)


def _tell(
    act: str, by: User | None, row: Departure, *, reason: str = "", before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    record(
        act, acting_user=by, target=row.tenant, tenant=row.tenant, authority=row.authority_id, reason=reason.strip(),
        before=before, after=after,
    )  # fmt: skip
    topics = [f"tenant.{row.tenant_id}", f"authority.{row.authority_id}"]
    announce("tenant.changed", topics=topics, tenant=str(row.tenant.public_id))
