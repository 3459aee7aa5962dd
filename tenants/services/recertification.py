"""The look back at a tenant's facts every so many months: an owner confirms or corrects, an officer closes.

Past its day it is shown and told, and never moves by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.models import Membership, Recertification, Tenant
from tenants.queries.defaults import next_look
from tenants.queries.import_rows import readable
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids
from tenants.services.tenants import apart

State = Recertification.State
WATCHED = (Tenant.State.ACTIVE, Tenant.State.SUSPENDED)
AT_ONCE = 500


def open_round(*, tenant: Tenant, due_on: date | None = None, since: date | None = None) -> Recertification:
    """The next look back, on ``due_on`` or as many months after ``since`` as the kind has; inside the act's transaction."""
    return Recertification.objects.create(
        tenant=tenant, authority_id=tenant.authority_id,
        due_on=due_on or next_look(tenant.authority, tenant.kind, since),
    )  # fmt: skip


@transaction.atomic
def answer_recertification(
    *, acting_user: User, recertification: Recertification, facts: Mapping[str, Any], note: str = ""
) -> Recertification:
    """An owner says that the facts are as ``facts`` says; what differs from today is proposed to the officer."""
    row = _locked(recertification)
    tenant = row.tenant
    wrong = set(facts) - set(Recertification.FACTS)
    if wrong:
        raise LookupError(f"no facts that are recertified: {sorted(wrong)}")
    proposed = {}
    for name, value in facts.items():
        read = readable(name, value)
        if read != _plain(getattr(tenant, name)):
            proposed[name] = read
    fields = {
        "proposed": proposed, "note": note.strip(), "answered_by": acting_user, "answered_at": timezone.now(),
    }  # fmt: skip
    advance(row, State.ANSWERED, **fields)
    _tell("recertification.answered", acting_user, row, after={"proposed": sorted(proposed)})
    _notify("recertification.answered", row, acting_user, owners=False)
    return row


@transaction.atomic
def send_back_recertification(*, acting_user: User, recertification: Recertification, remark: str) -> Recertification:
    """The officer asks once more; its day stays."""
    row = _locked(recertification)
    right = apart(acting_user, row.tenant)
    if not remark.strip():
        raise Refused(_("Write what is to be looked at again: the owner reads it."), field="remark")
    advance(row, State.OPEN, remark=remark.strip())
    _tell("recertification.sent_back", acting_user, row, reason=remark, after=right.facts)
    _notify("recertification.sent_back", row, acting_user, officers=False)
    return row


@deciding
@transaction.atomic
def close_recertification(*, acting_user: User, recertification: Recertification, remark: str = "") -> Recertification:
    """Take the corrections over into the tenant, close, and set the day of the next look back."""
    row = _locked(recertification)
    right = apart(acting_user, row.tenant)
    if row.state == State.OPEN and not remark.strip():
        raise Refused(
            _("No owner has confirmed the facts. Write how you know that they are right, or wait for the owner."),
            field="remark",
        )
    tenant, before = row.tenant, {}
    changed = {name: value for name, value in row.proposed.items() if _plain(getattr(tenant, name)) != value}
    if changed:
        before = {name: _plain(getattr(tenant, name)) for name in changed}
        Tenant.objects.filter(pk=tenant.pk).update(**changed)
        tenant.refresh_from_db()
        record(
            "tenant.changed", acting_user=acting_user, target=tenant, tenant=tenant, authority=row.authority,
            before=before, after=changed,
        )  # fmt: skip
    advance(
        row, State.CLOSED, closed_by=acting_user, closed_at=timezone.now(), remark=remark.strip() or row.remark
    )  # fmt: skip
    following = open_round(tenant=tenant)
    _tell(
        "recertification.closed", acting_user, row, reason=remark,
        after={"state": row.state, "due_on": following.due_on, **right.facts},
    )  # fmt: skip
    _notify("recertification.closed", row, acting_user, officers=False)
    return row


