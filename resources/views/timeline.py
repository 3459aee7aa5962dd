"""A pool over the coming year: who holds what when, when a wish would fit, and what open requests would add."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.ui.pages import DetailPage, Text
from resources.forms.timeline import WishForm
from resources.models import CapacityPool, Grant, MaintenanceWindow
from resources.quantities import months_after
from resources.queries.maintenance import ahead
from resources.queries.plans import NOTHING, Plan, plan
from resources.queries.timeline import Level, Timeline

MONTHS = 12
HEAD = 1.15
"""The strip is a little higher than what it shows."""
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in percent of its strip, written with a point in every language."""

    kind: str
    x: str
    width: str
    y: str = "0"
    height: str = "100"


class PoolTimeline(DetailPage):
    queryset = CapacityPool.objects.select_related("cluster", "kind")
    template_name = "resources/timeline.html"
    nav = "pools"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("pools"), _("Pools")), (reverse("pool", args=[self.row.public_id]), str(self.row))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": _("%(pool)s over time") % {"pool": self.row}}

    def context(self, row: Any) -> dict[str, Any]:
        since = timezone.localtime().replace(second=0, microsecond=0)
        until = since + timedelta(days=366)
        form = WishForm(self.request.GET or None, user=self.user, row=row)
        wish = form.cleaned_data if form.is_bound and form.is_valid() else {}
        seen = plan(row, self.user, since, until, wish.get("requests") or (), wish.get("supposed", NOTHING))
        held = list(grants_of(self.user, row, since, until)[: MOST_ROWS + 1])
        return {
            "form": form,
            "plan": seen,
            "boxes": _strip(seen, since, until),
            "lines": _marks(seen, since, until),
            "months": _months(since, until),
            "held": [(grant, _span(grant.starts_at, grant.ends_at, since, until)) for grant in held[:MOST_ROWS]],
            "more": len(held) > MOST_ROWS,
            "others": seen.others(grant for grant in held if grant.starts_at <= since),
            "fit": seen.fit(wish["gpus"], wish["days"]) if wish.get("gpus") and wish.get("days") else None,
            "until": until,
            "maintenance": (out := ahead([row], since, until)),
            "bands": [_span(window.starts_at, window.ends_at, since, until, _look(window)) for window in out],
        }


def grants_of(user: Any, pool: CapacityPool, since: datetime, until: datetime) -> Any:
    """The grants on a pool that somebody may see by name, the ones that begin first before the others."""
    rows = Grant.objects.visible_to(user).counting().filter(pool=pool, starts_at__lt=until, ends_at__gt=since)
    return rows.select_related("tenant", "environment__project").order_by("starts_at", "-amount", "pk")


def _strip(seen: Plan, since: datetime, until: datetime) -> list[Box]:
    """The promise of today's grants, and above it hatched what the chosen requests would add."""
    top = seen.top * HEAD or 1
    drawn = [_box("now", level, 0, level.promised, top, since, until) for level in seen.now.levels]
    if seen.then is None:
        return drawn
    cuts = sorted({level.since for each in (seen.now, seen.then, seen.line) for level in each.levels} | {until})
    for begin, end in pairwise(cuts):
        low, high = _at(seen.now, begin), _at(seen.then, begin)
        if high > low:
            kind = "ask-bad" if high > _at(seen.line, begin) else "ask"
            drawn.append(_box(kind, Level(begin, end, high), low, high, top, since, until))
    return drawn


def _marks(seen: Plan, since: datetime, until: datetime) -> list[tuple[str, Box, str]]:
    """(class, from and how far, where that ends) of what can be promised, and of the policy line."""
    top = seen.top * HEAD or 1
    boxes = [
        _box(name, level, 0, level.promised, top, since, until)
        for name, limit in (("most", seen.most), ("line", seen.line))
        for level in limit.levels
    ]
    return [(box.kind, box, f"{float(box.x) + float(box.width):.3f}") for box in boxes]


def _box(kind: str, level: Level, low: int, high: int, top: float, since: datetime, until: datetime) -> Box:
    span = _span(level.since, level.until, since, until)
    return Box(kind, span.x, span.width, f"{100 - 100 * high / top:.2f}", f"{100 * (high - low) / top:.2f}")


def _look(window: MaintenanceWindow) -> str:
    return "out-counts" if window.counts else "out-interrupts"


def _span(begin: datetime, end: datetime, since: datetime, until: datetime, kind: str = "now") -> Box:
    whole = until - since
    left, right = max(begin, since) - since, min(end, until) - since
    return Box(kind, f"{100 * (left / whole):.3f}", f"{max(0.3, 100 * ((right - left) / whole)):.3f}")


def _at(timeline: Timeline, moment: datetime) -> int:
    return next(level.promised for level in timeline.levels if level.since <= moment < level.until)


def _months(since: datetime, until: datetime) -> Iterable[tuple[str, str]]:
    """(name of a month, where it begins in percent); a January by its year."""
    first = since.replace(day=1, hour=0, minute=0)
    for number in range(1, MONTHS + 1):
        begin = months_after(first, number)
        if begin < until - timedelta(days=10):
            yield (
                str(begin.year) if begin.month == 1 else date_format(begin, "M"),
                f"{100 * ((begin - since) / (until - since)):.2f}",
            )
