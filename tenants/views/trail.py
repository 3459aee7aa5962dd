"""The audit record, for those who may read it: the list, one event with the evidence for it, and exports."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from portal.core.access import fetch, powers
from portal.core.audit import SITE
from portal.core.errors import NotFound, Refused
from portal.core.notices import targets
from portal.core.refusals import PREFIX
from portal.core.trail import formats, proofs, reading
from portal.ui.keyset import Sort
from portal.ui.lists import EXPORT_BOUND, Empty, ListPage, Tab
from portal.ui.pages import DetailPage
from tenants import trail_words as words
from tenants.filters import TrailFilters
from tenants.models import Trail
from tenants.queries.people import names_of
from tenants.queries.tenants import tenant_names
from tenants.queries.trail import evidence, place_of, whole_streams
from tenants.trail_table import TrailTable


class AuditTrail(ListPage):
    keeps_views = "audit"
    queryset = Trail.objects.select_related("actor")
    table_class = TrailTable
    filterset_class = TrailFilters
    above = "tenants/trail_evidence.html"
    title = _("Audit record")
    lede = _("Who did what to which object, and why. Nothing here can be changed")
    nav = "audit"
    noun = _("events")
    search_hint = _("Person, object, reason")
    tabs = (
        Tab("all", _("Everything")),
        Tab("refused", _("Refused attempts"), lambda rows, _user: rows.filter(act__startswith=PREFIX)),
        Tab("roles", _("Roles and people"), lambda rows, _user: rows.filter(act__regex=r"^(membership|person|grants)\.")),
        Tab("sign-in", _("Sign-in"), lambda rows, _user: rows.filter(act__regex=r"^(session|password|address|factor)\.|^refused\.(sign_in|second_factor)$")),
    )  # fmt: skip
    sorts = {"newest": Sort("at", descending=True), "oldest": Sort("at")}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"newest": _("Newest first"), "oldest": _("Oldest first")}  # noqa: RUF012
    empty = Empty(_("Nothing has been recorded yet"), icon="history")
    exports = (
        ("csv", _("Table (CSV)")),
        ("jsonl", _("JSON lines, as chained")),
        ("whole", _("The whole record, with proof")),
        ("ocsf", _("OCSF events")),
        ("cef", _("CEF")),
        ("syslog", _("Syslog (RFC 5424)")),
    )

    def allow(self) -> None:
        if not may_read(self.user):
            raise NotFound

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "evidence": evidence(self.user)}

    def export(self, matching: Any, kind: str) -> HttpResponse:
        if kind == "whole":
            return whole_record(self.user)
        return super().export(matching, kind) if kind == "csv" else as_file(matching, kind)


def whole_record(user: Any) -> HttpResponse:
    """Everything that the person reads as a whole, whatever the filters say, with the proof that it was sealed."""
    streams = whole_streams(user)
    found = list(reading.lines(Trail.objects.visible_to(user), streams=streams, most=EXPORT_BOUND + 1))
    if len(found) > EXPORT_BOUND:
        raise Refused(
            text(
                "The record has more than %(bound)d events, too many for one file. Fetch them through the API, which "
                "goes on where the last answer ended, and the proof beside them."
            )
            % {"bound": EXPORT_BOUND}
        )
    return saved([*proven_head(streams), *map(formats.json_lines, found)], "application/x-ndjson", "whole", "jsonl")


def proven_head(streams: set[str]) -> list[str]:
    """What stands before whole records: what the file is, and a proof for each record that was sealed."""
    return [reading.header(complete=True, after=0), *(proof.line() for proof in proofs.prove(streams))]


def as_file(matching: Any, kind: str) -> HttpResponse:
    """Every event that matches, in the order of commits, one a line."""
    media_type, write = formats.FORMATS[kind]
    found = list(reading.lines(matching, most=EXPORT_BOUND + 1))
    if len(found) > EXPORT_BOUND:
        raise Refused(
            text(
                "More than %(bound)d events match, too many for one file. Narrow the list with a filter, or fetch them "
                "through the API, which goes on where the last answer ended."
            )
            % {"bound": EXPORT_BOUND}
        )
    lines = [write(line) for line in found]
    if kind == "jsonl":
        lines.insert(0, reading.header(complete=False, after=0))
    return saved(lines, media_type, kind, "jsonl" if kind in {"jsonl", "ocsf"} else "log")


def saved(lines: list[str], media_type: str, name: str, ending: str) -> HttpResponse:
    response = HttpResponse("".join(f"{line}\n" for line in lines), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="audit-{name}.{ending}"'
    return response


class AuditEventPage(DetailPage):
    queryset = Trail.objects.select_related("actor")
    template_name = "tenants/trail_event.html"
    nav = "audit"

    def crumbs(self) -> Any:
        return [(reverse("audit"), _("Audit record"))]

    def get(self, request: HttpRequest, public_id: int, **kwargs: Any) -> HttpResponse:
        self.row = fetch(self.queryset.all(), self.user, pk=public_id)
        return render(request, self.template_name, {**self.page_context(), "row": self.row, **self.context(self.row)})

    def context(self, row: Any) -> dict[str, Any]:
        names = words.Names(names_of(words.people_in([row])), tenant_names(words.tenants_in([row])))
        return {
            "title": words.act_label(row.act),
            "refused": formats.is_refusal(row.act),
            "target": words.target_name(row, names),
            "target_url": words.target_url(row) if targets([row], self.user) else None,
            "kind": "" if row.target_type == SITE else words.kind_label(row.target_type),
            "changes": words.changes(row, names),
            "source": {"page": _("A page"), "api": _("The API")}.get(row.source, _("A programme of the portal")),
            "place": place_of(row.pk, row.at),
        }  # fmt: skip


def may_read(user: Any) -> bool:
    """Whether there is any trail that this person may read; for the menu and the page."""
    return bool(user.is_platform_admin or powers(user) & {"read_audit", "operate_clusters"})
