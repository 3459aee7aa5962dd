"""What a live page asks beside its socket: a ticket to open it, and its state after a gap."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from portal.ui.pages import Page
from resources.live.snapshot import page_state
from resources.live.tickets import issue


class Ticket(Page):
    """A ticket for ``?topic=``; 404 when the person may not see it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ticket = issue(self.user, request.GET.get("topic", "events"), request.session.session_key or "")
        return _fresh(JsonResponse({"ticket": ticket}))


class Snapshot(Page):
    """The state of ``?topic=`` as the page's scripts know it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _fresh(JsonResponse(page_state(self.user, request.GET.get("topic", "events"))))


def _fresh(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
