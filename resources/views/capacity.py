"""The capacity page: what there is, what is promised, what runs, in this moment and through the last day."""

from __future__ import annotations

import csv
import io
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal.ui.htmx import wants_part
from portal.ui.pages import PlainPage
from portal.ui.tables import safe_cell
from resources.live.snapshot import page_state
from resources.live.topics import cut_for
from resources.queries.capacity_now import CapacityNow, capacity_now
from resources.queries.idle_now import idle_now
from resources.queries.maintenance import ahead_of
from resources.queries.shares import own_shares
from resources.queries.usage import pool_day, visible_pools
from resources.queries.waiting import waiting_for


class Capacity(PlainPage):
    template_name = "resources/capacity.html"
    title = _("Capacity now")
    nav: ClassVar[str] = "capacity"

    def context(self) -> dict[str, Any]:
        cut = cut_for(self.user, "capacity")
        now = capacity_now(self.user, cut)
        pools = [pool.pk for pool in visible_pools(self.user, [pk for pk, part in cut.clusters.items() if part.whole])]
        return {
            "now": now,
            "waiting": waiting_for(self.user),
            "maintenance": ahead_of(self.user),
            "idle": idle_now(self.user),
            "shares": own_shares(self.user, [each.cluster.pk for each in now.clusters]),
            "boot": page_state(self.user, "capacity"),
            "day": {line.key: line.points for line in pool_day(pools)},
            "chart_kinds": [{"key": line.slug, "label": line.name} for line in now.kinds],
            "live_topic": "capacity",
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") == "csv":
            return as_file(capacity_now(self.user, cut_for(self.user, "capacity")))
        if wants_part(request) and request.GET.get("part") == "waiting":
            return render(request, f"{self.template_name}#waiting", {"waiting": waiting_for(self.user)})
        if wants_part(request) and request.GET.get("part") == "maintenance":
            return render(request, f"{self.template_name}#maintenance", {"maintenance": ahead_of(self.user)})
        if wants_part(request) and request.GET.get("part") == "idle":
            now = capacity_now(self.user, cut_for(self.user, "capacity"))
            return render(request, "resources/_idle_now.html", {"idle": idle_now(self.user), "now": now})
        if wants_part(request) and request.GET.get("part") == "incidents":
            now = capacity_now(self.user, cut_for(self.user, "capacity"))
            return render(request, f"{self.template_name}#incidents", {"now": now})
        return super().get(request, *args, **kwargs)


def as_file(now: CapacityNow) -> HttpResponse:
    """The page's clusters and tenants as CSV, with the time of each reading in UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    head = ("installed", "allocated", "busy", "idle", "free", "drained", "down", "load", "power_w")
    writer.writerow(["what", "name", "quota", *head, "last_reading_utc", "silent"])
    for each in now.clusters:
        at = each.cluster.last_success_at
        values = [round(getattr(each.now, name), 2) for name in head]
        writer.writerow(
            ["cluster", safe_cell(each.cluster.name), "", *values, at.isoformat() if at else "", each.silent]
        )
    for line in now.tenants:
        values = [round(getattr(line.now, name), 2) for name in head]
        writer.writerow(["tenant", safe_cell(line.tenant.name), line.quota, *values, "", ""])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="capacity.csv"'
    return response
