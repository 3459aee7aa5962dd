"""OpenID Connect as django-allauth speaks it, with what it leaves out: a nonce, and one person in both answers."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse


class IdentityProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth is untyped
    """Sends a nonce with every question and keeps it beside the state; takes nothing of the question from an address."""

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(32)
        asked = {**(kwargs.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=asked, nonce=nonce, **kwargs
        )
        return answer

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """Only what the installation says: a link must not choose where the provider sends the answer."""
        params: dict[str, Any] = self.get_auth_params()
        return params

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        scope: list[str] = self.get_scope()
        return scope


def check_answer(sociallogin: Any) -> None:
    """Raises OAuth2Error unless the signed token answers this very question and names whom the other answer names.

    OpenID Connect Core 1.0, 3.1.3.7 (11) and 5.3.2: without the first a token of another sign-in could be slipped in,
    without the second the facts of another person.
    """
    told: dict[str, Any] = sociallogin.account.extra_data
    token, asked = told.get("id_token") or {}, (sociallogin.state or {}).get("nonce")
    if not asked or not secrets.compare_digest(str(token.get("nonce", "")), asked):
        raise OAuth2Error("the signed token answers another question (nonce)")
    if told.get("userinfo") and told["userinfo"].get("sub") != token.get("sub"):
        raise OAuth2Error("the signed token and the facts are about two people (sub)")
