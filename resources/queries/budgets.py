"""GPU-hours: how many of a grant's are used, at which pace, and on which day they run out.

Used is what running jobs held, to the second, summed from the hours that were measured; the hour that runs now is not in
it yet. Where a tenant holds other grants of the same pool, only what goes beyond those counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from resources.models import Grant
from resources.queries.measured import HOUR_S, Use, use_of_grant

STEPS = (75, 90, 100)
"""Percent of the budget at which people are told."""
WEEK, MONTH = 7, 30
ENOUGH = 0.5
"""Of the last week, so much has to be measured for its pace to count; else the pace is that of the last month."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """``pace``: GPUs held in the mean over the last ``days`` days that were measured. ``runs_out`` None: not at all."""

    days: int
    pace: float
    runs_out: datetime | None


@dataclass(frozen=True, slots=True)
class Budget:
    """``used_s``: GPU-seconds, exact. ``spent``: (beginning of an hour, GPU-seconds in it), oldest first."""

    grant: Grant
    hours: int
    used_s: int
    spent: tuple[tuple[datetime, int], ...]
    measured_until: datetime | None
    forecast: Forecast | None

    @property
    def used_hours(self) -> float:
        return self.used_s / HOUR_S

    @property
    def left_s(self) -> int:
        return max(0, self.hours * HOUR_S - self.used_s)

    @property
    def left_hours(self) -> float:
        return self.left_s / HOUR_S

    @property
    def over_hours(self) -> float:
        return max(0, self.used_s - self.hours * HOUR_S) / HOUR_S

    @property
    def percent(self) -> float:
        return 100 * self.used_s / (self.hours * HOUR_S)

    def reached(self, step: int) -> bool:
        """Whether so many percent are used; compared in whole seconds, so that no rounding decides."""
        return 100 * self.used_s >= step * self.hours * HOUR_S

    @property
    def ends_before(self) -> bool:
        """Whether it runs out before the grant ends, at the present pace."""
        return bool(self.forecast and self.forecast.runs_out and self.forecast.runs_out < self.grant.ends_at)


def budget_of(grant: Grant, now: datetime | None = None) -> Budget:
    """The budget of a grant that has one."""
    use = use_of_grant(grant, now)
    spent = spent_by_hour(grant, use)
    used_s = sum(seconds for _at, seconds in spent)
    hours = grant.budget_hours or 0
    left_s = max(0, hours * HOUR_S - used_s)
    return Budget(grant, hours, used_s, spent, use.measured_until, forecast(grant, use, left_s))


def spent_by_hour(grant: Grant, use: Use) -> tuple[tuple[datetime, int], ...]:
    """What each measured hour took from the budget."""
    return tuple(
        (each.at, max(0, each.allocated_s - max(0, each.promised - grant.amount) * each.covered_s))
        for each in use.hours
    )


def forecast(grant: Grant, use: Use, left_s: int) -> Forecast | None:
    """When what is left runs out at the pace of the last week, or of the last month; None: nothing was measured."""
    for days in (WEEK, MONTH):
        recent = use.last(days)
        if not recent.hours or (days == WEEK and recent.coverage < ENOUGH):
            continue
        spent = sum(seconds for _at, seconds in spent_by_hour(grant, recent))
        pace = spent / sum(each.covered_s for each in recent.hours)
        end = recent.measured_until
        if not pace or end is None:
            return Forecast(days, 0.0, None)
        ahead = left_s / pace
        return Forecast(days, pace, end + timedelta(seconds=ahead) if ahead < CENTURY_S else None)
    return None


CENTURY_S = 100 * 366 * 24 * HOUR_S


def part_of_rest(grant: Grant, part: Fraction, now: datetime | None = None) -> int | None:
    """The GPU-hours that come with a part of a grant that goes on: as large a part of what is not used; 1 at least.

    None: it has no budget.
    """
    return None if grant.budget_hours is None else max(1, int(budget_of(grant, now).left_s * part / HOUR_S))
