"""Documents of a request: attached, checked for viruses, read, removed. The files themselves are portal.core.files'."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import audit, files, scanning
from portal.core.errors import Refused, UnlawfulMove
from portal.core.events import announce
from portal.core.tasks import nudge
from portal.models import User
from resources.models import GrantCondition, QuotaRequest, RequestDocument
from resources.services import topics
from tenants.services import documents as of_cases

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


def may_add(request: QuotaRequest) -> bool:
    """Whether files may be added: until it is decided, and afterwards while a condition has to be shown to be met."""
    return (
        request.state in MAY_ADD
        or GrantCondition.objects.filter(request=request, state__in=GrantCondition.TO_MEET).exists()
    )


@transaction.atomic
def _attach(acting_user: User, request: QuotaRequest, checked: files.Checked, key: str) -> RequestDocument:
    request = QuotaRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if not may_add(request):
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
        added_by=acting_user, state=scanning.state_of_new(),
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
    """Let the scanner look at one waiting file."""
    rows = RequestDocument.objects.select_related("request")
    scanning.scan(rows, document_id, lambda row: _tell(f"request.document_{row.state}", None, row))


def waiting_documents() -> list[int]:
    """The files that wait for the scanner."""
    return scanning.waiting(RequestDocument.objects.all())


def _tell(act: str, acting_user: User | None, document: RequestDocument) -> None:
    request = document.request
    audit.record(
        act, acting_user=acting_user, target=request, tenant=request.tenant, authority=request.authority,
        after={"document": document.name, "sha256": document.sha256, "finding": document.finding},
    )  # fmt: skip
    announce(act, topics=topics.of_request(request), request=str(request.public_id))
