"""What a token may do at an endpoint; nothing here concerns people who are signed in themselves."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from portal.core.errors import Forbidden

READ = "read"


class WithinToken(BasePermission):
    """A token does what its scopes name, and what no scope names not at all: it decides nothing and gives no roles."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token: Any = request.auth
        if token is None:
            return True
        wanted = scope_wanted(request.method or "", view)
        if wanted is None:
            raise Forbidden(
                _("A token cannot do this. Sign in in the browser: decisions, roles and tokens need a person."),
                code="token.not_for_tokens",
            )
        if wanted not in token.scopes:
            raise Forbidden(
                _("This token lacks the scope “%(scope)s”. Make one that has it.") % {"scope": wanted},
                code="token.scope", scope=wanted,
            )  # fmt: skip
        return True


def scope_wanted(method: str, view: Any) -> str | None:
    """The scope that this method of the endpoint asks of a token; None: no token may."""
    if getattr(view, "never_by_token", False):
        return None
    if method in SAFE_METHODS:
        return READ
    scopes: dict[str, str] = getattr(view, "token_scopes", {})
    return scopes.get(getattr(view, "action", None) or "")
