"""What is known of the audit record as evidence: when it was checked last, and what it was sealed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from portal.core.access import anchor_ids
from portal.core.isolation import as_worker
from portal.core.trail.chain import Fault
from portal.core.trail.checkpoints import SEAL, of_row
from portal.core.trail.words import sentence
from portal.models import AuditCheckpoint, AuditEntry, AuditVerification, AuditWitness, User
from tenants.models import Tenant
from tenants.queries.tenants import tenant_names

OVERDUE = timedelta(hours=2)


@dataclass(frozen=True)
class Evidence:
    """The last check as one person may know it: ``faults`` are sentences about records they read."""

    verification: AuditVerification | None
    faults: list[str]
    sealed_at: datetime | None
    seal_late: bool
    witnesses: list[AuditWitness]


def evidence(user: User) -> Evidence:
    """What the panel above the record says; four small queries."""
    last = AuditVerification.objects.order_by("-at").first()
    with as_worker():  # its time alone is told; what it seals is everybody's
        newest = AuditCheckpoint.objects.order_by("-number").values_list("at", flat=True).first()
    found = [Fault(**told) for told in last.faults] if last else []
    if found and not user.is_platform_admin:
        found = [fault for fault in found if fault.stream in _streams(user, [fault.stream for fault in found])]
    names = tenant_names(int(fault.stream.partition(":")[2]) for fault in found if fault.stream.startswith("tenant:"))
    known = {f"tenant:{pk}": name for pk, name in names.items()}
    return Evidence(
        last,
        [sentence(fault, known) for fault in found],
        newest,
        newest is None or timezone.now() - newest > OVERDUE,
        list(AuditWitness.objects.order_by("name")) if user.is_platform_admin else [],
    )


def _streams(user: User, asked: list[str]) -> set[str]:
    """Those of ``asked`` that the person may read; a fault of the checkpoints concerns everybody."""
    return {SEAL, *whole_streams(user)} & set(asked)


def whole_streams(user: User) -> set[str]:
    """The records that the person reads from the first entry to the last: their tenants', their authority's and all its
    tenants', the site's. A provider's operators read parts of others' records, and no whole one.
    """
    owned = anchor_ids("tenants.Tenant", user, ["read_audit"])
    offices = anchor_ids("tenants.Authority", user, ["read_audit"])
    theirs = Tenant.objects.filter(Q(pk__in=owned) | Q(authority__in=offices))
    return {
        *(f"tenant:{pk}" for pk in theirs.values_list("pk", flat=True)),
        *(f"authority:{pk}" for pk in offices.values_list("content_object_id", flat=True)),
        *(("site",) if user.is_platform_admin else ()),
    }


@dataclass(frozen=True)
class Place:
    """Where an event stands in its chain, and the checkpoint that sealed it first (None: not yet)."""

    entry: AuditEntry
    checkpoint: AuditCheckpoint | None

    @property
    def hash(self) -> str:
        return bytes(self.entry.hash).hex()

    @property
    def previous(self) -> str:
        return bytes(self.entry.prev).hex()


def place_of(event_id: int, at: datetime) -> Place | None:
    entry = AuditEntry.objects.filter(event_id=event_id).first()
    if entry is None:
        return None
    with as_worker():
        later = list(AuditCheckpoint.objects.filter(at__gte=at).order_by("number")[:20])
    sealed = next((row for row in later if of_row(row).facts["position"] >= entry.position), None)
    return Place(entry, sealed)
