"""An empty installation: the page that lets the first administrator in, and the list of what is still to do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.factors import note_password
from portal.core.errors import NotFound
from portal.core.registry import setup_steps
from portal.ui.pages import FormPage, PlainPage
from tenants.forms import FirstRunForm
from tenants.services.setup import is_empty, open_portal

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class FirstRun(FormPage):
    """Open to everybody who knows the code, and only while nobody has an account."""

    public = True
    form_class = FirstRunForm
    template_name = "tenants/first_run.html"
    title = _("Open this portal")
    lede = _("Nobody has an account yet. The first one is the platform administrator")
    button = _("Open the portal")

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return super().get(request) if is_empty() else redirect("home")

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return super().post(request) if is_empty() else redirect("home")

    def act(self, form: Any) -> str:
        user = open_portal(**form.cleaned_data)
        login(self.request, user, backend=BACKEND)
        note_password(self.request, user)
        return reverse("setup")


class Setup(PlainPage):
    """What an installation still needs before somebody can work in it."""

    template_name = "tenants/setup.html"
    title = _("Setting up")
    lede = _("What this portal needs before tenants can work in it, in a good order")
    nav = "setup"

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise NotFound

    def context(self) -> dict[str, Any]:
        done = {name: step.done() for name, step in setup_steps.items()}
        steps = [
            (step, done[name], [setup_steps[each].label for each in step.needs if not done[each]])
            for name, step in setup_steps.items()
        ]
        ready = (step for step, there, missing in steps if not there and not missing)
        return {"steps": steps, "left": list(done.values()).count(False), "first_open": next(ready, None)}
