"""What a pool could promise if its hardware changed: maintenance that takes GPUs out for a time, new ones from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from resources.quantities import Promise
from resources.queries.timeline import Level, Timeline


@dataclass(frozen=True, slots=True)
class Supposed:
    """``out``: GPUs that could not be used for a time; ``more``: how many would be added, ``more_from``: from when on."""

    out: Promise | None = None
    more: int = 0
    more_from: datetime | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Supposed:
        """What somebody supposes in the fields ``out``, ``out_from``, ``out_until``, ``more`` and ``more_from``, of which
        ``mistakes`` finds nothing to say. The times are moments, and the end belongs to nobody.
        """
        out = Promise(facts["out"], facts["out_from"], facts["out_until"]) if facts.get("out") else None
        more = facts.get("more") or 0
        return cls(out, more, facts["more_from"] if more else None)

    @staticmethod
    def mistakes(facts: Mapping[str, Any]) -> dict[str, str]:
        """A sentence for each field of ``of`` that lacks or contradicts something; a fact may be missing or ``None``."""
        found: dict[str, str] = {}
        if facts.get("out"):
            missing = [name for name in ("out_from", "out_until") if not facts.get(name)]
            found |= dict.fromkeys(missing, _("Say from when until when they are out."))
            if not missing and facts["out_until"] <= facts["out_from"]:
                found["out_until"] = _("The maintenance ends before it begins. Choose a later day.")
        if facts.get("more") and not facts.get("more_from"):
            found["more_from"] = _("Say from which day on they are there.")
        return found

    def __bool__(self) -> bool:
        return bool(self.out or self.more)

    def most(self, promisable: int, since: datetime, until: datetime) -> Timeline:
        """GPUs that could be promised over the period, of a pool that can promise ``promisable`` as it is; never < 0."""
        return self.over(Timeline((Level(since, until, promisable),)))

    def over(self, limit: Timeline) -> Timeline:
        """The same of a pool whose limit changes over time, since maintenance is announced."""
        since, until = limit.since, limit.until
        begin = self.more_from or since
        missing = [*([self.out] if self.out else []), *([Promise(self.more, since, begin)] if begin > since else [])]
        lost = Timeline((Level(since, until, 0),)).plus(missing)
        return Timeline(
            tuple(
                Level(each.since, each.until, max(0, each.most + self.more - each.promised))
                for each in against(lost, limit)
            )
        )


@dataclass(frozen=True, slots=True)
class Against:
    """A time in which neither changes: how much is promised, and how much could be at most."""

    since: datetime
    until: datetime
    promised: int
    most: int

    @property
    def over(self) -> int:
        return self.promised - self.most


def against(promised: Timeline, most: Timeline) -> Iterator[Against]:
    """Both side by side, in order; they span the same period."""
    cuts = sorted({level.since for each in (promised, most) for level in each.levels} | {promised.until})
    above, below = iter(promised.levels), iter(most.levels)
    high, low = next(above), next(below)
    for since, until in pairwise(cuts):
        high = high if since < high.until else next(above)
        low = low if since < low.until else next(below)
        yield Against(since, until, high.promised, low.promised)


def tighter(first: Iterable[Against], second: Iterable[Against]) -> Iterator[Against]:
    """Of two limits of the same period, at each time the one that leaves less."""
    ones, others = [*first], [*second]
    cuts = sorted({each.since for each in (*ones, *others)} | {ones[-1].until})
    above, below = iter(ones), iter(others)
    one, other = next(above), next(below)
    for since, until in pairwise(cuts):
        one = one if since < one.until else next(above)
        other = other if since < other.until else next(below)
        yield replace(max(one, other, key=lambda each: each.over), since=since, until=until)


def too_much(times: Iterable[Against]) -> list[Against]:
    """The times in which more is promised than could be, neighbours joined, each with its worst moment's figures."""
    found: list[Against] = []
    for each in times:
        if each.over <= 0:
            continue
        if found and found[-1].until == each.since:
            worst = max(found[-1], each, key=lambda time: time.over)
            found[-1] = replace(worst, since=found[-1].since, until=each.until)
        else:
            found.append(each)
    return found


def first_fit(times: Iterable[Against], gpus: int, lasting: timedelta) -> datetime | None:
    """The first moment from which ``gpus`` more fit for as long as asked; None within the period."""
    begin: datetime | None = None
    for each in times:
        if each.over + gpus > 0:
            begin = None
            continue
        begin = each.since if begin is None else begin
        if each.until >= begin + lasting:
            return begin
    return None
