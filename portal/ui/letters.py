"""A letter as it was written: a page that prints well, and the file itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from portal.core.access import fetch
from portal.core.letters.text import parts
from portal.ui.downloads import as_download
from portal.ui.pages import DetailPage


class LetterPage(DetailPage):
    """One letter. ``file_url``: name of the page that hands out the file."""

    template_name = "portal/letter.html"
    file_url: ClassVar[str] = ""

    def head(self, row: Any) -> list[str]:
        """Lines of who writes."""
        return [row.authority.name, row.authority.country.name, row.authority.contact_email]

    def context(self, row: Any) -> dict[str, Any]:
        return {
            "title": row.subject, "parts": parts(row.body), "head": self.head(row), "file_url": self.file_url,
        }  # fmt: skip


class LetterFile(DetailPage):
    """The file of one letter, to be saved."""

    def name(self, row: Any) -> str:
        raise NotImplementedError

    def content(self, row: Any) -> bytes:
        raise NotImplementedError

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> HttpResponse:
        row = fetch(self.queryset.all(), self.user, self.verb, public_id=public_id)
        self.row = row
        self.allow()
        return as_download(self.name(row), "pdf", self.content(row))
