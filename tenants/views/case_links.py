"""Into an application by a link of a mail: who holds it opens an account or signs in, and goes on."""

from __future__ import annotations

from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from portal.accounts.factors import note_password
from portal.ui.pages import FormPage, PlainPage
from tenants.models import CaseLink
from tenants.queries.people import person_by_address
from tenants.queries.questions import questions_of
from tenants.question_forms import AccountForm
from tenants.services import case_links
from tenants.views.wizard import SENT_TO

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class LinkSent(PlainPage):
    """Says the same whether the address has an account or not."""

    public = True
    template_name = "tenants/link_sent.html"
    title = gettext_lazy("Look into your mail")
    nav = "apply"

    def context(self) -> dict[str, Any]:
        return {"email": self.request.session.get(SENT_TO, "")}


class FollowLink(FormPage):
    """Reading it changes nothing; the button does. Each way in is offered to whom it is for."""

    public = True
    form_class = AccountForm
    template_name = "tenants/case_link.html"
    title = gettext_lazy("Go on with the application")
    nav = "apply"
    link: CaseLink

    def load(self, public_id: Any = None) -> None:
        self.link = case_links.link_of(self.kwargs["token"])

    def way(self) -> str:
        """What this reader has to do: nothing more, ask anew, sign in, sign in as somebody else, or open an account."""
        known = self.request.user.is_authenticated
        if known and self.user.email.lower() != self.link.email.lower():
            return "other"
        if self.link.used_at:
            return "used" if known else "sign_in"
        if self.link.is_over:
            return "over"
        if known:
            return "go_on"
        return "sign_in" if person_by_address(self.link.email) else "account"

    def make_form(self, data: Any = None) -> Any:
        return AccountForm(data, initial={"full_name": self.link.full_name}, user=self.user)

    def context(self, form: Any) -> dict[str, Any]:
        here = self.request.get_full_path()
        return {"link": self.link, "way": self.way(), "here": here}

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load()
        if refusal := consume_or_429(request, action="apply"):
            return refusal  # type: ignore[no-any-return]  # allauth is untyped
        way = self.way()
        if way == "over" and not self.link.case_id:
            case_links.ask_again(link=self.link)
            request.session[SENT_TO] = self.link.email
            return redirect("case-link-sent")
        if way in {"go_on", "used"}:
            return redirect(self.enter())
        return super().post(request, **kwargs) if way == "account" else redirect(request.get_full_path())

    def act(self, form: Any) -> str:
        user = case_links.open_account(link=self.link, **form.cleaned_data)
        login(self.request, user, backend=BACKEND)
        note_password(self.request, user)
        self.user = user
        return self.enter()

    def enter(self) -> str:
        case = case_links.go_on(acting_user=self.user, link=self.link)
        if case.state != case.State.DRAFT:
            return reverse("case", args=[case.public_id])
        return reverse("case-write", args=[case.public_id, questions_of(case).steps[0].key])
