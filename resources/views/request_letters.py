"""The letter about a decision on a request: a page that prints well, and the file."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.letters import LetterFile, LetterPage
from resources.models import RequestLetter
from tenants.services.letters import file_of


class RequestLetterPage(LetterPage):
    queryset = RequestLetter.objects.select_related("request", "authority", "office", "decision").defer("pdf")
    nav = "requests"
    file_url = "request-letter-file"

    def head(self, row: RequestLetter) -> list[str]:
        return [row.office.name, row.office.country.name, row.office.contact_email]

    def crumbs(self) -> Any:
        request = self.row.request
        return [
            (reverse("requests"), _("Quota requests")),
            (reverse("request", args=[request.public_id]), request.reference),
        ]


class RequestLetterFile(LetterFile):
    queryset = RequestLetter.objects.select_related("request")

    def name(self, row: RequestLetter) -> str:
        return f"{row.request.reference}-{row.decision_id}.pdf"

    def content(self, row: RequestLetter) -> bytes:
        return file_of(row)
