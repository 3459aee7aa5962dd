"""The language of the pages for who is not signed in: chosen there, and kept by the browser. People have theirs in their profile."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.core.errors import Refused
from portal.ui.pages import Page

KEPT = timedelta(days=365)


class ChooseLanguage(Page):
    """A form at the foot of the pages before sign-in; it leads back to where one was."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("home")

    def post(self, request: HttpRequest) -> HttpResponse:
        language, back = request.POST.get("language", ""), request.POST.get("next", "")
        if language not in dict(settings.LANGUAGES):
            raise Refused(_("The portal does not speak this language. Choose one of those at the foot of the page."))
        ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        response = redirect(back if ours else "home")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=KEPT, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
        return response
