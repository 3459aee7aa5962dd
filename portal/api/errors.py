"""Refusals as application/problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.core.errors import NotFound, PortalError, Unavailable


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: code, sentence, facts, and the fields that need attention."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, OperationalError):
        error = Unavailable(
            _("The database did not answer. What was confirmed before is saved. Try again in a minute.")
        )
    if isinstance(error, PortalError):
        body: dict[str, Any] = {"code": error.code, "detail": str(error.sentence), "facts": error.facts}
        if error.field:
            body["fields"] = {error.field: [str(error.sentence)]}
        status = error.status
    elif isinstance(error, exceptions.ValidationError):
        body = {
            "code": "portal.fields",
            "detail": _("Some fields need attention; each is named with what is wrong."),
            "fields": error.detail,
        }
        status = 422
    elif isinstance(error, exceptions.APIException):
        body = {"code": f"portal.{error.default_code}", "detail": str(error.detail)}
        status = error.status_code
    else:
        return None
    set_rollback()
    return Response(
        {"type": f"urn:portal:{body['code']}", "title": body["detail"], "status": status, **body},
        status=status,
        content_type="application/problem+json",
    )
