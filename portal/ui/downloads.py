"""Handing out a file that somebody brought along: to be saved, never shown as a page of this site."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from portal.core.files import KINDS

SEALED = "default-src 'none'; sandbox"
"""Whatever a browser makes of it all the same may load nothing, run nothing and belongs to no origin."""


def as_download(name: str, ending: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=KINDS[ending][0])
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
