"""Documents of an application: attach, read, remove."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch
from portal.core.errors import Refused
from portal.ui.downloads import as_download
from portal.ui.forms import PlainForm
from portal.ui.pages import ActionPage, FormPage, Page
from tenants.models import CaseDocument, OnboardingCase
from tenants.queries.documents import shown
from tenants.services.documents import MAY_ADD, attach_document, content_of, remove_document


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; cleans to a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(each, initial) for each in chosen]


class FilesForm(PlainForm):
    file = FilesField(
        label=gettext_lazy("Files"),
        # What is empty is refused by the service, which says what to do about it.
        allow_empty_file=True,
        help_text=gettext_lazy(
            "PDF, PNG, JPEG, Word, Excel, OpenDocument text or plain text. Several at once are fine."
        ),
    )


class AttachDocuments(FormPage):
    queryset = OnboardingCase.objects.select_related("authority")
    form_class = FilesForm
    template_name = "tenants/documents.html"
    nav = "cases"
    title = gettext_lazy("Add documents")
    button = gettext_lazy("Add them")
    done = gettext_lazy("Added. The officers of the authority can read them once the application is with them.")

    def allow(self) -> None:
        if self.row.state not in MAY_ADD:
            raise Refused(_("Nothing can be added to this application any more. Its page shows what you can do now."))

    def crumbs(self) -> Any:
        return [(self.back(), self.row.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])

    def make_form(self, data: Any = None) -> Any:
        files = self.request.FILES if data is not None else None
        return FilesForm(data, files, user=self.user, row=self.row)

    def context(self, form: Any) -> dict[str, Any]:
        return {"documents": shown(self.row, self.user)}

    def act(self, form: Any) -> str:
        for each in form.cleaned_data["file"]:
            attach_document(acting_user=self.user, case=self.row, name=each.name, content=each.read())
        return self.back()


class ReadDocument(Page):
    """The file, as something to save and never as a page of this site."""

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> HttpResponse:
        row = fetch(CaseDocument.objects.select_related("case"), self.user, public_id=public_id)
        return as_download(row.name, row.ending, content_of(row))


class RemoveDocument(ActionPage):
    queryset = CaseDocument.objects.select_related("case__authority")
    verb = "edit"
    nav = "cases"
    title = gettext_lazy("Remove the document")
    consequence = gettext_lazy("It is deleted. You can add it again while the application is a draft.")
    button = gettext_lazy("Remove the document")
    danger = True
    done = gettext_lazy("Removed.")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.name}

    def back(self) -> str:
        return reverse("case", args=[self.row.case.public_id])

    def act(self, form: Any) -> str:
        back = self.back()
        remove_document(acting_user=self.user, document=self.row)
        return back
