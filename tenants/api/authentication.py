"""Machines sign in with a token in the header ``Authorization: Token …``.

The token is read before anything else of the request, so that language, the database's second wall and the record
know whom it is about; the API's authentication then takes what was found, or refuses with 401.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.core.bounds import bind
from portal.core.refusals import refuse_recorded
from portal.models import User
from tenants.models import ApiToken
from tenants.services.tokens import allows, find, used

WORD = "Token"


class TokenSignIn:
    """Middleware: whoever comes to the API with a token is the token's person, within its bound."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        word, _space, text = request.headers.get("Authorization", "").partition(" ")
        if request.path.startswith("/api/") and word.lower() == WORD.lower():
            self.sign_in(request, text.strip())
        return self.get_response(request)

    def sign_in(self, request: Any, text: str) -> None:
        token = find(text)
        address = request.META.get("REMOTE_ADDR") or None
        against = refusal(token, address)
        request.token_refused = (against, token) if against else None
        if against or token is None:
            request.user = AnonymousUser()
            return
        used(token, address)
        bind(token.user, token.bound)
        request.user, request.api_token = token.user, token


def refusal(token: ApiToken | None, address: str | None) -> str:
    """Why a token opens nothing; "" when it does."""
    if token is None:
        return _("This token is not known here. Check that it was copied whole, or make a new one in the portal.")
    if token.state == ApiToken.State.REVOKED:
        return _("This token was revoked. Make a new one in the portal if it is still needed.")
    if token.state == ApiToken.State.EXPIRED:
        return _("This token has expired. Make a new one in the portal.")
    if not token.user.is_active:
        return _("The account of this token is closed.")
    if not allows(token, address):
        return _("This token may not be used from your network.")
    return ""


class ApiTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox is untyped
    """What the middleware found, for the API; refuses with 401 and writes the attempt down."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        if refused := getattr(request, "token_refused", None):
            sentence, token = refused
            refuse_recorded("token", acting_user=token.user if token else None, target=token, reason=sentence)
            raise AuthenticationFailed(sentence, code="token")
        token = getattr(request, "api_token", None)
        return (token.user, token) if token else None

    def authenticate_header(self, request: Request) -> str:
        """Who sent a token is answered 401; who sent nothing 403, as a browser is."""
        return WORD if getattr(request, "token_refused", None) else ""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "tenants.api.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "Token aifp_… ; made under Profile, API tokens.",
        }  # fmt: skip
