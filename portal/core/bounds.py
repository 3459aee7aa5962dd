"""What narrows a person's rights while a machine acts with their token: to one tenant or authority, none of the site's.

It is kept on the user object, which lives as long as one request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BOUND = "_bound"


@dataclass(frozen=True)
class Bound:
    """``anchor``: label of the anchor ("tenants.Tenant"); ``field``: the column by which other rows belong to it."""

    anchor: str
    pk: int
    field: str


def bind(user: Any, bound: Bound) -> None:
    """Let ``user`` do, for the rest of this request, only what they may on the bound anchor; never as an administrator."""
    setattr(user, BOUND, bound)
    user.is_platform_admin = False


def bound_of(user: Any) -> Bound | None:
    found: Bound | None = getattr(user, BOUND, None)
    return found
