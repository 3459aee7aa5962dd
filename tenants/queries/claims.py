"""What identity providers last said of people, as far as mappings ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.socialaccount.models import SocialAccount

from portal.accounts.claims import claims_of
from portal.models import User

MOST = 2000
"""So many people a preview looks at; a directory may be large."""


def known_people(provider: str = "") -> Iterator[tuple[User, str, dict[str, Any]]]:
    """(person, provider, claims) of everybody's last sign-in through a provider."""
    rows = SocialAccount.objects.select_related("user").order_by("user__full_name", "pk")
    if provider:
        rows = rows.filter(provider=provider)
    for row in rows[:MOST]:
        yield row.user, row.provider, claims_of(row.extra_data)
