"""Who writes an application: asked by mail, taken off, not asked any more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.queries import questions as queries
from tenants.queries.case_links import invitations_of
from tenants.question_forms import WriterForm
from tenants.services import case_links, writers
from tenants.views.wizard import OnDraft


class Writers(OnDraft):
    """Several people may write one application."""

    template_name = "tenants/writers.html"
    form_class = WriterForm
    title = gettext_lazy("Who writes this application")
    lede = gettext_lazy("Everybody here reads it, changes it, sends it and answers the authority")
    button = gettext_lazy("Ask this person to write too")

    def context(self, form: Any) -> dict[str, Any]:
        return {"people": queries.writers(self.row), "invited": invitations_of(self.row)}

    def act(self, form: Any) -> str:
        email, site = form.cleaned_data["email"], self.request.build_absolute_uri("/")
        case_links.invite_writer(acting_user=self.user, case=self.row, email=email, site=site)
        messages.success(self.request, _("Asked. %(email)s gets a mail with a link.") % {"email": email})
        return reverse("case-writers", args=[self.row.public_id])


class TakeBackInvitation(OnDraft):
    """Somebody who was asked to write is not asked any more."""

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("case-writers", public_id)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        case_links.take_back_invitation(acting_user=self.user, case=self.row, invitation=str(self.kwargs["invitation"]))
        messages.success(request, _("Taken back. The link does not work any more."))
        return redirect("case-writers", public_id)


class RemoveWriter(OnDraft):
    """Take somebody off an application; the last one stays."""

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("case-writers", public_id)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        removed = writers.remove_writer(acting_user=self.user, case=self.row, person=str(self.kwargs["person"]))
        messages.success(request, _("%(person)s does not write it any more.") % {"person": removed})
        if removed == self.user:
            return redirect("case-apply")
        return redirect("case-writers", public_id)
