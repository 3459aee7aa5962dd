"""Refusals as application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.core import audit
from portal.core.constraints import refused_by
from portal.core.errors import Forbidden, NotFound, PortalError, Unavailable
from portal.core.refusals import note_error

KIND = "application/problem+json"
STARTS_WITH = "/api/"
"""Below this address everything speaks JSON, what Django itself declines included."""


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: code, sentence, facts, and the fields that need attention."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, OperationalError):
        error = Unavailable(
            _("The database did not answer. What was confirmed before is saved. Try again in a minute.")
        )
    if isinstance(error, DatabaseError) and audit.failed_at_commit(error):
        error = audit.not_written(error)
    error = refused_by(error) or error
    headers: dict[str, str] = {}
    if isinstance(error, PortalError):
        note_error(error, changes=context["request"].method not in SAFE_METHODS)
        body = of_portal(error)
    elif isinstance(error, exceptions.ValidationError):
        sentence = _("Some fields need attention; each is named with what is wrong.")
        body = shaped(HTTPStatus.UNPROCESSABLE_ENTITY, "portal.fields", sentence, fields=error.detail)
    elif isinstance(error, exceptions.APIException):
        if isinstance(error, exceptions.PermissionDenied):
            note_error(Forbidden(str(error.detail), code="portal.form_too_old"), changes=True)
        body = shaped(error.status_code, f"portal.{error.default_code}", str(error.detail))
        wait: float | None = getattr(error, "wait", None)
        headers = {"Retry-After": f"{wait:.0f}"} if wait else {}
        if scheme := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = scheme
    else:
        return None
    set_rollback()
    if body["status"] == Unavailable.status:
        headers["Retry-After"] = "30"
    return Response(body, status=body["status"], content_type=KIND, headers=headers)


def of_portal(error: PortalError) -> dict[str, Any]:
    sentence = str(error)
    more = {"fields": {error.field: [sentence]}} if error.field else {}
    return shaped(error.status, error.code, sentence, facts=error.facts, **more)


def shaped(status: int, code: str, sentence: str, **more: Any) -> dict[str, Any]:
    return {"type": f"urn:portal:{code}", "title": sentence, "status": status, "code": code, "detail": sentence, **more}


def plain_answer(error: PortalError) -> JsonResponse:
    """The same for what never reached an endpoint: unknown addresses, a server away beneath the middleware."""
    return JsonResponse(of_portal(error), status=error.status, content_type=KIND)
