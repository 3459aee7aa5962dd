"""Every refusal as a page, or as a part when htmx asks; views never catch."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.core.errors import PortalError, Unavailable
from portal.ui.htmx import wants_part

log = structlog.get_logger(__name__)


class PortalErrors:
    """Turns PortalError (and a database that is away) into an answer with its own status and sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError):
            log.warning("database_away", error=repr(error))
            error = Unavailable(
                _("The database did not answer. Nothing of yours was lost; what was confirmed before is saved. Try again in a minute.")
            )
        return show(request, error) if isinstance(error, PortalError) else None


def show(request: HttpRequest, error: PortalError) -> HttpResponse:
    template = "portal/errors/error.html" + ("#part" if wants_part(request) else "")
    context = {"error": error, "status": error.status, "title": headline(error.status), "bare": error.status >= 500}
    response = render(request, template, context, status=error.status)
    if error.status == Unavailable.status:
        response.headers["Retry-After"] = "30"
    return response


def headline(status: int) -> str:
    """What the page is called: plain words for a status."""
    return {
        400: _("This request could not be read"),
        403: _("Not yours to do"),
        404: _("Not found"),
        405: _("Not possible this way"),
        409: _("Something changed meanwhile"),
        422: _("That does not go"),
        429: _("Too many tries"),
        503: _("Not available at the moment"),
    }.get(status, _("Something went wrong here"))


def page(status: int, sentence: Callable[[], str]) -> Callable[..., HttpResponse]:
    """A handler for one of Django's own error statuses."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        error = PortalError(sentence())
        error.status = status
        return show(request, error)

    return handler


bad_request = page(400, lambda: _("The browser sent something the portal cannot read. Go back, reload the page and try again."))
forbidden = page(403, lambda: _("Your roles do not let you do that, or the page was open too long. Reload it and try again."))
not_found = page(
    404,
    lambda: _("There is nothing here that you can see. It may have moved, or it belongs to somebody else. Go back, or search for it."),
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    error = PortalError(_("This form was open too long or came from another site, so nothing was done. Reload the page and send it again."))
    error.status = 403
    return show(request, error)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort: no query, no session, one sentence."""
    return render(None, "portal/errors/500.html", status=500)  # type: ignore[arg-type]  # no context processors here
