"""Long works of the person who is signed in: the list, one while it runs, stop it, save what came of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import operation_files
from portal.core.access import fetch
from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.operations import cancel, kind_of, operation_kinds, operations
from portal.core.proof import insist
from portal.models import Operation, OperationLine, User
from portal.ui.downloads import SEALED
from portal.ui.lists import Empty, Filters, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, Page, Text
from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn, safe_cell

SHOWN_LINES = 100
TONES = ("bad", "warn", "info", "good", "same")


def label_of(operation: Operation) -> str:
    return str(kind_of(operation).label) if operation.kind in operation_kinds else operation.kind


def progress_text(operation: Operation) -> str:
    """How far it is: "4,200 of 10,000 rows"."""
    if not operation.total:
        return f"{operation.done:,}" if operation.done else ""
    unit = str(kind_of(operation).unit) if operation.kind in operation_kinds else ""
    text = _("%(done)s of %(total)s") % {"done": f"{operation.done:,}", "total": f"{operation.total:,}"}
    return f"{text} {unit}".strip()


class OperationFilters(Filters):
    search_fields = ("about",)
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Work"), widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(name, kind.label) for name, kind in operation_kinds.items()],
    )  # fmt: skip


class OperationTable(PortalTable):
    about = NameColumn(
        verbose_name=gettext_lazy("Work"), url=lambda row: reverse("operation", args=[row.public_id]), sub=label_of,
        default=gettext_lazy("Work"), empty_values=(None,),
    )  # fmt: skip
    state = StateColumn(verbose_name=gettext_lazy("Status"))
    done = TextColumn(verbose_name=gettext_lazy("Progress"))
    created_at = WhenColumn(verbose_name=gettext_lazy("Begun"), css="hide-s")
    ended_at = WhenColumn(verbose_name=gettext_lazy("Ended"), default="–")
    file_name = TextColumn(verbose_name=gettext_lazy("File"), default="–", css="hide-s")

    def render_about(self, record: Any) -> SafeString:
        return format_html(
            '<a class="name" href="{}">{}</a><div class="sub">{}</div>',
            reverse("operation", args=[record.public_id]), record.about or label_of(record), label_of(record),
        )  # fmt: skip

    def render_done(self, record: Any) -> str:
        return progress_text(record) or "–"

    def render_file_name(self, record: Any) -> str:
        return record.file_name if record.file_until else "–"


class Operations(ListPage):
    queryset = operations()
    table_class = OperationTable
    filterset_class = OperationFilters
    title = gettext_lazy("Operations")
    lede = gettext_lazy("Long works that you began: how far they are, and what came of them")
    nav = "operations"
    noun = gettext_lazy("operations")
    search_hint = gettext_lazy("What it is about")
    above = "portal/_operations_live.html"
    tabs = (
        Tab("all", gettext_lazy("All")),
        Tab("open", gettext_lazy("Waiting or running"), lambda rows, _user: rows.open()),
        Tab("failed", gettext_lazy("Failed"), lambda rows, _user: rows.filter(state=Operation.State.FAILED)),
    )
    empty = Empty(
        gettext_lazy("No long work yet"),
        gettext_lazy("What takes longer than a moment (an import, an export, an archive) runs here while you go on."),
        icon="list-check",
    )


class OperationPage(DetailPage):
    """One work; its middle is fetched again whenever it has gone on."""

    queryset = operations()
    template_name = "portal/operation.html"
    nav = "operations"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("operations"), _("Operations"))]

    def context(self, row: Operation) -> dict[str, Any]:
        return {"title": row.about or label_of(row), "lede": label_of(row), **shown(row)}


class OperationPart(OperationPage):
    part = "work"


def shown(row: Operation) -> dict[str, Any]:
    """What the page of a work shows beside its row."""
    kind = kind_of(row) if row.kind in operation_kinds else None
    words = kind.words if kind else {}
    worst = list(lines_of(row).filter(tone__in=("bad", "warn")).order_by("pk")[:SHOWN_LINES])
    return {
        "progress": progress_text(row),
        "percent": min(100.0, 100 * row.done / row.total) if row.total else (100.0 if row.state == "done" else 0.0),
        "tally": [(str(words.get(key, key)), count) for key, count in row.tally.items() if count],
        "worst": worst,
        "log": list(lines_of(row).filter(place=0).order_by("-pk")[:20]),
        "has_lines": bool(worst) or lines_of(row).exists(),
        "back_to": kind.page(row) if kind else None,
        "sealed": bool(kind and kind.sealed),
        "file_here": row.state == "done" and row.file_until is not None,
    }


def lines_of(row: Operation) -> Any:
    """The lines of a work that was fetched with access."""
    return row.lines.all()


class CancelOperation(ActionPage):
    queryset = operations()
    verb = "view"
    nav = "operations"
    title = gettext_lazy("Stop the work")
    consequence = gettext_lazy(
        "It stops after the step that runs now. What it has done until then stays done; begun anew, it leaves alone what is there already."
    )
    button = gettext_lazy("Stop the work")
    danger = True
    done = gettext_lazy("It stops as soon as its step has ended.")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.about or label_of(self.row)}

    def back(self) -> str:
        return reverse("operation", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        cancel(acting_user=self.user, operation=self.row)
        return self.back()


class OperationFile(Page):
    """The file that came of a work. What is sealed asks for the second factor each time."""

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> Any:
        return file_answer(fetch(operations(), self.user, public_id=public_id), self.user)


def file_answer(row: Operation, user: User) -> Any:
    """The file, and a line in the record of who took it."""
    if row.state != Operation.State.DONE or row.file_until is None:
        raise Refused(
            _("“%(thing)s” has no file to save: it has not ended well, or its file is past its day. Begin it anew.")
            % {"thing": row},
            code="portal.operation_has_no_file",
        )
    kind = kind_of(row)
    if kind.asked_again and (objection := kind.objection(row)):
        raise Refused(objection, code="portal.operation_not_theirs_any_more")
    if kind.sealed:
        insist()
    try:
        file = operation_files.result(row).open("rb")
    except OSError:
        raise Refused(
            _("The file is not on its disk any more. Begin the work anew."), code="portal.file_lost"
        ) from None
    with transaction.atomic():
        record(
            "operation.downloaded", acting_user=user, target=row, tenant=row.tenant_id, authority=row.authority_id,
            after={"sha256": row.file_sha256},
        )  # fmt: skip
    answer = FileResponse(file, content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(row.file_size)
    return _saved(answer, row.file_name)


def _saved(answer: Any, name: str) -> Any:
    """Something to save, and never a page of this site."""
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"  # fmt: skip
    answer.headers["Content-Security-Policy"] = SEALED
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


class OperationReport(Page):
    """Every line of a work as CSV, none of whose cells a spreadsheet takes for a formula."""

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> Any:
        return report_answer(fetch(operations(), self.user, public_id=public_id))


def report_answer(row: Operation) -> Any:
    return _saved(HttpResponse("".join(_report(row)), content_type="text/csv; charset=utf-8"), "report.csv")


def _report(row: Operation) -> Iterator[str]:
    yield _csv([_("Row"), _("Outcome"), _("What"), _("In words")])
    last = 0
    while batch := list(lines_of(row).filter(pk__gt=last).order_by("pk")[:1000]):
        for line in batch:
            yield _csv([line.place or "", OperationLine.Tone(line.tone).label, line.subject, line.text])
        last = batch[-1].pk


def _csv(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
