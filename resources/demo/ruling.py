"""The demo's rule: small playground requests of start-ups and universities, and what it and people decided before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from resources.demo import clock
from resources.demo.history import deciders
from resources.models import AccessMode, CapacityPool, GPUKind, QuotaRequest
from resources.services import decisions, rules, turning
from resources.services.requests import send_request
from resources.services.rule_decisions import look_at_request
from resources.services.wishes import Wish
from tenants.models import Project

if TYPE_CHECKING:
    from resources.demo.world import Cast

OFFICE, NAME, SLUG = "lysvik", "Playground up to 4 GPUs", "playground-up-to-4-gpus"
WRITTEN, NARROWED = 75, 66
"""Days ago on which its two versions were put in force."""
FIRST = {
    "modes": ["playground"], "tenant_kinds": ["startup", "academia"], "max_data_class": "internal", "max_gpus": 8,
    "max_gpu_hours": 1_000, "max_days": 31, "keep_free_percent": 10, "only_calm": True,
}  # fmt: skip
SECOND = {"max_gpus": 4, "max_gpu_hours": 600, "max_held": 80}
NOTES = ("Small and short, nothing sensitive", "Four GPUs are enough to try something out")


@dataclass(frozen=True, slots=True)
class Small:
    """A playground request that is over. ``by``: "rule", "people", or "refused"."""

    project: str
    gpus: int
    days_ago: int
    days: int
    purpose: str
    by: str
    remark: str = ""


SMALL = (
    Small("samiska", 4, 84, 7, "Whether two dialects can share a tokenizer.", "people", "Small and well described"),
    Small("tal", 2, 79, 10, "Trying to recognise voices in old broadcasts.", "refused",
          "Say first which recordings may leave the archive."),
    Small("samiska", 2, 58, 7, "A first look at retrieval instead of training.", "rule"),
    Small("samiska", 1, 47, 9, "Comparing two ways to cut words.", "rule"),
)  # fmt: skip


def happen(people: Cast, now: datetime) -> None:
    """In the order of the days: asked, ruled, narrowed, asked again, and over."""
    steps: list[tuple[int, Callable[[datetime], object]]] = [
        (WRITTEN, lambda _moment: put_in_force(people, dict(FIRST, kinds=_kinds()), NOTES[0])),
        (NARROWED, lambda _moment: put_in_force(people, SECOND, NOTES[1])),
    ]
    for each in SMALL:
        steps.append((each.days_ago, partial(ask, people, each)))
        if each.by != "refused":
            over = each.days_ago - 2 - each.days
            steps += [(day, turning.turn_grants) for day in (over + 1, over - 1, over - 15)]
    for days_ago, step in sorted(steps, key=lambda pair: -pair[0]):
        moment = (now - timedelta(days=days_ago)).astimezone(UTC).replace(hour=9, minute=17, second=4)
        with clock.on(moment):
            step(moment)


def put_in_force(people: Cast, facts: Mapping[str, object], note: str) -> None:
    """One approver writes it, the other puts it in force."""
    writer, responsible = people.at(OFFICE, "quota_approver")[:2]
    row = rules.begin_rule(acting_user=writer, authority=people.authorities[OFFICE], slug=SLUG, name=NAME)
    rules.write_rule(acting_user=writer, row=row, facts=facts)
    rules.activate_rule(acting_user=responsible, row=row, note=note)


def ask(people: Cast, each: Small, moment: datetime) -> None:
    project = Project.objects.select_related("tenant").get(tenant__slug="blekvatten", slug=each.project)
    pool = CapacityPool.objects.select_related("cluster", "kind").get(cluster__slug="norrsken", kind__slug="a100")
    begin = (moment + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    request = send_request(
        acting_user=people.at("blekvatten", "owner")[0], project=project, purpose=each.purpose,
        wishes=[Wish(pool, each.gpus, begin, begin + timedelta(days=each.days))],
        mode=AccessMode.objects.get(authority=None, slug="playground"), mode_answers={"first_time": "no"},
    )  # fmt: skip
    look_at_request(request.pk)
    if each.by != "rule":
        decide(people, each, request, moment)


def decide(people: Cast, each: Small, request: QuotaRequest, moment: datetime) -> None:
    first, _second = deciders(people, request)
    act = decisions.reject_request if each.by == "refused" else decisions.approve_request
    with clock.on(moment + timedelta(hours=26)):
        act(acting_user=first, request=QuotaRequest.objects.get(pk=request.pk), reason=each.remark)


def _kinds() -> list[object]:
    return list(GPUKind.objects.filter(slug__in=("a100", "h100")).values_list("public_id", flat=True))
