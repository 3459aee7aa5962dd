"""The archive of a tenant's own data: every row that is the tenant's, its documents, its record with the proof.

Read under the second wall as the tenant itself, so that the database gives no row of anybody else's; written piece by
piece, so that a worker that dies goes on where it was; packed at the end into one ZIP with a manifest.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import files, isolation, operation_files
from portal.core.access import may
from portal.core.audit import record
from portal.core.errors import Conflict
from portal.core.operations import Line, OperationKind, Step, begin, operations
from portal.core.registry import TenantTable, tenant_files, tenant_letters, tenant_tables
from portal.core.trail import formats, proofs, reading
from portal.models import Operation, User
from tenants.models import CaseLetter, CaseMember, Membership, OnboardingCase, Tenant

KIND = "tenants.archive"
ROWS_A_STEP = 4000
RECORD, PEOPLE, DOCUMENTS, LETTERS = "record/audit.jsonl", "data/people.jsonl", "documents", "letters"


@transaction.atomic
def export_tenant(*, acting_user: User, tenant: Tenant) -> Operation:
    """Let an archive be made for the owner who asks; it is saved from the page of the work, with a second factor."""
    if operations().open().filter(kind=KIND, user=acting_user, tenant_id=tenant.pk).exists():
        raise Conflict(
            _("Your archive of %(tenant)s is being made already. “Operations” shows how far it is.")
            % {"tenant": tenant.name}
        )
    work = begin(
        KIND,
        acting_user=acting_user,
        about=tenant.name,
        target=tenant,
        tenant=tenant,
        total=len(list(tenant_tables)) + 3,
    )
    record("tenant.exported", acting_user=acting_user, target=tenant, tenant=tenant, authority=tenant.authority_id)
    return work


def step(operation: Operation) -> Step:
    """The next piece: rows of one table, of the record, the people; at the end the whole."""
    tenant = Tenant.objects.get(pk=operation.tenant_id or 0)
    tables = list(tenant_tables)
    part, number, after = (operation.cursor.get(key, 0) for key in ("part", "number", "after"))
    counts: dict[str, int] = {**operation.result.get("rows", {})}
    if part > len(tables) + 1:
        return _pack(operation, tenant, counts)
    with _as_the_tenant(tenant):
        name, lines, following = _piece(tenant, tables, part, after)
    operation_files.write(operation, f"{part:03}-{number:06}", "".join(f"{line}\n" for line in lines).encode())
    counts[name] = counts.get(name, 0) + len(lines)
    cursor = {"part": part + 1, "number": 0, "after": 0}
    if following is not None:
        cursor = {"part": part, "number": number + 1, "after": following}
    return Step(cursor, part if following is not None else part + 1, len(tables) + 3, result={"rows": counts})


def _as_the_tenant(tenant: Tenant) -> Any:
    """What the database shows to nobody but this tenant."""
    with isolation.as_worker():
        cases = ",".join(map(str, OnboardingCase.objects.filter(tenant=tenant).values_list("pk", flat=True)))
    return isolation.entered(isolation.Scope(isolation.Face.TENANT, None, str(tenant.pk), cases))


def _piece(tenant: Tenant, tables: list[TenantTable], part: int, after: int) -> tuple[str, list[str], int | None]:
    """(name in the archive, lines, where the next piece of the same part begins; None: that was all of it)."""
    if part < len(tables):
        table = tables[part]
        rows, following = _rows(table, tenant, after)
        return f"data/{table.label}.jsonl", rows, following
    if part == len(tables):
        found = list(reading.lines(after=after, streams={f"tenant:{tenant.pk}"}, most=ROWS_A_STEP))
        more = found[-1].position if len(found) == ROWS_A_STEP else None
        return RECORD, [formats.json_lines(line) for line in found], more
    return PEOPLE, list(_people(tenant)), None


def _rows(table: TenantTable, tenant: Tenant, after: int) -> tuple[list[str], int | None]:
    """Rows after the key ``after``; of tables whose key is made of several columns, after so many rows."""
    rows: models.QuerySet[Any] = table.rows(tenant)
    columns = rows.model._meta.concrete_fields
    fields = [each for each in columns if each.attname not in table.omit and not isinstance(each, models.BinaryField)]
    whole = isinstance(rows.model._meta.pk, models.AutoField | models.BigAutoField)
    ordered = rows.order_by("pk")
    taken = list(ordered.filter(pk__gt=after)[:ROWS_A_STEP] if whole else ordered[after : after + ROWS_A_STEP])
    lines = [_line({field.attname: field.value_from_object(row) for field in fields}) for row in taken]
    if len(taken) < ROWS_A_STEP:
        return lines, None
    return lines, taken[-1].pk if whole else after + len(taken)


def _people(tenant: Tenant) -> Iterator[str]:
    """Who the numbers in these rows are, as far as they are the tenant's own people."""
    ids = set(Membership.objects.filter(tenant=tenant).values_list("user_id", flat=True))
    ids |= set(CaseMember.objects.filter(case__tenant=tenant).values_list("user_id", flat=True))
    for person in User.objects.filter(pk__in=ids).order_by("pk"):
        yield _line({"id": person.pk, "name": person.full_name, "email": person.email})


