"""Tenants that a site brings along: a file is read, tried without changing anything, and then taken over row by row.

The natural key is authority and legal id. What is here already is left as it is, so the same file taken over twice
changes nothing the second time.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core import files
from portal.core.access import may
from portal.core.audit import record
from portal.core.errors import Conflict, PortalError, Refused
from portal.core.locks import hold
from portal.core.operations import Line, OperationKind, Step, Tone, begin
from portal.core.proof import deciding
from portal.models import Operation, User
from tenants.import_sheets import read_sheet
from tenants.models import Authority, Tenant, TenantImport
from tenants.queries.import_rows import DIFFERS, NEW, SAME, TWIN, WRONG, Plan, key_of, plans
from tenants.roles import TenantRole
from tenants.services.invitations import invite
from tenants.services.memberships import give_role
from tenants.services.people import account_for
from tenants.services.recertification import open_round
from tenants.services.tenants import free_slug
from tenants.signals import tenant_activated

KIND = "tenants.import"
TRIAL = "tenants.import_trial"
ROWS_A_STEP = {KIND: 40, TRIAL: 500}
TONES = {NEW: Tone.GOOD, SAME: Tone.SAME, DIFFERS: Tone.WARN, WRONG: Tone.BAD}


@transaction.atomic
def upload_import(*, acting_user: User, authority: Authority, name: str, content: bytes) -> TenantImport:
    """Read a file and keep it; nothing is made yet."""
    shown = files.clean_name(name, "")
    if len(content) > settings.UPLOAD_LARGEST_MIB * 2**20:
        raise Refused(
            _("“%(name)s” is larger than %(most)d MiB. Split it; each part can be imported by itself.")
            % {"name": shown, "most": settings.UPLOAD_LARGEST_MIB},
            field="file",
        )
    sheet = read_sheet(shown, content)
    _mark_twins(sheet.rows)
    key = files.keep(sheet.lines())
    try:
        row = TenantImport.objects.create(
            authority=authority, added_by=acting_user, name=shown, sha256=hashlib.sha256(content).hexdigest(), key=key,
            rows=len(sheet.rows), columns=list(sheet.columns), ignored=sheet.ignored,
        )  # fmt: skip
        record(
            "import.uploaded", acting_user=acting_user, target=row, authority=authority,
            after={"rows": row.rows, "sha256": row.sha256},
        )  # fmt: skip
    except BaseException:
        files.forget(key)
        raise
    return row


def _mark_twins(rows: list[dict[str, str]]) -> None:
    seen: dict[str, int] = {}
    for place, row in enumerate(rows, start=1):
        key = key_of(row.get("legal_id", ""))
        if key and key in seen:
            row[TWIN] = str(seen[key])
        else:
            seen[key] = place


@transaction.atomic
def try_import(*, acting_user: User, batch: TenantImport) -> Operation:
    """Say of each row what it would do; nothing is made."""
    row = _locked(batch)
    _idle(row.trial, row.run)
    row.trial = _begin(TRIAL, acting_user, row)
    row.save(update_fields=["trial"])
    record("import.tried", acting_user=acting_user, target=row, authority=row.authority, after={"rows": row.rows})
    batch.trial = row.trial
    return row.trial


@deciding
@transaction.atomic
def run_import(*, acting_user: User, batch: TenantImport, invite_owners: bool = False, site: str = "") -> Operation:
    """Make the tenants that are not here yet. ``invite_owners``: each owner without an account gets a mail now."""
    row = _locked(batch)
    if row.trial is None or row.trial.state != Operation.State.DONE:
        raise Refused(
            _("Try “%(name)s” first, and read what it would do. Then it can be taken over.") % {"name": row.name},
            code="tenants.import_untried",
        )
    _idle(row.trial, row.run)
    row.run = _begin(KIND, acting_user, row, invite=invite_owners, site=site)
    row.save(update_fields=["run"])
    record("import.begun", acting_user=acting_user, target=row, authority=row.authority, after={"rows": row.rows})
    batch.run = row.run
    return row.run


def _locked(batch: TenantImport) -> TenantImport:
    rows = TenantImport.objects.select_for_update(of=("self",)).select_related("authority", "trial", "run")
    return rows.get(pk=batch.pk)


def _idle(*works: Operation | None) -> None:
    if any(work is not None and work.is_open for work in works):
        raise Conflict(
            _("This file is being worked on at the moment. Wait until that has ended, or stop it."),
            code="tenants.import_running",
        )


def _begin(kind: str, acting_user: User, row: TenantImport, **params: Any) -> Operation:
    return begin(
        kind, acting_user=acting_user, about=row.name, target=row, authority=row.authority, total=row.rows,
        params={"import": row.pk, **params},
    )  # fmt: skip


# ---- the work ----------------------------------------------------------------------------------------------------------


def step(operation: Operation) -> Step:
    """The next rows of the file: tried, or taken over."""
    batch = TenantImport.objects.select_related("authority").get(pk=operation.params["import"])
    rows, at, offset = _next_rows(batch, operation)
    if operation.kind == KIND:
        hold("tenants.import", batch.authority_id)
    found = plans(batch.authority, rows)
    if operation.kind == KIND:
        found = [_carry_out(plan, batch.authority, operation) for plan in found]
    tally = {outcome: sum(plan.outcome == outcome for plan in found) for outcome in TONES}
    return Step(
        cursor={"row": at, "offset": offset}, done=at, total=batch.rows, finished=at >= batch.rows,
        tally={key: count for key, count in tally.items() if count},
        lines=tuple(_line(plan, made=operation.kind == KIND) for plan in found),
    )  # fmt: skip


def _next_rows(batch: TenantImport, operation: Operation) -> tuple[list[tuple[int, dict[str, str]]], int, int]:
    """(number, cells) of the next rows, the number of the last one, and where in the file the next begins."""
    at, rows = operation.cursor.get("row", 0), []
    try:
        with files.place(batch.key).open("rb") as file:
            file.seek(operation.cursor.get("offset", 0))
            for _turn in range(ROWS_A_STEP[operation.kind]):
                if not (line := file.readline()):
                    break
                at += 1
                rows.append((at, json.loads(line)))
            return rows, at if rows else batch.rows, file.tell()
    except FileNotFoundError:
        raise Refused(_("The file “%(name)s” is not here any more. Upload it again.") % {"name": batch.name}) from None


def _carry_out(plan: Plan, authority: Authority, operation: Operation) -> Plan:
    """One row, whole or not at all; a rule that says no is its report."""
    if plan.outcome != NEW:
        return plan
    try:
        with transaction.atomic():
            import_tenant(acting_user=operation.user, authority=authority, plan=plan, **_mailing(operation))
    except PortalError as error:
        return Plan(plan.place, WRONG, plan.name, sentences=(str(error),))
    return plan


def _mailing(operation: Operation) -> dict[str, Any]:
    return {"invite_owner": operation.params.get("invite", False), "site": operation.params.get("site", "")}


@transaction.atomic
def import_tenant(
    *, acting_user: User, authority: Authority, plan: Plan, invite_owner: bool = False, site: str = ""
) -> Tenant:
    """Make one tenant as its row says, with its owner and the day on which its facts are looked at again."""
    tenant = Tenant.objects.create(authority=authority, slug=free_slug(plan.facts["name"]), **plan.facts)
    record(
        "tenant.imported", acting_user=acting_user, target=tenant, tenant=tenant, authority=authority,
        after={"data_class": tenant.data_class, "residency": tenant.residency},
    )  # fmt: skip
    open_round(tenant=tenant, due_on=plan.recertify_on)
    if plan.owner_email:
        person, new = account_for(acting_user=acting_user, email=plan.owner_email, full_name=plan.owner_name)
        membership: Any = give_role(acting_user=acting_user, anchor=tenant, user=person, role=TenantRole.OWNER)
        if new:
            invite(acting_user=acting_user, membership=membership, site=site, send=invite_owner)
    tenant_activated.send(sender=Tenant, tenant=tenant, acting_user=acting_user)
    return tenant


def _line(plan: Plan, *, made: bool) -> Line:
    if plan.outcome == NEW:
        text = _("Made.") if made else _("Would be made.")
    elif plan.outcome == SAME:
        text = _("Here already, and nothing differs.")
    else:
        text = " ".join(plan.sentences)
    return Line(text, TONES[plan.outcome], plan.name, plan.place)


def objection(operation: Operation) -> str:
    """Whoever began it has to be an onboarding officer of the authority for as long as it runs."""
    authority = Authority.objects.get(pk=operation.authority_id or 0)
    if operation.user.is_active and may(operation.user, "decide", authority):
        return ""
    return _("%(person)s is no onboarding officer of %(authority)s any more, so the import stopped here. Another officer begins it again; what was made is left alone.") % {
        "person": operation.user, "authority": authority,
    }  # fmt: skip


def page(operation: Operation) -> str | None:
    return reverse("import", args=[operation.target_public_id]) if operation.target_public_id else None


def said_before(trial: Operation) -> str:
    """What the trial found, in one sentence."""
    new = trial.tally.get(NEW, 0)
    return ngettext("%(n)d tenant would be made.", "%(n)d tenants would be made.", new) % {"n": new}


WORDS = {
    NEW: gettext_lazy("New"),
    SAME: gettext_lazy("Here already, unchanged"),
    DIFFERS: gettext_lazy("Here already, and differs"),
    WRONG: gettext_lazy("Wrong, left out"),
}
COMMON = {"words": WORDS, "unit": gettext_lazy("rows"), "objection": objection, "page": page}
KINDS = {
    KIND: OperationKind(gettext_lazy("Import of tenants"), step, **COMMON),  # type: ignore[arg-type]  # as named
    TRIAL: OperationKind(gettext_lazy("Trial of an import, changes nothing"), step, **COMMON),  # type: ignore[arg-type]
}
