"""What may be asked for: each line by itself, and all lines together under an access mode. Sentences, never guesses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.errors import Refused
from resources.errors import NotOffered, OverMode
from resources.models import AccessMode, CapacityPool, GPUKind, QuotaRequest, RequestLine
from resources.quantities import HOUR, Promise, gpu_hours, months_after, peak
from resources.queries.modes import questionnaire_of
from resources.queries.offers import offered_pools
from tenants.errors import NotOpen
from tenants.models import Project
from tenants.questions.answers import gaps, relevant

MOST = 2_147_483_647
"""What a column of a line can hold; nobody has as many GPUs, and nobody runs for as many hours."""


@dataclass(frozen=True)
class Wish:
    """One line as asked: GPUs of a pool from ``starts_at`` until just before ``ends_at``.

    Without a pool it is of any pool of ``kind`` that is cleared for the project: the decider places it. With
    ``budget_hours`` it is a budget of GPU-hours, and ``amount`` the most GPUs at once; 0: as many as an even pace needs.
    """

    pool: CapacityPool | None
    amount: int
    starts_at: datetime
    ends_at: datetime
    kind: GPUKind | None = None
    budget_hours: int | None = None

    def __post_init__(self) -> None:
        """In UTC, where a difference is what really passes: of two times in one zone Python subtracts what clocks say."""
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))

    @property
    def wanted(self) -> GPUKind | None:
        return self.pool.kind if self.pool else self.kind

    @property
    def at_once(self) -> int:
        """GPUs that it takes of the capacity while it lasts."""
        hours = (self.ends_at - self.starts_at) / HOUR
        if self.budget_hours is None or self.amount or hours <= 0:
            return self.amount
        return math.ceil(self.budget_hours / hours)

    @property
    def gpu_hours(self) -> int:
        return self.budget_hours or gpu_hours(self.amount, self.starts_at, self.ends_at)


def wish_of(line: RequestLine) -> Wish:
    amount = line.amount if line.budget_hours is None or line.capped else 0
    return Wish(line.pool, amount, line.starts_at, line.ends_at, line.kind, line.budget_hours)


def check_wishes(project: Project, wishes: Sequence[Wish]) -> None:
    """Refuses the first line that cannot be asked for; its field says which line it is ("amount_2")."""
    tenant = project.tenant
    if tenant.state != "active":
        raise NotOpen(
            _("%(tenant)s is not active, so nothing can be asked for it. Its authority can say why.")
            % {"tenant": tenant.name}
        )
    if project.ended_at is not None:
        raise NotOpen(
            _("%(project)s has ended, so nothing can be asked for it. Choose another project, or open one.")
            % {"project": project.name}
        )
    if not wishes:
        raise Refused(_("A request needs at least one line. Choose a cluster, a kind of GPU and how many."))
    offered = {pool.pk: pool for pool in offered_pools(project)}
    for number, wish in enumerate(wishes, start=1):
        try:
            _check(project, wish, offered)
        except Refused as refusal:
            if len(wishes) == 1:
                raise
            raise type(refusal)(
                _("Line %(n)d: %(sentence)s") % {"n": number, "sentence": refusal.sentence},
                code=refusal.code, field=refusal.field if number == 1 else f"{refusal.field}_{number}", **refusal.facts,
            ) from None  # fmt: skip


def _check(project: Project, wish: Wish, offered: Mapping[int, CapacityPool]) -> None:
    _check_period(project, wish)
    if wish.pool is not None and wish.pool.pk not in offered:
        raise NotOffered(
            _(
                "%(cluster)s cannot take %(project)s: it is not cleared for %(data)s data, lies outside the "
                "countries of %(tenant)s, or takes nothing new. Choose one of the clusters offered."
            )
            % {**_facts(project), "cluster": wish.pool.cluster.name},
            field="pool",
        )
    pools = [pool for pool in offered.values() if pool.kind_id == (wish.wanted.pk if wish.wanted else 0)]
    if not pools:
        raise NotOffered(
            _(
                "No cluster with %(kind)s is cleared for the %(data)s data of %(project)s in the countries of "
                "%(tenant)s. Choose another kind of GPU."
            )
            % {**_facts(project), "kind": wish.wanted or "?"},
            field="pool",
        )
    _check_amount(wish, [wish.pool] if wish.pool else pools)


def _facts(project: Project) -> dict[str, Any]:
    return {
        "project": project.name, "tenant": project.tenant.name, "data": project.get_data_class_display().lower(),
    }  # fmt: skip


def _check_amount(wish: Wish, pools: Sequence[CapacityPool]) -> None:
    if wish.amount < 0 or (wish.budget_hours is None and wish.amount < 1):
        raise Refused(_("Ask for at least one GPU."), field="amount")
    largest = max(pools, key=lambda pool: pool.installed)
    hours = (wish.ends_at - wish.starts_at) / HOUR
    if wish.budget_hours is not None:
        _check_budget(wish, largest, hours)
    if wish.at_once > largest.installed:
        raise Refused(
            _("%(pool)s has %(installed)d GPUs in all. Ask for that many at most, or choose another cluster.")
            % {"pool": largest, "installed": largest.installed},
            field="amount",
        )


def _check_budget(wish: Wish, largest: CapacityPool, hours: float) -> None:
    budget = wish.budget_hours or 0
    if budget < 1:
        raise Refused(_("Ask for at least one GPU hour."), field="amount")
    most = min(MOST, math.floor(largest.installed * hours))
    if budget > most:
        raise Refused(
            _("All %(installed)s GPUs of %(pool)s give %(most)s GPU hours over this period. Ask for that many at most.")
            % {"installed": intcomma(largest.installed), "pool": largest, "most": intcomma(most)},
            field="amount",
        )
    if wish.amount and wish.amount * hours < budget:
        raise Refused(
            _(
                "%(gpus)s GPUs at once use %(most)s GPU hours over this period, not %(budget)s. Ask for fewer hours, "
                "for more GPUs at once, or for a longer period."
            )
            % {
                "gpus": intcomma(wish.amount),
                "most": intcomma(math.floor(wish.amount * hours)),
                "budget": intcomma(budget),
            },
            field="at_once",
        )


def _check_period(project: Project, wish: Wish) -> None:
    if wish.ends_at == wish.starts_at:
        raise Refused(_("The period has no length: it ends when it begins. Choose a later end."), field="until")
    if wish.ends_at < wish.starts_at:
        raise Refused(_("The period ends before it begins. Choose a later last day."), field="until")
    if wish.ends_at <= timezone.now():
        raise Refused(_("The period is already over. Choose a later last day."), field="until")
    if project.ends_on and timezone.localtime(wish.ends_at - timedelta(microseconds=1)).date() > project.ends_on:
        raise Refused(
            _("%(project)s ends on %(day)s. Choose a last day no later than that, or change the project.")
            % {"project": project.name, "day": project.ends_on.isoformat()},
            field="until",
        )


def check_mode(mode: AccessMode, wishes: Sequence[Wish], answers: Mapping[str, Any] | None = None) -> None:
    """Refuses what the mode does not give; with ``answers`` also those that it needs and that are missing or wrong."""
    name = {"mode": mode}
    most, _at = peak(
        [Promise(wish.at_once, wish.starts_at, wish.ends_at) for wish in wishes],
        min(wish.starts_at for wish in wishes), max(wish.ends_at for wish in wishes),
    )  # fmt: skip
    if mode.max_gpus and most > mode.max_gpus:
        raise OverMode(
            _("“%(mode)s” gives up to %(limit)s GPUs at once; these lines ask for %(asked)s. Ask for fewer, or choose another access mode.")
            % {**name, "limit": intcomma(mode.max_gpus), "asked": intcomma(most)}, field="mode", limit=mode.max_gpus, asked=most,
        )  # fmt: skip
    hours = sum(wish.gpu_hours for wish in wishes)
    if mode.max_gpu_hours and hours > mode.max_gpu_hours:
        raise OverMode(
            _("“%(mode)s” gives up to %(limit)s GPU hours; these lines ask for %(asked)s. Ask for fewer or for a shorter time, or choose another access mode.")
            % {**name, "limit": intcomma(mode.max_gpu_hours), "asked": intcomma(hours)}, field="mode", limit=mode.max_gpu_hours, asked=hours,
        )  # fmt: skip
    begins, ends = timezone.localtime(min(w.starts_at for w in wishes)), max(w.ends_at for w in wishes)
    if mode.max_months and ends > months_after(begins, mode.max_months):
        sentence = ngettext(
            "“%(mode)s” lasts %(limit)d month at most; these lines last longer. End them sooner, or choose another access mode.",
            "“%(mode)s” lasts %(limit)d months at most; these lines last longer. End them sooner, or choose another access mode.",
            mode.max_months,
        )
        raise OverMode(sentence % {**name, "limit": mode.max_months}, field="mode", limit=mode.max_months)
    missing = gaps(questionnaire_of(mode), answers) if answers is not None else []
    if missing:
        raise Refused(missing[0].sentence, field=f"mode_{missing[0].question.key}", code="request.mode_answers")


def kept_answers(mode: AccessMode | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``answers`` those that the mode asks for."""
    return relevant(questionnaire_of(mode), answers) if mode else {}


def write_lines(request: QuotaRequest, wishes: Sequence[Wish]) -> None:
    RequestLine.objects.bulk_create(
        [
            RequestLine(
                tenant_id=request.tenant_id,
                authority_id=request.authority_id,
                request=request,
                revision=request.revision,
                cluster_id=wish.pool.cluster_id if wish.pool else None,
                kind=wish.wanted,
                pool=wish.pool,
                amount=wish.at_once,
                budget_hours=wish.budget_hours,
                capped=bool(wish.budget_hours and wish.amount),
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
            )
            for wish in wishes
        ]
    )


def plain(wishes: Sequence[Wish]) -> list[dict[str, object]]:
    """The lines as the record keeps them."""
    return [
        {
            "pool": str(wish.pool) if wish.pool else str(wish.kind), "gpus": wish.at_once,
            **({"gpu_hours": wish.budget_hours} if wish.budget_hours else {}),
            "from": wish.starts_at.isoformat(), "until": wish.ends_at.isoformat(),
        }
        for wish in wishes
    ]  # fmt: skip


def moved(wish: Wish, starts_at: datetime, ends_at: datetime) -> Wish:
    """The same in another period."""
    return replace(wish, starts_at=starts_at, ends_at=ends_at)
