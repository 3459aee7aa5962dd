"""Documents of a request: attach, read, remove."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch
from portal.core.errors import Refused
from portal.ui.downloads import as_download
from portal.ui.pages import ActionPage, FormPage, Page, Text
from resources.models import QuotaRequest, RequestDocument
from resources.queries.requests import documents_of
from resources.services.request_documents import attach_document, content_of, may_add, remove_document
from tenants.views.documents import FilesForm


class AttachToRequest(FormPage):
    queryset = QuotaRequest.objects.select_related("tenant", "project", "authority")
    form_class = FilesForm
    template_name = "resources/request_documents.html"
    nav = "requests"
    title = gettext_lazy("Add documents")
    button = gettext_lazy("Add them")
    done = gettext_lazy("Added. Whoever decides can read them once the request is sent.")

    def allow(self) -> None:
        if not may_add(self.row):
            raise Refused(_("Nothing can be added to this request any more. Its page shows what you can do now."))

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests")), (self.back(), self.row.reference)]

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def make_form(self, data: Any = None) -> Any:
        return FilesForm(data, self.request.FILES if data is not None else None, user=self.user, row=self.row)

    def context(self, form: Any) -> dict[str, Any]:
        return {"documents": documents_of(self.row, self.user), "may_edit": True}

    def act(self, form: Any) -> str:
        for each in form.cleaned_data["file"]:
            attach_document(acting_user=self.user, request=self.row, name=each.name, content=each.read())
        return self.back()


class ReadRequestDocument(Page):
    """The file, as something to save and never as a page of this site."""

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> HttpResponse:
        row = fetch(RequestDocument.objects.select_related("request"), self.user, public_id=public_id)
        return as_download(row.name, row.ending, content_of(row))


class RemoveRequestDocument(ActionPage):
    queryset = RequestDocument.objects.select_related("request__tenant", "request__authority")
    verb = "edit"
    nav = "requests"
    title = gettext_lazy("Remove the document")
    consequence = gettext_lazy("It is deleted. You can add it again while the request is a draft.")
    button = gettext_lazy("Remove the document")
    danger = True
    done = gettext_lazy("Removed.")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.name}

    def back(self) -> str:
        return reverse("request", args=[self.row.request.public_id])

    def act(self, form: Any) -> str:
        back = self.back()
        remove_document(acting_user=self.user, document=self.row)
        return back
