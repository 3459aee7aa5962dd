"""Every refusal as a page, or as a part when htmx asks; views never catch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from portal.api.errors import STARTS_WITH, plain_answer
from portal.core import audit
from portal.core.constraints import refused_by
from portal.core.errors import Forbidden, NotFound, PortalError, Unavailable
from portal.core.refusals import note_error, refuse_recorded
from portal.ui.htmx import wants_part

log = structlog.get_logger(__name__)

READS = frozenset({"GET", "HEAD", "OPTIONS"})
AWAY = (OperationalError, RedisAway, RedisSlow)
"""What Django's own machinery raises when one of the servers beneath it does not answer."""


class PortalErrors:
    """Turns PortalError (and a server beneath that is away) into an answer with its own status and sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AWAY):
            error = away(error)
        elif isinstance(error, DatabaseError) and audit.failed_at_commit(error):
            error = audit.not_written(error)
        error = refused_by(error) or error
        if isinstance(error, PortalError):
            note_error(error, changes=request.method not in READS)
        return show(request, error) if isinstance(error, PortalError) else None


def away(error: BaseException) -> Unavailable:
    log.warning("server_away", error=repr(error))
    return Unavailable(
        _(
            "A server beneath the portal did not answer. "
            "What was confirmed before is saved; the last step was not done. Try again in a minute."
        )
    )


def show(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The error as a page; as a part it goes into the element that asked, whatever swap that had planned."""
    context = {
        "error": error,
        "status": error.status,
        "title": headline(error.status),
        "again": request.get_full_path() if request.method in {"GET", "HEAD"} and error.status not in STAY else "",
        "back": referer(request),
    }
    response: HttpResponse
    if request.path.startswith(STARTS_WITH):
        response = plain_answer(error)
    elif wants_part(request):
        text = render_to_string("portal/errors/error.html#part", context)
        response = HttpResponse(text, status=error.status, headers={"HX-Reswap": "innerHTML"})
    elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        response = bare(error.status, str(error))
    else:
        response = render(request, "portal/errors/error.html", context, status=error.status)
    if error.status == Unavailable.status:
        response.headers["Retry-After"] = "30"
    return response


STAY = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
"""Asking again changes nothing about these."""


def bare(status: int, sentence: str) -> HttpResponse:
    """A page that needs nothing: no query, no session, no navigation."""
    context = {"title": headline(status), "sentence": sentence}
    return HttpResponse(render_to_string("portal/errors/500.html", context), status=status)


def referer(request: HttpRequest) -> str:
    """The page of ours that led here, if it was another one."""
    address = request.META.get("HTTP_REFERER", "")
    try:
        request.get_host()
    except DisallowedHost:  # it is what the error is about
        return ""
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours and address != request.build_absolute_uri() else ""


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


def refuse(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    """An answer to what Django or allauth declined before any of our code was asked."""
    error = PortalError(sentence, code=code)
    error.status = status
    return show(request, error)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("The browser sent something that the portal cannot read. Go back, reload the page and try again.")
    return refuse(request, HTTPStatus.BAD_REQUEST, "portal.bad_request", sentence)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, NotFound())


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("That was tried too often in a short time. Wait a few minutes, then try once more.")
    return refuse(request, HTTPStatus.TOO_MANY_REQUESTS, "portal.too_many", sentence)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    if request.user.is_authenticated:
        refuse_recorded("form", acting_user=request.user, door=request.path[:200])
    sentence = _(
        "This form was open too long or came from another site, so nothing was done. "
        "Go back, reload the page and send it again."
    )
    return refuse(request, HTTPStatus.FORBIDDEN, "portal.form_too_old", sentence)


def wrong_method(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    sentence = _("This address cannot be opened like that. Go back and use the button or link on the page.")
    response = refuse(request, HTTPStatus.METHOD_NOT_ALLOWED, "portal.wrong_method", sentence)
    response.headers["Allow"] = ", ".join(allowed)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort. Middleware fails outside of ``process_exception``; a server that is away is told here too."""
    error = sys.exc_info()[1]
    if isinstance(error, AWAY):
        return show(request, away(error))
    sentence = _(
        "The fault is the portal’s, not yours. What was confirmed before is saved; the last step may not be. "
        "It is written down and will be looked at. Try again, or go back to the start page."
    )
    if request.path.startswith(STARTS_WITH):
        return refuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, "portal.error", sentence)
    return bare(HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
