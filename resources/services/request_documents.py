"""Documents of a request: attached, checked for viruses, read, removed. The files themselves are portal.core.files'."""

from __future__ import annotations

from typing import Any, cast

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit, files, scanner
from portal.core.errors import MovedMeanwhile, Refused, UnlawfulMove
from portal.core.events import announce
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import QuotaRequest, RequestDocument
from resources.services import topics
from tenants.services import documents as of_cases

log = structlog.get_logger(__name__)
State = RequestDocument.State
Request = QuotaRequest.State
MAY_ADD = frozenset({Request.DRAFT, Request.SUBMITTED, Request.IN_REVIEW, Request.INFO_REQUESTED})
MOST_DOCUMENTS = 20


def attach_document(*, acting_user: User, request: QuotaRequest, name: str, content: bytes) -> RequestDocument:
    """Keep a file with the request. Nobody reads it before it was checked, if there is a scanner.

    The file is written first: a row without a file would be a promise, a file without a row is swept away.
    """
    checked = files.check_file(name, content)
    key = files.keep(checked.content)
    try:
        return _attach(acting_user, request, checked, key)
    except BaseException:
        files.forget(key)
        raise


@transaction.atomic
def _attach(acting_user: User, request: QuotaRequest, checked: files.Checked, key: str) -> RequestDocument:
    request = QuotaRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state not in MAY_ADD:
        raise UnlawfulMove(
            _("%(request)s is “%(state)s”, and nothing can be added to it any more. Ask again with all documents.")
            % {"request": request, "state": request.get_state_display()}
        )
    others = RequestDocument.objects.filter(request=request)
    if others.count() >= MOST_DOCUMENTS:
        raise Refused(
            _("%(request)s has %(most)d documents, which is the most. Put several into one PDF.")
            % {"request": request, "most": MOST_DOCUMENTS},
            field="file",
        )
    if others.filter(sha256=checked.sha256).exists():
        raise Refused(_("“%(name)s” is attached already.") % {"name": checked.name}, field="file")
    document = RequestDocument.objects.create(
        tenant_id=request.tenant_id, authority_id=request.authority_id, request=request, revision=request.revision,
        name=checked.name, ending=checked.ending, size=len(checked.content), sha256=checked.sha256, key=key,
        added_by=acting_user, state=State.WAITING if scanner.is_configured() else State.UNSCANNED,
    )  # fmt: skip
    _tell("request.document_added", acting_user, document)
    nudge("resources.scan_document", document.pk)
    return document


@transaction.atomic
def remove_document(*, acting_user: User, document: RequestDocument) -> None:
    """Take a file away again, while the request is a draft: what was sent stays as it was sent."""
    request = QuotaRequest.objects.select_for_update(of=("self",)).get(pk=document.request_id)
    if request.state != Request.DRAFT:
        raise UnlawfulMove(
            _("%(request)s has been sent, and its documents stay with it. Add the right one instead.")
            % {"request": request}
        )
    _tell("request.document_removed", acting_user, document)
    key = document.key
    document.delete()
    nudge("tenants.sweep_file", key)


def content_of(document: RequestDocument) -> bytes:
    """The file as it was attached. Raises Refused while it is quarantined, Conflict when it is not what it was."""
    return of_cases.content_of(cast("Any", document))  # of the same shape


def scan_document(document_id: int) -> None:
    """Let the scanner look at one waiting file; while it does not answer, the file stays in quarantine."""
    document = RequestDocument.objects.filter(pk=document_id, state=State.WAITING).select_related("request").first()
    if document is None or not scanner.is_configured():
        return
    try:
        verdict = scanner.scan(files.read(document.key))
    except (scanner.ScannerAway, OSError) as error:
        log.warning("document_not_scanned", document=document.pk, error=str(error))
        return
    try:
        _settle(document, verdict)
    except MovedMeanwhile:
        return
    if verdict.finding:
        files.forget(document.key)


@transaction.atomic
def _settle(document: RequestDocument, verdict: scanner.Verdict) -> None:
    to = State.INFECTED if verdict.finding else State.CLEAN
    advance(document, to, finding=verdict.finding, scanned_at=timezone.now())
    _tell(f"request.document_{to}", None, document)


@transaction.atomic
def waiting_documents() -> list[int]:
    """The files that wait for the scanner; where one was added later, those that were never checked too."""
    if not scanner.is_configured():
        return []
    for document in RequestDocument.objects.filter(state=State.UNSCANNED).order_by("pk")[:500]:
        advance(document, State.WAITING)
    return list(RequestDocument.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True)[:200])


def _tell(act: str, acting_user: User | None, document: RequestDocument) -> None:
    request = document.request
    audit.record(
        act, acting_user=acting_user, target=request, tenant=request.tenant, authority=request.authority,
        after={"document": document.name, "sha256": document.sha256, "finding": document.finding},
    )  # fmt: skip
    announce(act, topics=topics.of_request(request), request=str(request.public_id))
