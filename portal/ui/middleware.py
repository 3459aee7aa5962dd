"""What is set around every request: the person's language and zone, and through which door an act came."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from portal.core import audit, refusals


class Preferences:
    """Times in the person's zone, texts in the person's language; the browser's where the person chose none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone, language = "", ""
        if request.user.is_authenticated:
            zone, language = request.user.time_zone, request.user.language
        try:
            chosen = zoneinfo.ZoneInfo(zone or settings.PORTAL_TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            chosen = zoneinfo.ZoneInfo("UTC")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(chosen):
            return self.get_response(request)


class Door:
    """Tells the audit trail whether an act came by page or by API, and from which address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        source = audit.source.set("api" if request.path.startswith("/api/") else "page")
        address = audit.address.set(request.META.get("REMOTE_ADDR") or None)
        try:
            with refusals.noted():
                return self.get_response(request)
        finally:
            audit.source.reset(source)
            audit.address.reset(address)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Which door it is, by the name of its address, so that a refusal can say where it happened."""
        refusals.at_door(request.user, request.resolver_match.view_name if request.resolver_match else "")
