"""What idle findings gave back: GPU-hours by authority and month, to the second of the grants that were lowered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.models import User
from resources.models import IdleFinding
from resources.quantities import months_after
from tenants.models import Authority

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Saving:
    """One authority's month. ``saved_s``: GPU-seconds that are free already; ``coming_s``: those still to come in it."""

    authority: Authority
    month: datetime
    findings: int
    gpus: int
    saved_s: int
    coming_s: int

    @property
    def saved_hours(self) -> float:
        return self.saved_s / HOUR_S

    @property
    def coming_hours(self) -> float:
        return self.coming_s / HOUR_S


def given_back(user: User) -> list[IdleFinding]:
    """Findings that gave something back, of what the person may see."""
    rows = IdleFinding.objects.visible_to(user).filter(given_back__gt=0)
    return list(rows.select_related("grant__share__authority").order_by("closed_at", "pk"))


def savings(findings: Iterable[IdleFinding], now: datetime | None = None) -> list[Saving]:
    """By authority and month of its own clocks, the newest month first. Months to come are those until the last grant's end."""
    moment = now or timezone.now()
    sums: dict[tuple[int, datetime], list[int]] = {}
    authorities: dict[int, Authority] = {}
    for finding in findings:
        authority = finding.grant.share.authority
        authorities[authority.pk] = authority
        closed_at, end = finding.closed_at, finding.grant.ends_at
        assert closed_at is not None
        begin = month_of(closed_at, authority)
        started = sums.setdefault((authority.pk, begin), [0, 0, 0, 0])
        started[0] += 1
        started[1] += finding.given_back
        while begin < end:
            following = months_after(begin, 1)
            row = sums.setdefault((authority.pk, begin), [0, 0, 0, 0])
            row[2] += finding.given_back * _seconds(max(begin, closed_at), min(following, end, moment))
            row[3] += finding.given_back * _seconds(max(begin, closed_at, moment), min(following, end))
            begin = following
    found = [Saving(authorities[pk], month, *values) for (pk, month), values in sums.items()]
    return sorted(found, key=lambda each: (-each.month.timestamp(), each.authority.name))


def month_of(moment: datetime, authority: Authority) -> datetime:
    """The midnight with which its month begins there."""
    return moment.astimezone(ZoneInfo(authority.time_zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _seconds(begin: datetime, end: datetime) -> int:
    return max(0, round(end.timestamp() - begin.timestamp()))


def totals(rows: Iterable[Saving]) -> dict[str, Any]:
    """Of all months together."""
    found = list(rows)
    return {
        "saved": sum(each.saved_s for each in found) / HOUR_S,
        "coming": sum(each.coming_s for each in found) / HOUR_S,
        "gpus": sum(each.gpus for each in found),
        "findings": sum(each.findings for each in found),
    }
