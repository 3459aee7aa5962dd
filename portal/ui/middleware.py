"""What is set around every request: the person's language and zone, and through which door an act came."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from portal.core import audit, isolation, refusals
from portal.core.access import AnyScope, PersonScope, Scope


class Isolation:
    """One scope per request, rendering included: the database shows no more than the person's role and lists allow.

    A page that only reads is one transaction. One that writes leaves transactions to the services, so that nothing is
    held open while it talks to a cluster and what they refuse is over before it is written down.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in isolation.NO_SCOPE:
            return self.get_response(request)
        with isolation.scope(request.user):
            if request.method in READS and not request.path.startswith(TALKS_TO_OTHERS):
                with transaction.atomic(savepoint=False):
                    return self.get_response(request)
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Somebody who is both staff and a tenant's acts as the one whose door it is."""
        now = isolation.current.get()
        if now and now.dual and request.method not in READS and is_tenants_door(view, request.method or ""):
            isolation.turn(isolation.Face.TENANT)


READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
TALKS_TO_OTHERS = "/accounts/oidc/"
"""The way back from an identity provider: a GET that asks it who came, with no transaction open meanwhile."""


def is_tenants_door(view: Any, method: str) -> bool:
    """Whether only a tenant's people, never officers, may do what this view does."""
    kind: Any = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if kind is None:
        return False
    if hasattr(kind, "face"):
        return bool(kind.face == isolation.Face.TENANT)
    name = (getattr(view, "actions", None) or {}).get(method.lower(), "")
    if name in getattr(kind, "tenants_actions", ()):
        return True
    verb = getattr(kind, "verbs", {}).get(name, "") if name else getattr(kind, "verb", "")
    queryset = getattr(kind, "queryset", None)
    anchors = {each.anchor if isinstance(each, Scope) else type(each) for each in scopes_of(queryset, verb)}
    return bool(anchors) and anchors <= {"tenants.Tenant", PersonScope}


def scopes_of(queryset: Any, verb: str) -> list[AnyScope]:
    return [each for each in getattr(queryset, "scopes", ()) if verb in each.verbs]


class BrowserRules:
    """What a browser may do with an answer beside what the content policy says: no device, no embedding elsewhere."""

    HEADERS: ClassVar[dict[str, str]] = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": (
            "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
            "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=(), "
            "publickey-credentials-create=(self), publickey-credentials-get=(self)"
        ),
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


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
        by_machine = hasattr(request, "api_token")
        source = audit.source.set("token" if by_machine else "api" if request.path.startswith("/api/") else "page")
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
