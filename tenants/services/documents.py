"""Documents of an application: attached, checked for viruses, read, removed."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import files, scanning
from portal.core.audit import record
from portal.core.errors import Conflict, Refused, UnlawfulMove
from portal.core.registry import kept_files
from portal.core.tasks import nudge
from portal.models import User
from tenants.live import announce_case
from tenants.models import CaseDocument, OnboardingCase
from tenants.queries.questions import questions_of
from tenants.questions.schema import said
from tenants.services.answers import whose
from tenants.services.checks import look_soon, plan_checks

log = structlog.get_logger(__name__)
State = CaseDocument.State
Case = OnboardingCase.State
MAY_ADD = frozenset(
    {Case.DRAFT, Case.SUBMITTED, Case.IN_REVIEW, Case.INFO_REQUESTED, Case.APPEALED, Case.CONDITIONALLY_APPROVED}
)
LOOKED_AT = frozenset({Case.SUBMITTED, Case.IN_REVIEW, Case.APPEALED})
"""Where a document that is added is checked at once; what is added while one writes is checked when it is sent."""
MOST_DOCUMENTS = 40


def attach_document(
    *, acting_user: User, case: OnboardingCase, name: str, content: bytes, question: str = ""
) -> CaseDocument:
    """Keep a file with the application, as the answer to ``question`` if one is named. Nobody reads it before it was
    checked, if there is a scanner. The same file twice is refused, so that one that is sent again is not doubled.

    The file is written first: a row without a file would be a promise, a file without a row is swept away.
    """
    checked = files.check_file(name, content, field=question or "file")
    key = files.keep(checked.content)
    try:
        return _attach(acting_user, case, checked, key, question)
    except BaseException:
        files.forget(key)
        raise


@transaction.atomic
def _attach(acting_user: User, case: OnboardingCase, checked: files.Checked, key: str, question: str) -> CaseDocument:
    case = OnboardingCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.state not in MAY_ADD:
        raise UnlawfulMove(
            _("%(case)s is “%(state)s”, and nothing can be added to it any more. Apply again with all documents.")
            % {"case": case, "state": case.get_state_display()}
        )
    _room_for(case, checked, question)
    document = CaseDocument.objects.create(
        case=case, question=question, name=checked.name, ending=checked.ending, size=len(checked.content), sha256=checked.sha256, key=key,
        added_by=acting_user, state=scanning.state_of_new(),
    )  # fmt: skip
    _tell("case.document_added", acting_user, document)
    if case.state in LOOKED_AT:
        plan_checks(case=case)
    nudge("tenants.scan_document", document.pk)
    return document


def _room_for(case: OnboardingCase, checked: files.Checked, question: str) -> None:
    """Refuses what is one too many, is there already, or answers a question that takes no documents."""
    field, others = question or "file", CaseDocument.objects.filter(case=case)
    if others.count() >= MOST_DOCUMENTS:
        raise Refused(
            _("%(case)s has %(most)d documents, which is the most. Put several into one PDF.")
            % {"case": case, "most": MOST_DOCUMENTS},
            field=field,
        )
    mine = others.filter(question=question)
    if mine.filter(sha256=checked.sha256).exists():
        raise Refused(
            _("“%(name)s” is attached already.") % {"name": checked.name}, field=field, code="tenants.document_there"
        )
    if not question:
        return
    found = questions_of(case).question(question)
    if found is None or found.kind != "file":
        raise Refused(_("This application asks for no documents there. Reload the page."), field=field)
    if mine.exclude(state=State.INFECTED).count() >= found.most_files:
        raise Refused(
            _("“%(question)s” takes %(most)d documents, which is the most. Remove one, or put several into one PDF.")
            % {"question": said(found.label), "most": found.most_files},
            field=field,
        )


@transaction.atomic
def remove_document(*, acting_user: User, document: CaseDocument) -> None:
    """Take a file away again, while the application is a draft: what was sent stays as it was sent."""
    case = OnboardingCase.objects.select_for_update(of=("self",)).get(pk=document.case_id)
    if case.state != Case.DRAFT:
        raise UnlawfulMove(
            _("%(case)s has been sent, and its documents stay with it. Add the right one instead.") % {"case": case}
        )
    _tell("case.document_removed", acting_user, document)
    key = document.key
    document.delete()
    nudge("tenants.sweep_file", key)


def content_of(document: CaseDocument) -> bytes:
    """The file as it was attached. Raises Refused while it is quarantined, Conflict when it is not what it was."""
    if not document.is_readable:
        raise Refused(why_not(document), code="tenants.document_quarantined")
    try:
        content = files.read(document.key)
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        log.error("document_changed_on_disk", document=document.pk)
        raise Conflict(
            _(
                "“%(name)s” is not as it was attached, so it is not given out. The people who run this portal find it in the log; ask for it again."
            )
            % {"name": document.name}
        )
    return content


def why_not(document: CaseDocument) -> str:
    if document.state == State.INFECTED:
        return _("A virus was found in “%(name)s” (%(finding)s). It was thrown away; attach a clean file.") % {
            "name": document.name, "finding": document.finding,
        }  # fmt: skip
    return _("“%(name)s” is not checked for viruses yet. It can be read as soon as the scanner has answered.") % {
        "name": document.name
    }


def scan_document(document_id: int) -> None:
    """Let the scanner look at one waiting file."""
    scanning.scan(CaseDocument.objects.select_related("case"), document_id, _settled)


def _settled(document: CaseDocument) -> None:
    _tell(f"case.document_{document.state}", None, document)
    look_soon(case=document.case, method="documents")


def sweep_documents() -> list[int]:
    """The files that wait for the scanner."""
    return scanning.waiting(CaseDocument.objects.all())


def sweep_file(key: str) -> None:
    """Away with a file that no row names any more."""
    if not CaseDocument.objects.filter(key=key).exists() and not any(named(key) for named in kept_files):
        files.forget(key)


def sweep_orphans() -> None:
    """Away with files that were written a day ago and got no row, because the portal died in between."""
    old = (timezone.now() - timedelta(days=1)).timestamp()
    for path in files.all_kept():
        if path.stat().st_mtime < old:
            sweep_file(path.name)


def _tell(act: str, acting_user: User | None, document: CaseDocument) -> None:
    case = document.case
    record(
        act, acting_user=acting_user, target=case, **whose(case),
        after={
            "document": document.name if case.submitted_at else "", "sha256": document.sha256,
            "finding": document.finding,
        },
    )  # fmt: skip
    announce_case(act, case)
