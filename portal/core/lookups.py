"""Asking for people by their address: often enough to work with, too seldom to find out who is here.

An address that nobody has is answered differently from one that somebody has, since a role or a share in an application
would go astray otherwise. So that nobody reads the portal's list of people that way, each person may ask so often an
hour; a refusal stands in the record.
"""

from __future__ import annotations

import time

import structlog
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Forbidden
from portal.models import User

log = structlog.get_logger(__name__)
MOST = 30
HOUR = 3600


class TooManyLookups(Forbidden):
    """The person has asked for more addresses than work needs."""

    code = "portal.too_many_lookups"

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have entered very many addresses within the last hour, so the portal answers none for now. "
                "Try again in an hour; for a long list ask an administrator."
            )
        )


def note_lookup(user: User) -> None:
    """Count one address that ``user`` asks for; raises TooManyLookups beyond MOST an hour."""
    key = f"lookups:{user.pk}:{int(time.time()) // HOUR}"
    try:
        cache.add(key, 0, timeout=HOUR)
        count = cache.incr(key)
    except (OSError, ValueError) as error:  # without its counter the portal goes on; the record still tells
        log.warning("lookups_not_counted", error=repr(error))
        return
    if count > MOST:
        raise TooManyLookups