@transaction.atomic
def set_due(*, acting_user: User, recertification: Recertification, due_on: date, reason: str) -> Recertification:
    """Another day for the look back that is open."""
    row = _locked(recertification)
    right = apart(acting_user, row.tenant)
    if due_on <= timezone.localdate():
        raise Refused(_("Choose a day that is still to come."), field="due_on")
    if not reason.strip():
        raise Refused(_("Give the reason: it stays in the record."), field="reason")
    before = row.due_on
    Recertification.objects.filter(pk=row.pk).update(due_on=due_on, reminded=[], escalated_at=None)
    row.refresh_from_db()
    _tell(
        "recertification.moved", acting_user, row, reason=reason.strip(), before={"due_on": before},
        after={"due_on": due_on, **right.facts},
    )  # fmt: skip
    return row


# ---- the timetable ------------------------------------------------------------------------------------------------------


def open_missing() -> int:
    """Every tenant that works has a day: for those without one it is counted from their admission."""
    bare = Tenant.objects.filter(state__in=WATCHED).exclude(recertifications__in=Recertification.objects.open())
    made = 0
    for tenant in bare.select_related("authority").order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            locked = Tenant.objects.select_for_update(of=("self",)).select_related("authority").get(pk=tenant.pk)
            if not Recertification.objects.open().filter(tenant=locked).exists():
                open_round(tenant=locked, since=timezone.localdate(locked.created_at))
                made += 1
    return made


def remind(today: date | None = None) -> int:
    """Tell owners and officers 60, 30 and 7 days before, and once when the day has passed; how many were told."""
    day = today or timezone.localdate()
    latest = day + timedelta(days=max(Recertification.REMINDERS))
    due = Recertification.objects.open().filter(
        due_on__lte=latest, escalated_at__isnull=True, tenant__state__in=WATCHED
    )
    return sum(_remind(pk, day) for pk in due.order_by("due_on", "pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _remind(pk: int, day: date) -> bool:
    rows = Recertification.objects.open().select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("tenant", "authority").filter(pk=pk, escalated_at__isnull=True).first()
    if row is None:
        return False
    if row.due_on < day:
        Recertification.objects.filter(pk=pk).update(escalated_at=timezone.now())
        _tell("recertification.escalated", None, row, after={"due_on": row.due_on})
        _notify("recertification.escalated", row, None)
        return True
    left = (row.due_on - day).days
    reached = [step for step in Recertification.REMINDERS if left <= step]
    if set(reached) <= set(row.reminded):
        return False
    Recertification.objects.filter(pk=pk).update(reminded=reached)
    _tell("recertification.due", None, row, after={"due_on": row.due_on})
    _notify("recertification.due", row, None, officers=row.state == State.OPEN)
    return True


def _locked(row: Recertification) -> Recertification:
    rows = Recertification.objects.select_for_update(of=("self",))
    return rows.select_related("tenant__authority", "authority").get(pk=row.pk)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else str(value)


def owners_of(tenant_id: int) -> list[int]:
    rows = Membership.objects.filter(live_now(), tenant_id=tenant_id, role=TenantRole.OWNER)
    return list(rows.values_list("user_id", flat=True))


def _notify(act: str, row: Recertification, by: User | None, *, owners: bool = True, officers: bool = True) -> None:
    with as_worker():
        people = owners_of(row.tenant_id) if owners else []
        if officers:
            people += staff_ids([row.authority_id], AuthorityRole.ONBOARDING_OFFICER)
    notify(act, to=people, target=row, acting_user=by)


def _tell(
    act: str, by: User | None, row: Recertification, *, reason: str = "", before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    record(
        act, acting_user=by, target=row, tenant=row.tenant, authority=row.authority, reason=reason, before=before,
        after=after,
    )  # fmt: skip
    topics = [f"tenant.{row.tenant_id}", f"authority.{row.authority_id}"]
    announce("recertification.changed", topics=topics, tenant=str(row.tenant.public_id))
