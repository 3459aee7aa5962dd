"""Documents of an application: attach, read, remove."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch
from portal.core.errors import NotFound, Refused
from portal.ui.downloads import as_download
from portal.ui.forms import PlainForm
from portal.ui.pages import ActionPage, DetailPage, FormPage, Page
from tenants.file_fields import FilesField
from tenants.models import CaseDocument, OnboardingCase
from tenants.queries.documents import answering, shown
from tenants.queries.questions import questions_of
from tenants.services.documents import MAY_ADD, attach_document, content_of, remove_document


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


class QuestionDocuments(DetailPage):
    """The documents of one question, as the part of the wizard that follows them by itself."""

    queryset = OnboardingCase.objects.select_related("question_set")
    verb = "edit"
    template_name = "tenants/_files.html"

    def context(self, row: OnboardingCase) -> dict[str, Any]:
        question = questions_of(row).question(self.kwargs["key"])
        if question is None or question.kind != "file":
            raise NotFound
        return {"question": question, "documents": answering(row, self.user, question.key)}


class ReadDocument(Page):
    """The file, as something to save and never as a page of this site."""

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> HttpResponse:
        row = fetch(CaseDocument.objects.select_related("case"), self.user, public_id=public_id)
        return as_download(row.name, row.ending, content_of(row))


class RemoveDocument(ActionPage):
    queryset = CaseDocument.objects.select_related("case__authority", "case__question_set")
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
        """To the question that it answers, else to the application."""
        steps = questions_of(self.row.case).steps if self.row.question else ()
        step = next((each.key for each in steps if any(q.key == self.row.question for q in each.questions)), "")
        if step:
            return reverse("case-write", args=[self.row.case.public_id, step])
        return reverse("case", args=[self.row.case.public_id])

    def act(self, form: Any) -> str:
        back = self.back()
        remove_document(acting_user=self.user, document=self.row)
        return back
