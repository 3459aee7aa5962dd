"""What stands of the decisions about a request: which step waits for a second person, what is given of each line so far.

A step stands until it is sent back, refused or taken back, or a new revision or an appeal begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from django.db.models import Exists, OuterRef, Q, QuerySet

from resources.models import Decision, DecisionLine, QuotaRequest, RequestLine
from resources.quantities import gpu_hours, part_of_time
from resources.queries.capacity import Placement, as_asked


@dataclass(frozen=True, slots=True)
class SoFar:
    """A line, and what stands of it: ``steps`` oldest first."""

    line: RequestLine
    steps: tuple[DecisionLine, ...] = ()

    @property
    def granted(self) -> int:
        return sum(step.granted for step in self.steps)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide about it, or about the rest of it."""
        return self.left > 0

    @property
    def left(self) -> int:
        return 0 if any(step.closes for step in self.steps) else self.line.amount - self.granted

    @property
    def budget_left(self) -> int | None:
        """GPU-hours that nobody gave yet; None where GPUs were asked for."""
        if self.line.budget_hours is None:
            return None
        return self.line.budget_hours - sum(step.budget_hours or 0 for step in self.steps)

    def budget_of(self, gpus: int, starts_at: datetime, ends_at: datetime) -> int | None:
        """The GPU-hours that come with so many of the GPUs for this time: as large a part of those that were asked for as
        of the GPUs and of the time, rounded up; no more than nobody gave yet, and than the GPUs can use. None where GPUs
        were asked for.
        """
        if self.line.budget_hours is None or self.budget_left is None:
            return None
        if not gpus or not self.left:
            return 0
        part = Fraction(gpus, self.line.amount) * part_of_time(
            self.line.starts_at, self.line.ends_at, starts_at, ends_at
        )
        return min(ceil(self.line.budget_hours * part), self.budget_left, gpu_hours(gpus, starts_at, ends_at))

    @property
    def in_full(self) -> bool:
        whole = all(
            (step.begins, step.ends) == (self.line.starts_at, self.line.ends_at) for step in self.steps if step.granted
        )
        return self.granted == self.line.amount and whole and not self.budget_left

    @property
    def promised(self) -> list[tuple[DecisionLine, Placement]]:
        """What was given of it, as it would be counted now."""
        return [
            (
                step,
                Placement(
                    self.line,
                    step.share.pool,
                    step.share,
                    step.granted,
                    step.begins,
                    step.ends,
                    step.closes,
                    step.budget_hours,
                ),
            )
            for step in self.steps
            if step.share and step.granted
        ]


def undone_by(path: str = "pk") -> Q:
    """Of decisions, or of rows that lead to one by ``path``: whether a later step undid it, or what confirmed it."""
    undoing = Decision.objects.filter(outcome__in=Decision.UNDOES)
    return Q(Exists(undoing.filter(answers=OuterRef(path)))) | Q(
        Exists(undoing.filter(answers__answers=OuterRef(path)))
    )


def standing_steps(request: QuotaRequest) -> QuerySet[Decision]:
    """The first persons' steps about lines that stand, oldest first; what confirms them is not among them."""
    rows = request.decisions.filter(
        Q(outcome=Decision.Outcome.REJECT) | Q(outcome__in=Decision.GIVES, answers=None),
        ~undone_by(), revision=request.revision, pk__gt=request.appealed_after,
    )  # fmt: skip
    return rows.select_related("decider", "on_behalf_of", "deciding_authority").order_by("step")


def confirmation_of(step: Decision) -> Decision | None:
    """The second person's step that confirmed it; None: nobody confirmed it, or nobody had to."""
    return Decision.objects.filter(answers=step, outcome__in=Decision.GIVES).first()


def waiting_step(request: QuotaRequest) -> Decision | None:
    """The approval that waits for a second person, if one does."""
    if request.state != QuotaRequest.State.AWAITING_SECOND:
        return None
    return standing_steps(request).filter(outcome__in=Decision.GIVES).last()


def so_far(request: QuotaRequest) -> list[SoFar]:
    """Each line that is asked for now, with what stands of it; two queries."""
    rows = DecisionLine.objects.filter(decision__in=standing_steps(request).values("pk"))
    rows = rows.select_related(
        "line",
        "share__pool__cluster",
        "share__pool__kind",
        "share__authority",
        "decision__decider",
        "decision__deciding_authority",
    )
    steps: dict[int, list[DecisionLine]] = {}
    for step in rows.order_by("decision__step", "pk"):
        steps.setdefault(step.line_id, []).append(step)
    return [SoFar(line, tuple(steps.get(line.pk, ()))) for line in request.current_lines]


def as_watched(lines: Iterable[SoFar]) -> list[Placement]:
    """All that is open as it was asked for, for those who look without deciding."""
    return [as_asked(each.line, each.line.pool, None, each.left) for each in lines if each.is_open and each.line.pool]


def before_step(lines: Iterable[SoFar], first: Decision | None = None) -> list[Placement]:
    """All that stands, but for what the step ``first`` gives."""
    return [at for each in lines for step, at in each.promised if first is None or step.decision_id != first.pk]


def of_step(lines: Iterable[SoFar], step: Decision) -> list[Placement]:
    """What one step gives, of all that stands."""
    return [placement for each in lines for given, placement in each.promised if given.decision_id == step.pk]
