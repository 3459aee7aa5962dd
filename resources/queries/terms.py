"""The rules by which a grant ends: those of the authority whose share pays for it, by the clocks of its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from resources.models import Grant
from resources.quantities import days_later
from tenants.models import Authority, PolicyRule
from tenants.queries.policies import policies_of

Key = PolicyRule.Key
NOTICES = (Key.NOTICE_FIRST, Key.NOTICE_SECOND, Key.NOTICE_THIRD, Key.NOTICE_LAST)


@dataclass(frozen=True, slots=True)
class Terms:
    """``notices``: days before the end at which people are told, the earliest first."""

    zone: ZoneInfo
    notices: tuple[int, ...]
    grace_days: int

    def grace_until(self, ends_at: datetime) -> datetime | None:
        """Until when GPUs stay after an end; None: not at all."""
        return days_later(ends_at, self.grace_days, self.zone) if self.grace_days else None

    def moments(self, grant: Grant) -> list[tuple[int, datetime]]:
        """(days before the end, when) of each notice, the earliest first.

        The first of a short grant comes with its last quarter; those that would have been before that are left out.
        """
        first = max(self.notices)
        start = max(days_later(grant.ends_at, -first, self.zone), grant.ends_at - (grant.ends_at - grant.starts_at) / 4)
        later = [(days, days_later(grant.ends_at, -days, self.zone)) for days in self.notices if days != first]
        return [(first, start), *((days, at) for days, at in later if at > start)]


def terms_of(authorities: Iterable[int]) -> dict[int, Terms]:
    """The terms of each of these authorities in force now, by id. Two queries."""
    zones = dict(Authority.objects.filter(pk__in={*authorities}).values_list("pk", "time_zone"))
    said = policies_of(zones, (*NOTICES, Key.GRACE_DAYS))
    return {
        pk: Terms(
            ZoneInfo(zone),
            tuple(sorted({said[pk, key] for key in NOTICES}, reverse=True)),
            said[pk, Key.GRACE_DAYS],
        )
        for pk, zone in zones.items()
    }


def terms(authority_id: int) -> Terms:
    return terms_of([authority_id])[authority_id]


def longest_notice() -> int:
    """The most days before an end at which any authority tells people."""
    rows = PolicyRule.objects.filter(key__in=NOTICES).order_by("authority", "key", "-version")
    said = rows.distinct("authority", "key").values_list("value", flat=True)
    return max([*said, *(PolicyRule.DEFAULTS[key] for key in NOTICES)])
