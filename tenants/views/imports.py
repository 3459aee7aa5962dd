"""Tenants that a site brings along: choose a file, look at its columns, try it, take it over."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from portal.core import files
from portal.core.access import fetch, may
from portal.core.errors import NotFound
from portal.models import Operation
from portal.ui.badges import state_badge
from portal.ui.downloads import SEALED
from portal.ui.forms import PlainForm
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import ActionPage, DetailPage, FormPage, Page
from portal.ui.tables import NameColumn, NumberColumn, PortalTable, TextColumn, WhenColumn
from tenants.import_sheets import COLUMNS, NEEDED, template
from tenants.models import Authority, TenantImport
from tenants.services.imports import run_import, said_before, try_import, upload_import

SHOWN_ROWS = 5


def decides_somewhere(user: Any) -> bool:
    return bool(Authority.objects.visible_to(user, "decide").exists())


class ImportTable(PortalTable):
    name = NameColumn(
        verbose_name=_("File"), url=lambda row: reverse("import", args=[row.public_id]),
        sub=lambda row: str(row.authority),
    )  # fmt: skip
    rows_ = NumberColumn(verbose_name=_("Rows"), accessor="rows")
    trial = TextColumn(verbose_name=_("Trial"), default=_("Not yet"))
    run = TextColumn(verbose_name=_("Taken over"), default=_("Not yet"))
    added_by = TextColumn(verbose_name=_("Brought by"), css="hide-s")
    created_at = WhenColumn(verbose_name=_("Brought"), css="hide-s")

    def render_trial(self, record: Any) -> SafeString:
        return state_badge(record.trial.state, record.trial.get_state_display())

    def value_trial(self, record: Any) -> str:
        return str(record.trial.state) if record.trial else ""

    def render_run(self, record: Any) -> SafeString:
        return state_badge(record.run.state, record.run.get_state_display())

    def value_run(self, record: Any) -> str:
        return str(record.run.state) if record.run else ""


class Imports(ListPage):
    queryset = TenantImport.objects.select_related("authority", "added_by", "trial", "run")
    table_class = ImportTable
    title = _("Imports of tenants")
    lede = _("For a site that moves here: files of tenants, tried first and then taken over")
    nav = "tenants"
    noun = _("files")
    create = ("import-new", _("Bring a file"))
    empty = Empty(
        _("No file yet"),
        _("A file of tenants (CSV or JSON) is tried without changing anything before it is taken over."),
        icon="table", url="import-new", action=_("Bring a file"),
    )  # fmt: skip

    def allow(self) -> None:
        if not decides_somewhere(self.user):
            raise NotFound

    def crumbs(self) -> Any:
        return [(reverse("tenants"), _("Tenants"))]


class ImportForm(PlainForm):
    authority: forms.ModelChoiceField[Authority] = forms.ModelChoiceField(
        label=_("Authority that admits them"), queryset=None, to_field_name="public_id"
    )  # its rows are put in for the person
    file = forms.FileField(
        label=_("File"), allow_empty_file=True, help_text=_("CSV or JSON in UTF-8, one tenant a row.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Authority.objects.visible_to(self.user, "decide").order_by("name")
        self.fields["authority"].queryset = choices  # type: ignore[attr-defined]  # a choice of rows
        if len(choices) == 1:
            self.fields["authority"].initial = choices[0].public_id


class NewImport(FormPage):
    takes_files = True
    form_class = ImportForm
    template_name = "tenants/import_new.html"
    title = _("Bring a file of tenants")
    lede = _("Nothing is made yet: its columns are looked at first")
    button = _("Look at the file")
    nav = "tenants"

    def allow(self) -> None:
        if not decides_somewhere(self.user):
            raise NotFound

    def crumbs(self) -> Any:
        return [(reverse("imports"), _("Imports of tenants"))]

    def make_form(self, data: Any = None) -> Any:
        chosen = self.request.FILES if data is not None else None
        return ImportForm(data, chosen, user=self.user, row=None)

    def context(self, form: Any) -> dict[str, Any]:
        return {"columns": [(name, others, name in NEEDED) for name, others in COLUMNS.items()]}

    def act(self, form: Any) -> str:
        chosen = form.cleaned_data["file"]
        row = upload_import(
            acting_user=self.user, authority=form.cleaned_data["authority"], name=chosen.name, content=chosen.read()
        )
        return reverse("import", args=[row.public_id])


class ImportTemplate(Page):
    """A file to begin with."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not decides_somewhere(self.user):
            raise NotFound
        answer = HttpResponse(template(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="tenants.csv"'
        answer["Content-Security-Policy"] = SEALED
        return answer


class ImportPage(DetailPage):
    queryset = TenantImport.objects.select_related("authority", "added_by", "trial", "run")
    template_name = "tenants/import.html"
    nav = "tenants"

    def crumbs(self) -> Any:
        return [(reverse("imports"), _("Imports of tenants"))]

    def context(self, row: TenantImport) -> dict[str, Any]:
        return {
            "title": row.name,
            "lede": str(row.authority),
            **import_shown(row),
            "may_run": may(self.user, "edit", row),
        }


class ImportPart(ImportPage):
    part = "steps"


def import_shown(row: TenantImport) -> dict[str, Any]:
    tried = row.trial is not None and row.trial.state == Operation.State.DONE
    busy = any(work is not None and work.is_open for work in (row.trial, row.run))
    return {
        "columns": row.columns, "absent": [name for name in COLUMNS if name not in row.columns],
        "sample": sample(row), "tried": tried, "busy": busy,
        "said": said_before(row.trial) if tried and row.trial else "",
    }  # fmt: skip


def sample(row: TenantImport) -> list[list[str]]:
    """The first rows as they were read, in the order of the columns."""
    try:
        with files.place(row.key).open(encoding="utf-8") as file:
            told = [json.loads(line) for line, _n in zip(file, range(SHOWN_ROWS), strict=False)]
    except FileNotFoundError:
        return []
    return [[each.get(column, "") for column in row.columns] for each in told]


class OnImport(ActionPage):
    queryset = TenantImport.objects.select_related("authority", "trial", "run")
    verb = "edit"
    nav = "tenants"

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.name}

    def back(self) -> str:
        return reverse("import", args=[self.row.public_id])

    def crumbs(self) -> Any:
        return [(reverse("imports"), _("Imports of tenants")), (self.back(), self.row.name)]


class TryImport(OnImport):
    title = _("Try the file")
    consequence = _("Every row is looked at and reported. Nothing is made or changed.")
    button = _("Try it")

    def act(self, form: Any) -> str:
        work = try_import(acting_user=self.user, batch=self.row)
        return reverse("operation", args=[work.public_id])


class RunForm(PlainForm):
    invite_owners = forms.BooleanField(
        label=_("Mail every owner who has no account yet"), required=False,
        help_text=_("Without it they are invited later, from the page of each tenant."),
    )  # fmt: skip


class RunImport(OnImport):
    form_class = RunForm
    title = _("Take the file over")
    button = _("Take it over")

    def page_context(self) -> dict[str, Any]:
        said = said_before(self.row.trial) if self.row.trial else ""
        rest = text("What is here already is left as it is. It can be stopped and begun again.")
        return {**super().page_context(), "consequence": format_html("{} {}", said, rest)}

    def act(self, form: Any) -> str:
        site = self.request.build_absolute_uri("/")
        work = run_import(
            acting_user=self.user, batch=self.row, invite_owners=form.cleaned_data["invite_owners"], site=site
        )
        return reverse("operation", args=[work.public_id])


def chosen_authority(user: Any, public_id: Any) -> Authority:
    return fetch(Authority.objects.all(), user, "decide", public_id=public_id)