def _line(facts: dict[str, Any]) -> str:
    return json.dumps(facts, cls=_Plain, ensure_ascii=False)


class _Plain(DjangoJSONEncoder):
    """What Django knows, and of everything else (a country) its code."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(getattr(o, "code", o))


def _pack(operation: Operation, tenant: Tenant, counts: dict[str, int]) -> Step:
    """One ZIP, written beside and put in place whole."""
    folder = operation_files.folder(operation)
    beside = folder / "packing"
    names = [*(f"data/{table.label}.jsonl" for table in tenant_tables), RECORD, PEOPLE]
    sums: dict[str, str] = {}
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for part, name in enumerate(names):
            head = _proof(tenant) if name == RECORD else []
            sums[name] = _put(archive, name, _pieces(folder, part, head))
        lost = list(_documents(archive, tenant, sums))
        archive.writestr("manifest.json", json.dumps(_manifest(operation, tenant, counts, sums, lost), indent=2))
        archive.writestr("README.txt", _readme(tenant))
    beside.replace(operation_files.result(operation))
    size = sum(counts.values())
    lines = tuple(Line(_("“%(name)s” is not on its disk and is missing in the archive.") % {"name": name}, "warn") for name in lost)  # fmt: skip
    said = Line(_("Packed %(n)s rows and %(docs)s documents.") % {"n": size, "docs": len(sums) - len(names)})
    name = f"{tenant.slug}-{timezone.localdate():%Y-%m-%d}.zip"
    return Step({}, len(names) + 1, len(names) + 1, finished=True, file=name, lines=(*lines, said))


def _pieces(folder: Path, part: int, head: list[str]) -> Iterator[bytes]:
    yield "".join(f"{line}\n" for line in head).encode()
    for path in sorted(folder.glob(f"{part:03}-*")):
        if not path.name.endswith(".part"):
            yield path.read_bytes()


def _put(archive: zipfile.ZipFile, name: str, content: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as into:
        for piece in content:
            digest.update(piece)
            into.write(piece)
    return digest.hexdigest()


def _proof(tenant: Tenant) -> list[str]:
    """What stands before a whole record, so that it can be checked far away (docs/audit.md)."""
    stream = f"tenant:{tenant.pk}"
    return [reading.header(complete=True, after=0, stream=stream), *(proof.line() for proof in proofs.prove({stream}))]


def _documents(archive: zipfile.ZipFile, tenant: Tenant, sums: dict[str, str]) -> Iterator[str]:
    """Puts every readable document in; yields the names of those whose file is gone."""
    with _as_the_tenant(tenant):
        documents = [each for rows in tenant_files for each in rows(tenant)]
        letters = [*CaseLetter.objects.filter(case__tenant=tenant).order_by("pk")]
        letters += [each for rows in tenant_letters for each in rows(tenant)]
    for document in documents:
        name = f"{DOCUMENTS}/{document.public_id.hex[:8]}-{document.name}"
        if not document.is_readable or not files.place(document.key).exists():
            yield document.name
            continue
        sums[name] = _put(archive, name, _read(files.place(document.key).open("rb")))
    for letter in letters:
        name = f"{LETTERS}/{letter.public_id.hex[:8]}.pdf"
        sums[name] = _put(archive, name, iter([bytes(letter.pdf)]))


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(operation_files.PIECE):
            yield piece


def _manifest(
    operation: Operation, tenant: Tenant, counts: dict[str, int], sums: dict[str, str], lost: list[str]
) -> dict[str, Any]:
    return {
        "tenant": str(tenant.public_id), "name": tenant.name, "made_at": timezone.now().isoformat(),
        "operation": str(operation.public_id), "rows": counts, "sha256": sums, "missing_documents": lost,
    }  # fmt: skip


def _readme(tenant: Tenant) -> str:
    return _(
        "Archive of %(tenant)s.\n\n"
        "data/       every row of the portal that is the tenant's, one JSON object a line, one file a table.\n"
        "            people.jsonl says who the numbers are that are the tenant's own people; other people stay numbers.\n"
        "documents/  the files of its application and of its requests, as they were attached.\n"
        "letters/    what the authority decided, as it was written.\n"
        "record/     the tenant's own audit record with the proof that it was sealed; docs/audit.md says how to check it.\n"
        "manifest.json  how many rows each file has, and the SHA-256 of each.\n\n"
        "Not in it: secrets of API tokens and webhooks, internal notes of the authority, and rows that only repeat others (rights that\n"
        "follow from roles).\n"
    ) % {"tenant": tenant.name}


def objection(operation: Operation) -> str:
    """The archive is made for an owner, for as long as they are one."""
    tenant = Tenant.objects.get(pk=operation.tenant_id or 0)
    if operation.user.is_active and may(operation.user, "manage_members", tenant):
        return ""
    return _("%(person)s is no owner of %(tenant)s any more, so the archive is not made.") % {
        "person": operation.user, "tenant": tenant,
    }  # fmt: skip


KINDS = {
    KIND: OperationKind(
        gettext_lazy("Archive of a tenant’s own data"), step, objection=objection, unit=gettext_lazy("parts"),
        keep_days=14, sealed=True, page=lambda row: reverse("tenant", args=[row.target_public_id]),
    ),
}  # fmt: skip
