from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page rather than the browser for the page."""
    details: Any = getattr(request, "htmx", None)
    return bool(details) and not details.boosted and not details.history_restore_request


def said(request: HttpRequest) -> QueryDict:
    """The query of the address, without the keys of a form that were left empty; a copy that may be changed."""
    query = request.GET.copy()
    for key in list(query):
        values = [value for value in query.getlist(key) if value]
        if values:
            query.setlist(key, values)
        else:
            del query[key]
    return query


def page_or_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the page, or only its ``part`` when htmx asks: both are one text, so they cannot differ."""
    name = f"{template}#{part}" if wants_part(request) else template
    response = render(request, name, context, status=status)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response
