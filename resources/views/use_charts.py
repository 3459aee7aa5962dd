"""Drawings of use over weeks and months, made by the server: lines that break where nothing was measured, and a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from resources.queries.budgets import Budget
from resources.queries.measured import HOUR_S, Use, UseHour

WIDE, HIGH = 1000, 200
BY_DAY_FROM = timedelta(days=4)
HEAD = 1.1
MOST_LABELS = 6
Rows = list[tuple[datetime, tuple[float, ...]]]


@dataclass(frozen=True, slots=True)
class Line:
    css: str
    label: object
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """``rows``: (when, a value of each line), for the table; ``labels``: (text, where, in percent) below the drawing."""

    lines: tuple[Line, ...]
    top: float
    labels: tuple[tuple[str, str], ...]
    rows: tuple[tuple[datetime, tuple[float, ...]], ...]
    by_day: bool


def chart_of(use: Use) -> Chart | None:
    """Promised, allocated and busy GPUs: means of each day, or of each hour of a short time. None: nothing to draw."""
    by_day = use.until - use.since >= BY_DAY_FROM
    rows: Rows = [(at, _means(hours)) for at, hours in _buckets(use.hours, by_day=by_day)]
    names = (("quota", _("Promised")), ("s1", _("Allocated")), ("s2", _("Busy")))
    return _chart(rows, names, use.since, use.until, by_day=by_day)


def burn_down(budget: Budget) -> Chart | None:
    """GPU-hours used so far, day by day, under the budget as a level line."""
    if not budget.spent:
        return None
    sums, running = [], 0
    for at, seconds in budget.spent:
        running += seconds
        sums.append((at, running / HOUR_S))
    by_day: dict[datetime, float] = {}
    for at, hours in sums:
        by_day[_day(at)] = hours
    rows: Rows = [(day, (float(budget.hours), hours)) for day, hours in by_day.items()]
    names = (("quota", _("Budget")), ("s1", _("Used")))
    return _chart(rows, names, budget.grant.starts_at, budget.grant.ends_at, by_day=True)


def _buckets(hours: Iterable[UseHour], *, by_day: bool) -> list[tuple[datetime, list[UseHour]]]:
    found: dict[datetime, list[UseHour]] = {}
    for each in hours:
        found.setdefault(_day(each.at) if by_day else each.at, []).append(each)
    return list(found.items())


def _day(at: datetime) -> datetime:
    """The midnight with which the reader's day begins."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _means(hours: Sequence[UseHour]) -> tuple[float, ...]:
    covered = sum(each.covered_s for each in hours)
    promised = sum(each.promised * each.covered_s for each in hours)
    return tuple(
        total / covered
        for total in (promised, sum(each.allocated_s for each in hours), sum(each.busy_s for each in hours))
    )


def _chart(rows: Rows, names: Any, since: datetime, until: datetime, *, by_day: bool) -> Chart | None:
    if not rows or until <= since:
        return None
    top = max(1.0, *(value for _at, values in rows for value in values)) * HEAD
    step = timedelta(days=1) if by_day else timedelta(hours=1)
    across: Callable[[datetime], float] = lambda at: WIDE * max(0.0, min(1.0, (at - since) / (until - since)))  # noqa: E731
    lines = tuple(
        Line(css, label, _path([(at, values[i]) for at, values in rows], across, top, step))
        for i, (css, label) in enumerate(names)
    )
    return Chart(lines, top, _labels(since, until, by_day=by_day), tuple(rows), by_day)


def _path(
    points: Sequence[tuple[datetime, float]], across: Callable[[datetime], float], top: float, step: timedelta
) -> str:
    """Level steps, one for each bucket; a new stroke after each pause."""
    drawn, last = [], None
    for (at, value), (following, _v) in pairwise([*points, (points[-1][0] + step, 0.0)]):
        x, y = across(at), HIGH - HIGH * value / top
        drawn.append(f"{'L' if last is not None and at - last <= 1.1 * step else 'M'}{x:.1f} {y:.1f}")
        drawn.append(f"H{across(min(following, at + 1.1 * step)):.1f}")
        last = at
    return "".join(drawn)


def _labels(since: datetime, until: datetime, *, by_day: bool) -> tuple[tuple[str, str], ...]:
    span = (until - since) / MOST_LABELS
    found = []
    for number in range(MOST_LABELS):
        at = timezone.localtime(since + number * span)
        found.append((date_format(at, "j M" if by_day else "j M, H:i"), f"{100 * number / MOST_LABELS:.1f}"))
    return tuple(found)
