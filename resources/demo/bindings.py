"""Conditions under which GPUs were granted in the demo world: one still open, one met, one that waits for the approver."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from resources.demo import clock
from resources.models import GrantCondition
from resources.services.condition_watch import sweep_conditions
from resources.services.conditions import Condition, confirm_met, say_met

if TYPE_CHECKING:
    from resources.demo.world import Cast

BOUND = ("isfall-genomics", "kaamos")
"""The tenant, and the cluster on which they are."""
ASSESSMENT = "Hand in the data-protection impact assessment of the sequencing cohort"
USE = "Use at least 60 % of the GPUs granted over four weeks"
REPORT = "Send a report of what was computed in the first quarter"
MET, SAID = 80, 2
"""Days ago on which the first was found met, and the last was said to be met."""


def conditions_for(tenant: str, cluster: str, now: datetime) -> list[Condition]:
    """What the approver attached, with days as they look from today."""
    if (tenant, cluster) != BOUND:
        return []
    days = ((ASSESSMENT, -MET + 10), (USE, 12), (REPORT, 5))
    return [Condition(text, (now + timedelta(days=left)).date()) for text, left in days]


def happen(people: Cast, now: datetime) -> None:
    """The first is met and found so; the last is said to be met since a few days; the calendar reminds of the rest."""
    owner = people.at(BOUND[0], "owner")[0]
    rows = GrantCondition.objects.select_related("tenant", "request__tenant", "request__authority", "decision")
    assessment, report = rows.get(text=ASSESSMENT), rows.get(text=REPORT)
    decider = assessment.decision.decider
    with clock.on(now - timedelta(days=MET + 2, hours=3)):
        say_met(
            acting_user=owner,
            condition=assessment,
            note="Assessment of 4 pages, signed by our officer, sent with reference DPIA-31.",
        )
    with clock.on(now - timedelta(days=MET, hours=1)):
        confirm_met(acting_user=decider, condition=assessment, reason="Read and complete.")
    with clock.on(now - timedelta(days=SAID, hours=4)):
        sweep_conditions(now - timedelta(days=SAID, hours=4))
        say_met(
            acting_user=owner,
            condition=report,
            note="The report is on our page since Monday: 212 cohorts annotated, 31 % fewer GPU-hours than planned.",
        )
