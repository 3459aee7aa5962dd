"""What stands between a session and the product: its lifetime, and the second factor of those who decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts import factors, sessions
from portal.accounts.devices import family
from portal.accounts.held import hold
from portal.api.errors import STARTS_WITH, plain_answer
from portal.core import proof
from portal.core.bounds import bound_of
from portal.core.refusals import note_error, refuse_recorded
from portal.models import User
from portal.ui.htmx import wants_part

Answer = Callable[[HttpRequest], HttpResponse]
OPEN_FOLDERS = ("/accounts/", "/static/")
OPEN_NAMES = frozenset({"healthz", "accessibility", "keyboard"})
"""What opens to a person whose second factor is still missing: signing in and out, setting it up, the statement."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = ("/live/",)
"""Asked by scripts, not by people: no sign that somebody is there."""


class Lifetime:
    """Ends sessions that are over or were carried to another kind of browser, and notes that the others live."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and bound_of(request.user) is None:
            stray = sessions.is_stray(request)
            if stray:  # whoever holds the cookie is not known to be the person: it is an event about them, not theirs
                device = family(request.META.get("HTTP_USER_AGENT", ""))
                refuse_recorded(
                    "session", acting_user=None, target=request.user, device=device, door=request.path[:200]
                )
            if stray or sessions.is_over(request):
                logout(request)
                messages.info(request, _("Your session was ended. Sign in again to go on."))
            elif not (request.path.startswith(QUIET) or (request.method == "GET" and wants_part(request))):
                sessions.notice(request)
        return self.get_response(request)


class SecondFactor:
    """Tells services how fresh the person's second factor is, and asks for it where it is missing or too old."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = proof.shown.set(proof.Proof(factors.shown_at(request)))
        try:
            return self.get_response(request)
        finally:
            proof.shown.reset(known)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Nothing of the product opens to who decides over others and has shown no second factor."""
        user = request.user
        if not isinstance(user, User) or is_open(request) or factors.shown_at(request) is not None:
            return None
        if bound_of(user) is not None:
            return None  # a token decides nothing; what it may, its scopes say
        if not factors.must_have(user):
            return None
        missing = proof.SecondFactorMissing(set_up_at=reverse("second-factor"))
        if request.method not in READS:
            note_error(missing, changes=True)
        if request.path.startswith((STARTS_WITH, LIVE)):  # asked by a script: there is no page to come back to
            return plain_answer(missing)
        return lead(request, user)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A decision with a factor that is too old: keep what was typed, ask, and come back with it."""
        user = request.user
        if not isinstance(error, proof.SecondFactorTooOld) or not isinstance(user, User):
            return None
        note_error(error, changes=True)
        return lead(request, user)


LIVE = "/live/"


def is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.path.startswith(OPEN_FOLDERS) or bool(match and match.url_name in OPEN_NAMES)


def lead(request: HttpRequest, user: User) -> HttpResponse:
    """To the page that asks for the factor, or sets the first one up, and from there back to here."""
    here = request.get_full_path()
    if request.method == "POST":
        here = reverse("held-form") if hold(request) else "/"
    elif wants_part(request):
        here = request.headers.get("HX-Current-URL", "/")
    page = reverse("mfa_reauthenticate" if factors.has_one(user) else "second-factor")
    target = f"{page}?{urlencode({'next': here})}"
    return HttpResponseClientRedirect(target) if wants_part(request) else HttpResponseRedirect(target)
