"""Requests of the demo world that name no cluster, ask for GPU-hours, or have several lines: one in each access mode."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from resources.demo import cast, clock
from resources.models import AccessMode, CapacityPool, GPUKind, QuotaRequest
from resources.quantities import months_after
from resources.services import decisions
from resources.services.requests import draft_request, send_request
from resources.services.wishes import Wish
from tenants.models import Project

if TYPE_CHECKING:
    from resources.demo.world import Cast


class Line(NamedTuple):
    """``cluster`` "": any that is cleared. ``hours``: a budget, with ``gpus`` the most at once (0: an even pace)."""

    kind: str
    gpus: int
    months: int
    cluster: str = ""
    hours: int = 0


class Asking(NamedTuple):
    tenant: str
    project: str
    mode: str
    days_ago: int
    purpose: str
    lines: tuple[Line, ...]
    answers: dict[str, str]
    state: str = "submitted"


SO_FAR = "One node with eight GPUs since spring; two nodes were 1.9 times as fast."
ASKED = (
    Asking(
        "blekvatten", "tal", "playground", 1, "Whether a small model learns to cut recordings by itself.",
        (Line("a100", 0, 1, hours=900),), {"first_time": "yes"},
    ),
    Asking(
        "tallbacken", "perception", "fast-lane", 2, "Training on any cluster with room, and evaluation beside it.",
        (Line("h100", 20, 2), Line("a100", 8, 3, "norrsken")), {"needs": SO_FAR}, "in_review",
    ),
    Asking(
        "norvik-weather", "radar", "large-scale", 3, "A hindcast of ten winters, as hours, wherever they are free.",
        (Line("h200", 16, 6, hours=40_000), Line("a100", 16, 6, "norrsken")),
        {
            "needs": SO_FAR, "outcome": "A radar forecast for two hours, open to every rescue service.",
            "plan": "Winters 1 to 5 until the end of the first quarter, the rest until summer; checked on storms.",
        },
    ),
    Asking(
        "norvik-weather", "radar", "playground", 0, "Trying a smaller radar model before asking for more.",
        (Line("a100", 2, 1),), {"first_time": "no"}, "draft",
    ),
)  # fmt: skip


def steps() -> Iterator[tuple[int, Asking]]:
    """(days ago, what was asked), to be done in the order of all that happened."""
    return ((each.days_ago, each) for each in ASKED)


def ask(people: Cast, each: Asking, moment: datetime) -> QuotaRequest:
    """The tenant asks in the access mode; an approver takes it up where it is said."""
    asker = (people.at(each.tenant, "project_manager") or people.at(each.tenant, "owner"))[0]
    project = Project.objects.select_related("tenant").get(tenant__slug=each.tenant, slug=each.project)
    begin = (moment + timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    wishes = [_wish(line, begin) for line in each.lines]
    keep = draft_request if each.state == "draft" else send_request
    with clock.on(moment):
        request = keep(
            acting_user=asker, project=project, purpose=each.purpose, wishes=wishes,
            mode=AccessMode.objects.get(authority=None, slug=each.mode), mode_answers=each.answers,
        )  # fmt: skip
    if each.state == "in_review":
        slug = next(tenant.authority for tenant in cast.TENANTS if tenant.slug == each.tenant)
        with clock.on(moment + timedelta(hours=3)):
            decisions.take_into_review(acting_user=people.at(slug, "quota_approver")[0], request=request)
    return request


def _wish(line: Line, begin: datetime) -> Wish:
    end, hours = months_after(begin, line.months), line.hours or None
    if not line.cluster:
        return Wish(None, line.gpus, begin, end, kind=GPUKind.objects.get(slug=line.kind), budget_hours=hours)
    pool = CapacityPool.objects.select_related("cluster", "kind").get(cluster__slug=line.cluster, kind__slug=line.kind)
    return Wish(pool, line.gpus, begin, end, budget_hours=hours)
