"""What pools hold over time: how much is promised from–until, when a wish would fit, what open requests would add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from resources.quantities import Promise

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Level(NamedTuple):
    """A time in which the promise does not change: ``promised`` GPUs from ``since`` until just before ``until``."""

    since: datetime
    until: datetime
    promised: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The promise over a whole period, without a gap: the levels follow each other from its beginning to its end."""

    levels: tuple[Level, ...]

    @property
    def since(self) -> datetime:
        return self.levels[0].since

    @property
    def until(self) -> datetime:
        return self.levels[-1].until

    def peak(self, since: datetime, until: datetime) -> Level:
        """The highest level that touches the period, the first of equal ones."""
        return max((level for level in self.levels if level.since < until and level.until > since), key=_height)

    def within(self, since: datetime, until: datetime) -> Timeline:
        """The part of it that lies within the period, which lies within it."""
        return Timeline(
            tuple(
                Level(max(level.since, since), min(level.until, until), level.promised)
                for level in self.levels
                if level.since < until and level.until > since
            )
        )

    def plus(self, promises: Iterable[Promise]) -> Timeline:
        """The same with further promises in it."""
        return _timeline([*_changes(self), *_steps(promises, self.since, self.until)], self.since, self.until)

    def above(self, gpus: int) -> list[Level]:
        """The times in which more than ``gpus`` are promised, neighbours joined, each with its peak."""
        found: list[Level] = []
        for level in self.levels:
            if level.promised <= gpus:
                continue
            if found and found[-1].until == level.since:
                found[-1] = Level(found[-1].since, level.until, max(found[-1].promised, level.promised))
            else:
                found.append(level)
        return found

    def first_fit(self, gpus: int, lasting: timedelta, most: int, not_before: datetime) -> datetime | None:
        """The first moment from which ``gpus`` more stay within ``most`` for as long as asked; None within the period."""
        begin = max(not_before, self.since)
        for level in self.levels:
            if level.until <= begin:
                continue
            if level.promised + gpus > most:
                begin = level.until
            elif level.until >= begin + lasting:
                return begin
        return None

    def by_day(self, days: Sequence[date], at: datetime) -> list[int]:
        """The most that is promised within each of the days, which follow each other; ``at``: when the first begins."""
        found, rest = [], iter(self.levels)
        level = next(rest)
        for begin, end in pairwise(_midnights(at.replace(tzinfo=None), at.fold, at.tzinfo, len(days))):
            while level.until <= begin:
                level = next(rest)
            highest = level.promised if level.since < end else 0
            while level.until < end and (following := next(rest, None)):
                level = following
                highest = max(highest, level.promised)
            found.append(highest)
        return found


@lru_cache(maxsize=16)
def _midnights(at: datetime, fold: int, zone: tzinfo | None, days: int) -> tuple[datetime, ...]:
    """When each of so many days begins, and the last one ends; kept, as many pools are asked about the same days.

    ``at``: without its zone, as equal moments of two zones begin different days.
    """
    begin = at.replace(fold=fold, tzinfo=zone)
    return tuple(begin + timedelta(days=number) for number in range(days + 1))


def timelines(
    pool_ids: Iterable[int], since: datetime, until: datetime, share_ids: Iterable[int] | None = None
) -> dict[int, Timeline]:
    """Pool id → what is promised from it over the period; with ``share_ids`` only what those shares pay.

    Sums only, whoever asks: nobody's grant can be told from them. Half-open: ``until`` belongs to nobody.
    """
    wanted, only = [*pool_ids], None if share_ids is None else set(share_ids)
    of_pool = {pool: [*steps] for pool, steps in groupby(_rows(wanted, since, until), key=itemgetter(0))}
    return {
        pool: _timeline(
            [(at, change) for _pool, share, at, change in of_pool.get(pool, []) if only is None or share in only],
            since,
            until,
        )
        for pool in wanted
    }


def timelines_of_shares(
    pool_ids: Iterable[int], since: datetime, until: datetime
) -> tuple[dict[int, Timeline], dict[int, Timeline]]:
    """(pool id → its timeline, share id → what that share pays) in one query; a share that pays nothing is not in it."""
    wanted = [*pool_ids]
    of_pool: dict[int, list[tuple[datetime, int]]] = {pool: [] for pool in wanted}
    of_share: dict[int, list[tuple[datetime, int]]] = {}
    for pool, share, at, change in _rows(wanted, since, until):
        of_pool[pool].append((at, change))
        of_share.setdefault(share, []).append((at, change))
    return (
        {pool: _timeline(changes, since, until) for pool, changes in of_pool.items()},
        {share: _timeline(changes, since, until) for share, changes in of_share.items()},
    )


def _rows(pool_ids: list[int], since: datetime, until: datetime) -> list[tuple[int, int, datetime, int]]:
    """(pool, share, moment, change), by pool, share and moment."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [pool_ids, since, until])
        rows = cursor.fetchall()
    moments = {at: EPOCH + timedelta(microseconds=at) for at in {row[2] for row in rows}}
    return [(pool, share, moments[at], change) for pool, share, at, change in rows]


ROWS = """
    SELECT pool, share, (date_part('epoch', moment) * 1000000)::bigint, change
    FROM app.pools_steps(%s::bigint[], %s, %s)
"""
"""Moments as microseconds, which are whole in a double for centuries: the same few are in the rows of every pool, and are
made into moments once.
"""


def _height(level: Level) -> int:
    return level.promised


def _steps(promises: Iterable[Promise], since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    found = []
    for promise in promises:
        begin, end = max(promise.starts_at, since), min(promise.ends_at, until)
        if begin < end:
            found += [(begin, promise.amount), (end, -promise.amount)]
    return found


def _changes(timeline: Timeline) -> list[tuple[datetime, int]]:
    heights = [0, *(level.promised for level in timeline.levels)]
    return [
        (level.since, after - before) for level, (before, after) in zip(timeline.levels, pairwise(heights), strict=True)
    ]


def _timeline(changes: Iterable[tuple[datetime, int]], since: datetime, until: datetime) -> Timeline:
    at: dict[datetime, int] = {since: 0}
    for moment, change in changes:
        if moment < until:
            at[moment] = at.get(moment, 0) + change
    levels: list[Level] = []
    begin, running = since, at.pop(since)
    for moment in sorted(at):
        if change := at[moment]:
            levels.append(Level(begin, moment, running))
            begin, running = moment, running + change
    return Timeline((*levels, Level(begin, until, running)))
