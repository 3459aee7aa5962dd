"""What an identity provider says of a person, as one mapping of claims."""

from __future__ import annotations

from typing import Any


def claims_of(data: dict[str, Any]) -> dict[str, Any]:
    """From what django-allauth keeps of a sign-in; the signed token counts where both speak."""
    return {**data.get("userinfo", {}), **data.get("id_token", {})}


def values_of(claims: dict[str, Any], path: str) -> frozenset[str]:
    """The values of one claim ("groups", or "realm_access.roles" within another), whether it is one or a list."""
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else [found]
    return frozenset(str(value) for value in values if isinstance(value, str | int | bool))
