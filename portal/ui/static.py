"""Stylesheets, scripts, fonts and pictures, each in one piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # published without types
    """WhiteNoise gives out iterators, which Django reads from a thread under ASGI, piece by piece and with a warning for
    each. The files are small, so each is read at once.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> FileResponse:
        pieces = WhiteNoiseMiddleware.serve(static_file, request)
        content = b"".join(cast("Iterable[bytes]", pieces.streaming_content))
        whole = HttpResponse(content, status=pieces.status_code)
        del whole.headers["Content-Type"]
        for name, value in pieces.headers.items():
            whole.headers[name] = value
        pieces.close()
        return cast("FileResponse", whole)
