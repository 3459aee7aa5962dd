"""Maintenance windows: announced, changed and cancelled by whoever runs the cluster; begun and ended by the clock.

A window that takes capacity away decides what may be promised from now on, so it asks for the second factor and holds the
pools while it is written. What is promised already stays promised: who holds it is told, once, and the pool shows as
over-promised for that time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.access import live_now
from portal.core.errors import MovedMeanwhile, Refused
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.notices import notify
from portal.core.proof import insist
from portal.core.states import advance
from portal.models import User
from resources.models import CapacityPool, Cluster, MaintenanceWindow, Share
from resources.queries.deciders import reaches
from resources.queries.maintenance import pools_of, touched
from resources.services import changes
from tenants.models import Membership
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids

State = MaintenanceWindow.State
LATE = timedelta(days=1)
"""A window may be written down so long after it began."""
LONGEST = timedelta(days=3 * 366)
CONCERNED_ROLES = (TenantRole.OWNER, TenantRole.PROJECT_MANAGER)
TOLD = frozenset({"maintenance.announced", "maintenance.changed", "maintenance.cancelled"})
FIXED_ONCE_BEGUN = ("pool", "gpus", "starts_at", "effect")


@transaction.atomic
def announce_maintenance(
    *, acting_user: User, cluster: Cluster, starts_at: datetime, ends_at: datetime, effect: str, reason: str,
    pool: CapacityPool | None = None, gpus: int | None = None,
) -> MaintenanceWindow:  # fmt: skip
    """Announce that GPUs are out from–until: of one pool or of all, a number or all of them."""
    window = MaintenanceWindow(
        cluster=cluster, pool=pool, gpus=gpus, starts_at=starts_at, ends_at=ends_at, effect=effect, reason=reason.strip(),
        announced_by=acting_user,
    )  # fmt: skip
    _weigh(window, now := timezone.now())
    if starts_at < now - LATE:
        raise Refused(
            _("It began more than a day ago. Enter a beginning within the last 24 hours, or later."), field="starts_at"
        )
    changes.create("maintenance.announced", window, acting_user=acting_user)
    _tell("maintenance.announced", window, acting_user, concerned(window))
    if starts_at <= now:
        _move(window, State.RUNNING)
    return window


@transaction.atomic
def change_maintenance(*, acting_user: User, window: MaintenanceWindow, **fields: Any) -> MaintenanceWindow:
    """Change what was announced. Once it has begun only its end and the reason change; an end in the past ends it now."""
    row, now = _held(window), timezone.now()
    if not row.is_open:
        raise Refused(_("This maintenance is over. Announce another one instead."))
    if row.state == State.RUNNING and any(
        getattr(row, name) != fields[name] for name in FIXED_ONCE_BEGUN if name in fields
    ):
        raise Refused(
            _(
                "This maintenance has begun, so only its end and its reason can change. Announce another one for the rest."
            )
        )
    before = concerned(row)
    if row.counts:
        insist()
    wished = MaintenanceWindow(**{**_facts(row), **fields}, pk=row.pk, announced_by_id=row.announced_by_id)
    _weigh(wished, now)
    if wished.starts_at != row.starts_at and wished.starts_at < now:
        raise Refused(_("It would have begun in the past. Choose a later beginning."), field="starts_at")
    changed = changes.change("maintenance.changed", row, fields, acting_user=acting_user)
    if any(getattr(changed, name) != getattr(row, name) for name in fields):
        _tell("maintenance.changed", changed, acting_user, before.joined(concerned(changed)))
    if changed.state == State.ANNOUNCED and changed.starts_at <= now:
        _move(changed, State.RUNNING)
    return changed


@transaction.atomic
def end_maintenance(*, acting_user: User, window: MaintenanceWindow) -> MaintenanceWindow:
    """It is over before its end: its GPUs are back from now on."""
    row, now = _held(window), timezone.now()
    if row.counts:
        insist()
    if row.state != State.RUNNING or row.starts_at >= now:
        raise Refused(_("This maintenance does not run. Cancel it if it does not take place."))
    people = concerned(row)
    changed = changes.change("maintenance.changed", row, {"ends_at": min(now, row.ends_at)}, acting_user=acting_user)
    _tell("maintenance.changed", changed, acting_user, people)
    _move(changed, State.DONE)
    return changed


@transaction.atomic
def cancel_maintenance(*, acting_user: User, window: MaintenanceWindow, reason: str) -> MaintenanceWindow:
    """It does not take place; its GPUs can be promised again. Who was told of it is told."""
    row = _held(window)
    if row.counts:
        insist()
    if row.state == State.RUNNING:
        raise Refused(_("This maintenance has begun. End it now instead, or change its end."))
    people = concerned(row)
    advance(row, State.CANCELLED, cancelled_because=reason.strip())
    audit.record(
        "maintenance.cancelled", acting_user=acting_user, target=row, provider=row.cluster.provider_id,
        before={"state": State.ANNOUNCED}, after={"state": row.state}, reason=reason,
    )  # fmt: skip
    _tell("maintenance.cancelled", row, acting_user, people, reason)
    return row


def turn_maintenance(now: datetime | None = None) -> int:
    """Begin and end windows as their dates say; how many moved. Run late, it catches up; run twice, it rests."""
    moment = now or timezone.now()
    due = MaintenanceWindow.objects.filter(
        Q(state=State.ANNOUNCED, starts_at__lte=moment) | Q(state=State.RUNNING, ends_at__lte=moment)
    )
    return sum(_turn(pk, moment) for pk in list(due.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _turn(window_id: int, now: datetime) -> bool:
    row = MaintenanceWindow.objects.select_related("cluster", "pool__cluster", "pool__kind").get(pk=window_id)
    moved = False
    try:
        if row.state == State.ANNOUNCED and row.starts_at <= now:
            _move(row, State.RUNNING)
            moved = True
        if row.state == State.RUNNING and row.ends_at <= now:
            _move(row, State.DONE)
            moved = True
    except MovedMeanwhile:
        return moved  # somebody was faster; the next sweep looks again
    return moved


def _move(window: MaintenanceWindow, to: str) -> None:
    before = window.state
    advance(window, to)
    audit.record(
        f"maintenance.{to}", acting_user=None, target=window, provider=window.cluster.provider_id,
        before={"state": before}, after={"state": to},
    )  # fmt: skip
    _tell(f"maintenance.{to}", window, None, concerned(window))


def _held(window: MaintenanceWindow) -> MaintenanceWindow:
    """The window as it is now, held until the transaction ends, with the pools that it is about."""
    hold("pool", *(pool.pk for pool in CapacityPool.objects.filter(cluster=window.cluster_id)))
    rows = MaintenanceWindow.objects.select_related("cluster", "pool__cluster", "pool__kind")
    return rows.select_for_update(of=("self",)).get(pk=window.pk)


def _facts(row: MaintenanceWindow) -> dict[str, Any]:
    names = ("cluster", "pool", "gpus", "starts_at", "ends_at", "effect", "reason")
    return {name: getattr(row, name) for name in names}


@transaction.atomic
def weigh(window: MaintenanceWindow) -> None:
    """Whether a window that is not announced yet could be; refuses in the words in which announcing would."""
    _weigh(window, timezone.now())


def _weigh(window: MaintenanceWindow, now: datetime) -> None:
    """Whether it can be announced like this, said at the field that is wrong."""
    pool = window.pool
    if window.counts:
        insist()
        hold("pool", *(each.pk for each in pools_of(window)))
    if not window.reason.strip():
        raise Refused(_("Say why; those who are affected read it."), field="reason")
    if window.ends_at <= window.starts_at:
        raise Refused(_("It ends before it begins. Choose a later end."), field="ends_at")
    if window.ends_at <= now:
        raise Refused(_("It would be over already. Choose an end that is still to come."), field="ends_at")
    if window.ends_at - window.starts_at > LONGEST:
        raise Refused(
            _("Maintenance lasts three years at most. Lower what the pool has installed instead."), field="ends_at"
        )
    if pool is not None and pool.cluster_id != window.cluster_id:
        raise Refused(
            _("%(pool)s is of another cluster. Choose a pool of %(cluster)s.")
            % {"pool": pool, "cluster": window.cluster},
            field="pool",
        )
    if window.gpus is not None and pool is None:
        raise Refused(
            _("A number is of one pool. Choose the pool, or leave the number empty for all GPUs."), field="gpus"
        )
    if window.gpus is not None and pool is not None and not 0 < window.gpus <= pool.installed:
        raise Refused(
            _("%(pool)s has %(n)d GPUs installed. Enter 1 to %(n)d, or leave it empty for all of them.")
            % {"pool": pool, "n": pool.installed},
            field="gpus",
        )


class Concerned:
    """Whom a window concerns: tenants that hold GPUs meanwhile, authorities with a share, by their ids."""

    def __init__(self, tenants: dict[int, int], authorities: set[int]) -> None:
        self.tenants, self.authorities = tenants, authorities

    def joined(self, other: Concerned) -> Concerned:
        return Concerned(self.tenants | other.tenants, self.authorities | other.authorities)


def concerned(window: MaintenanceWindow) -> Concerned:
    with as_worker():
        pools = pools_of(window)
        rows = touched(pools, window.starts_at, window.ends_at).order_by()
        tenants = dict(rows.values_list("tenant", "authority").distinct())
        shares = Share.objects.filter(pool__in=[pool.pk for pool in pools])
        return Concerned(tenants, set(shares.values_list("authority", flat=True)))


def _tell(act: str, window: MaintenanceWindow, by: User | None, who: Concerned, reason: str = "") -> None:
    """Into the record of each tenant and authority, to open pages, and to people: once each, however many grants they have."""
    after = {"state": window.state, "from": window.starts_at.isoformat(), "until": window.ends_at.isoformat()}
    places = [(None, authority) for authority in sorted(who.authorities)] + sorted(who.tenants.items())
    for tenant, authority in places:
        audit.record(
            act, acting_user=by, target=window, tenant=tenant, authority=authority, provider=window.cluster.provider_id,
            after=after, reason=reason,
        )  # fmt: skip
    announce("maintenance.changed", topics=_topics(window, who), window=str(window.public_id))
    if act in TOLD:
        notify(act, to=_people(window, who), target=window, acting_user=by)


def _topics(window: MaintenanceWindow, who: Concerned) -> Iterable[str]:
    yield f"provider.{window.cluster.provider_id}"
    yield from (f"authority.{pk}" for pk in sorted(who.authorities))
    yield from (f"tenant.{pk}" for pk in sorted(who.tenants))


def _people(window: MaintenanceWindow, who: Concerned) -> list[int]:
    with as_worker():
        rows = Membership.objects.filter(live_now(), tenant_id__in=who.tenants, role__in=CONCERNED_ROLES)
        office = staff_ids(who.authorities, AuthorityRole.QUOTA_APPROVER, reaches([window.cluster.public_id]))
        return [*office, *rows.values_list("user_id", flat=True)]
