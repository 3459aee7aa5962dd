"""The sanctions list: loaded from a file, whole or not at all, and everybody who is or applies is screened again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.locks import hold
from portal.core.tasks import nudge
from tenants.checks.findings import HIT
from tenants.checks.sanctions import Header, Spelling, WrongList, read
from tenants.models import ComplianceCheck, SanctionsList, SanctionsName
from tenants.models.compliance import facts_of
from tenants.queries.checks import RUNS, current_list
from tenants.services.checks import next_round, settle_look
from tenants.services.looking import screen, subject_of

log = structlog.get_logger(__name__)
State = ComplianceCheck.State
BATCH, PART = 2000, 2**20


@transaction.atomic
def load_list(*, file: IO[bytes]) -> SanctionsList:
    """Take the list of ``file`` into force. Raises Refused when it is none, is cut off, is empty, or older than ours.

    The file is read twice, once for its digest and once as a stream; a list that is in force already changes nothing.
    """
    digest = _digest(file)
    hold("sanctions-list", 0)
    last = current_list()
    if last is not None and last.sha256 == digest:
        return last
    try:
        parts = read(file)
        made = _begin(parts, digest, last)
        _names(made, parts)
    except WrongList as wrong:
        raise Refused(str(wrong), code="tenants.sanctions_list") from None
    if not made.spellings:
        raise Refused(_("The list names nobody, so it is not taken."), code="tenants.sanctions_list")
    SanctionsList.objects.filter(current=True).update(current=False)
    SanctionsName.objects.exclude(list=made).delete()
    made.current = True
    made.save(update_fields=["current", "entities", "spellings"])
    record(
        "sanctions.loaded", acting_user=None, target=made,
        after={"version": made.version, "published": made.published, "entities": made.entities, "sha256": digest},
    )  # fmt: skip
    nudge("tenants.rescreen")
    return made


def _digest(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while part := file.read(PART):
        found.update(part)
    file.seek(0)
    return found.hexdigest()


def _begin(parts: Iterator[Header | Spelling], digest: str, last: SanctionsList | None) -> SanctionsList:
    header = next(parts)
    assert isinstance(header, Header), "it comes first"
    if last is not None and header.published < last.published:
        raise Refused(
            _("This list is of %(old)s; the one in force is of %(new)s. Download it again.")
            % {"old": header.published.date(), "new": last.published.date()},
            code="tenants.sanctions_list",
        )
    return SanctionsList.objects.create(version=header.version, published=header.published, sha256=digest)


def _names(made: SanctionsList, parts: Iterator[Header | Spelling]) -> None:
    entities = set()
    while batch := list(islice(parts, BATCH)):
        rows = [each for each in batch if isinstance(each, Spelling)]
        SanctionsName.objects.bulk_create(
            SanctionsName(list=made, entity=r.entity, reference=r.reference, kind=r.kind, name=r.name) for r in rows
        )
        entities |= {row.entity for row in rows}
        made.spellings += len(rows)
    made.entities = len(entities)


def load_configured() -> bool:
    """Load the installation's file (SANCTIONS_FILE) when it has changed; whether a list came into force."""
    path = Path(settings.SANCTIONS_FILE) if settings.SANCTIONS_FILE else None
    if path is None:
        return False
    before = current_list()
    try:
        with path.open("rb") as file:
            return load_list(file=file) != before
    except (OSError, Refused) as error:
        log.warning("sanctions_not_loaded", path=str(path), error=str(error))
        return False


def rescreen() -> int:
    """Screen everybody again with the list in force: who is new on it is a hit, whoever was cleared stays so."""
    found = current_list()
    if found is None:
        return 0
    other = Q(facts__list__isnull=True) | ~Q(facts__list=found.pk)  # a missing key is no other value to SQL
    rows = ComplianceCheck.objects.filter(RUNS, other, current=True, method="sanctions")
    open_rows = rows.filter(state=State.OPEN, proposal="")
    open_rows.update(next_attempt_at=timezone.now())
    nudge_due()
    others = rows.filter(state__in=(State.PASSED, State.EXPIRING, State.EXPIRED))
    return sum(_again(number) for number in others.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def nudge_due() -> None:
    nudge("tenants.run_checks")


@transaction.atomic
def _again(number: int) -> bool:
    """One verdict against the new list. A new hit opens the next round; whether it did."""
    rows = ComplianceCheck.objects.select_for_update(skip_locked=True, of=("self",)).select_related("case", "tenant")
    row = rows.filter(Q(current=True), pk=number).exclude(state=State.OPEN).first()
    if row is None:
        return False
    finding = screen(row, subject_of(row))
    known = set(row.facts.get("entities", ())) if row.finding == HIT else set()
    if finding.code == "sanctions.stale":
        return False
    if finding.code == HIT and not set(finding.facts["entities"]) <= known:
        fresh = next_round(case=row.case, tenant=row.tenant, rule=row.as_planned, seen=row.seen, before=row)
        return settle_look(fresh, finding)
    seen = {
        "list": finding.facts["list"],
        "list_version": finding.facts["list_version"],
        "list_date": finding.facts["list_date"],
    }
    told = {**row.facts, **seen} if row.finding == HIT else facts_of(finding)["facts"]
    ComplianceCheck.objects.filter(pk=row.pk).update(facts=told, ran_at=timezone.now())
    return False
