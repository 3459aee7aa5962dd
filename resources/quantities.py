"""Arithmetic of promises over time. Periods are half-open: the end belongs to nobody."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """So many GPUs from ``starts_at`` until just before ``ends_at``."""

    amount: int
    starts_at: datetime
    ends_at: datetime


def peak(promises: Iterable[Promise], starts_at: datetime, ends_at: datetime) -> tuple[int, datetime]:
    """The most that is promised at any instant of the period, and the first instant at which it is.

    A sweep over the beginnings and ends; at one instant ends come before beginnings, because periods are half-open.
    """
    changes: dict[datetime, int] = {}
    for promise in promises:
        begin, end = max(promise.starts_at, starts_at), min(promise.ends_at, ends_at)
        if begin < end:
            changes[begin] = changes.get(begin, 0) + promise.amount
            changes[end] = changes.get(end, 0) - promise.amount
    highest, at, running = 0, starts_at, 0
    for moment in sorted(changes):
        running += changes[moment]
        if running > highest:
            highest, at = running, moment
    return highest, at


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and time ``months`` later, or the last day of a month that is too short for it."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def lasts_months(starts_at: datetime, ends_at: datetime, months: int) -> bool:
    """Whether the period is ``months`` calendar months or longer."""
    return ends_at >= months_after(starts_at, months)


def gpu_hours(amount: int, starts_at: datetime, ends_at: datetime) -> int:
    """GPU-hours of ``amount`` GPUs over the whole period, to the nearest hour."""
    return round(amount * ((ends_at.astimezone(UTC) - starts_at.astimezone(UTC)) / HOUR))


def part_of_time(starts_at: datetime, ends_at: datetime, since: datetime, until: datetime) -> Fraction:
    """How large a part of the first period the second one is; both are told apart to the second."""
    whole = int((ends_at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds())
    return (
        Fraction(int((until.astimezone(UTC) - since.astimezone(UTC)).total_seconds()), whole) if whole else Fraction(1)
    )


def days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day so many days later (earlier, if negative) by the clocks of ``zone``, in UTC.

    A clock that was set forward or back in between shows the same hour all the same; a time that is skipped on that day
    is the one that the clock jumps to.
    """
    there = moment.astimezone(zone) + timedelta(days=days)
    return there.astimezone(UTC)
