"""Grants of the demo that end, are used up or stand idle, and what became of them: by the sweeps that run every day.

Each is granted by the people of the cast on a day of its own; then the calendar, the budgets and the search for idle GPUs
run through the last weeks as the portal's own timetable does, and people answer in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from resources.demo import cast, clock, measured
from resources.demo.history import deciders
from resources.models import CapacityPool, Grant, IdleFinding, QuotaRequest
from resources.services import budgets, grant_notices, idle, idle_finding, turning
from resources.services.decisions import approve_request, confirm_request
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule, Project
from tenants.services.authorities import set_policy

if TYPE_CHECKING:
    from resources.demo.world import Cast

SWEPT = frozenset({26, 19, 11, 2, 0})
"""So many days ago the portal looked at ends, budgets and idle GPUs."""
RELEASED, JUSTIFIED, RECLAIMED = 24, 18, 9
"""Days ago on which somebody answered."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A grant: from and until in days from today; GPUs in use as measured (held, busy)."""

    tenant: str
    project: str
    cluster: str
    kind: str
    gpus: int
    since: int
    until: int
    held: float
    busy: float
    purpose: str
    hours: int | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        return self.tenant, self.cluster, self.kind


ENDINGS = (
    Ending("norvik-weather", "radar", "kaamos", "h200", 16, -80, 9, 8, 6.4,
           "Nowcasts at a finer grid, tried out beside the service."),
    Ending("blekvatten", "samiska", "norrsken", "h100", 8, -60, -3, 7, 6, "A second language model, to compare."),
    Ending("isfall-genomics", "variants", "norrsken", "a100", 16, -39, 60, 15, 14,
           "Annotating the older cohorts once more.", hours=14_500),
    Ending("region-vitsund", "citizen-desk", "norrsken", "h100", 16, -70, 200, 2, 1,
           "A larger model for the citizen desk."),
    Ending("tallbacken", "perception", "norrsken", "a100", 8, -17, 150, 1, 0, "Labels for the winter recordings."),
    Ending("blekvatten", "tal", "kaamos", "h200", 8, -65, 120, 1, 0, "Aligning recorded speech."),
    Ending("gruenwerk", "flow", "eichwald", "b200", 16, -68, 180, 2, 1, "The surrogate at full resolution."),
    Ending("gruenwerk", "flow", "kaamos", "h200", 16, -66, 160, 1, 0, "A first try on the larger memory."),
)  # fmt: skip
GRACE = {"lysvik": 14, "auental": 7}


def live(people: Cast, now: datetime) -> None:
    """Grant them, measure them, and let the last weeks pass."""
    for slug, days in GRACE.items():
        with clock.on(now - timedelta(days=100)):
            set_policy(
                acting_user=people.admin, authority=people.authorities[slug], key=PolicyRule.Key.GRACE_DAYS, value=days,
                reason="Time to save results",
            )  # fmt: skip
    for ending in sorted(ENDINGS, key=lambda each: each.since):
        give(people, ending, now)
    measured.write(now, {each.place: (each.held, each.busy) for each in ENDINGS})
    for days_ago in sorted(SWEPT | {RELEASED, JUSTIFIED, RECLAIMED}, reverse=True):
        moment = now - timedelta(days=days_ago, minutes=5)
        with clock.on(moment):
            if days_ago in SWEPT:
                turning.turn_grants(moment)
                grant_notices.remind(moment)
                budgets.watch(moment)
                idle_finding.sweep(moment)
            answer(people, days_ago, moment)


def give(people: Cast, ending: Ending, now: datetime) -> None:
    tenant = next(each for each in cast.TENANTS if each.slug == ending.tenant)
    asker = (people.at(tenant.slug, "project_manager") or people.at(tenant.slug, "owner"))[0]
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin, end = midnight + timedelta(days=ending.since), midnight + timedelta(days=ending.until)
    pool = CapacityPool.objects.select_related("cluster", "kind").get(
        cluster__slug=ending.cluster, kind__slug=ending.kind
    )
    row = Project.objects.select_related("tenant").get(tenant__slug=tenant.slug, slug=ending.project)
    with clock.on(begin - timedelta(hours=9)):
        wish = Wish(pool, ending.gpus, begin, end, budget_hours=ending.hours)
        request = draft_request(acting_user=asker, project=row, purpose=ending.purpose, wishes=[wish])
        submit_request(acting_user=asker, request=request)
    first, second = deciders(people, request)
    with clock.on(begin + timedelta(hours=7)):
        approve_request(acting_user=first, request=request, reason="Within the agreed plan")
        if request.state == QuotaRequest.State.AWAITING_SECOND:
            confirm_request(acting_user=second, request=request)


def answer(people: Cast, days_ago: int, now: datetime) -> None:
    """What people said to the notices, on the day of it."""
    if days_ago == RELEASED and (finding := _of("gruenwerk", "kaamos", "h200")):
        owner = people.at("gruenwerk", "owner")[0]
        idle.release_idle(
            acting_user=owner, finding=finding, gpus=16, reason="It fits into the smaller cards after all."
        )
    if days_ago == JUSTIFIED and (finding := _of("blekvatten", "kaamos", "h200")):
        owner = people.at("blekvatten", "owner")[0]
        idle.justify_idle(
            acting_user=owner, finding=finding, needed_until=now + timedelta(days=30),
            reason="The recordings of two archives come in December; until they are cleaned nothing can run.",
        )  # fmt: skip
    if days_ago == RECLAIMED and (finding := _of("gruenwerk", "eichwald", "b200")):
        approver = people.at("auental", "quota_approver")[0]
        idle.reclaim_idle(
            acting_user=approver,
            finding=finding,
            gpus=12,
            reason="Two notices, no answer. Four are left to go on with.",
        )


def _of(tenant: str, cluster: str, kind: str) -> IdleFinding | None:
    rows = IdleFinding.objects.open().filter(
        tenant__slug=tenant, grant__pool__cluster__slug=cluster, grant__pool__kind__slug=kind
    )
    return rows.first()


def places() -> set[tuple[str, str]]:
    """(cluster, namespace) of the environments that these grants make beside those of the cast."""
    return {(each.cluster, cast.namespace(each.tenant, each.project)) for each in ENDINGS}


def granted(tenant: str, project: str, cluster: str, kind: str) -> int:
    """GPUs that these grants give now, for a test that compares quotas."""
    rows = Grant.objects.filter(
        tenant__slug=tenant, environment__project__slug=project, pool__cluster__slug=cluster, pool__kind__slug=kind,
        state__in=("active", "expiring", "grace"),
    )  # fmt: skip
    return sum(rows.values_list("amount", flat=True))
