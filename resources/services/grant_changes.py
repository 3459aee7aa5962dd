"""What a tenant does with its own grants without asking anybody: give back early, and move to another of its projects.

Neither takes anything from others: what is given back is free at once, what moves stays in its pool and share. A grant is
never edited: another one comes in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import Refused, UnlawfulMove
from portal.core.locks import hold
from portal.core.states import advance
from portal.models import User
from resources.errors import NotOffered
from resources.models import Grant, QuotaRequest
from resources.quantities import gpu_hours, part_of_time
from resources.queries.budgets import part_of_rest
from resources.queries.offers import cleared
from resources.services.grant_notices import notify_of_grant
from resources.services.grants import environment_of, lower_grant, tell
from resources.services.quotas import set_wanted
from resources.services.wishes import Wish
from tenants.models import Project
from tenants.services.tenants import require_active

LONGEST_DAY = timedelta(hours=25)
"""A day on which the clocks go back: what began longer ago began on a day that is past."""
State = Grant.State
Change = QuotaRequest.Change


@transaction.atomic
def release_grant(
    *, acting_user: User, grant: Grant, gpus: int, reason: str = "", at: datetime | None = None
) -> Grant | None:
    """Give ``gpus`` back, now or from ``at`` on; the grant in its place, None when nothing is left. Nobody decides.

    What runs is not evicted: the quota is lowered, and what is above it drains.
    """
    _need_counting(grant)
    _need_gpus(grant, gpus)
    now = timezone.now()
    if at is not None and at <= now - LONGEST_DAY:
        raise Refused(_("This day is past. Choose a later one, or none, to give them back at once."), field="at")
    if at is None or at <= max(now, grant.starts_at):
        left = lower_grant(acting_user=acting_user, grant=grant, gpus=gpus, reason=reason)
    else:
        left = _end_at(acting_user, grant, gpus, at, reason)
    tell("grant.released", grant, grant.state, acting_user, reason, released=gpus, left=left.amount if left else 0)
    notify_of_grant("grant.released", grant, acting_user)
    return left


@transaction.atomic
def end_early(by: User, grant: Grant, at: datetime, reason: str, *, keep_hours: bool = False) -> None:
    """All of it ends at ``at`` instead of later; of what has not begun by then nothing is left. The caller has the right.

    Of the GPU-hours that are not used as large a part stays as of the time, or, with ``keep_hours``, all that can be used.
    """
    if at <= max(timezone.now(), grant.starts_at):
        lower_grant(acting_user=by, grant=grant, gpus=grant.amount, reason=reason)
    else:
        _end_at(by, grant, grant.amount, at, reason, keep_hours=keep_hours)


def _end_at(
    acting_user: User, grant: Grant, gpus: int, at: datetime, reason: str, *, keep_hours: bool = False
) -> Grant:
    """Put one that ends at ``at`` in the grant's place, and one of the rest after it."""
    if at >= grant.ends_at:
        raise Refused(_("The grant ends before that by itself. Choose an earlier day."), field="at")
    hold("pool", grant.pool_id)
    before, now, rest = grant.state, timezone.now(), grant.amount - gpus
    begins = max(now, grant.starts_at)
    until = part_of_time(begins, grant.ends_at, begins, at)
    now_on = part_of_rest(grant, Fraction(1) if keep_hours else until, now)
    if now_on is not None and keep_hours:
        now_on = max(1, min(now_on, gpu_hours(grant.amount, begins, at)))
    later = part_of_rest(grant, (1 - until) * Fraction(rest, grant.amount), now)
    advance(grant, State.SUPERSEDED, ended_at=now)
    first = _like(grant, state=before, amount=grant.amount, starts_at=begins, ends_at=at, budget_hours=now_on)
    if rest:
        _like(grant, state=State.SCHEDULED, amount=rest, starts_at=at, ends_at=grant.ends_at, budget_hours=later)
    set_wanted(grant.environment, grant.pool)
    tell("grant.superseded", grant, before, acting_user, reason, until=at.isoformat())
    return first


@transaction.atomic
def transfer_grant(*, acting_user: User, grant: Grant, project: Project, gpus: int, reason: str = "") -> Grant:
    """Move ``gpus`` of a grant to another project of the same tenant, from now on: same pool, same share, same end.

    Raises NotOffered where the other project's data may not be on that cluster: then it is a request of its own.
    """
    _need_counting(grant)
    _need_gpus(grant, gpus)
    _may_move(grant, project)
    hold("pool", grant.pool_id)
    before, now, whole = grant.state, timezone.now(), gpus == grant.amount
    if whole:
        advance(grant, State.SUPERSEDED, ended_at=now)
        set_wanted(grant.environment, grant.pool)
    else:
        lower_grant(acting_user=acting_user, grant=grant, gpus=gpus, reason=reason)
    environment = environment_of(project, grant.pool.cluster)
    begins = max(grant.starts_at, min(now, grant.ends_at))
    moved = _like(grant, state=before, amount=gpus, starts_at=begins, ends_at=grant.ends_at, environment=environment)
    set_wanted(environment, grant.pool)
    tell("grant.transferred", grant, before, acting_user, reason, moved=gpus, project=project.name)
    notify_of_grant("grant.transferred", moved, acting_user)
    return moved


def _like(grant: Grant, **facts: object) -> Grant:
    """A grant in the place of another: of the same pool, share and line."""
    given: dict[str, object] = {
        "tenant_id": grant.tenant_id, "authority_id": grant.authority_id, "environment": grant.environment,
        "pool": grant.pool, "share_id": grant.share_id, "line_id": grant.line_id, "budget_hours": grant.budget_hours,
        "supersedes": grant, **facts,
    }  # fmt: skip
    if given["ends_at"] == grant.ends_at:
        given["grace_until"] = grant.grace_until
    return Grant.objects.create(**given)


def _need_counting(grant: Grant) -> None:
    require_active(grant.tenant)
    if grant.state not in Grant.COUNTING:
        raise UnlawfulMove(
            _("%(grant)s is “%(state)s”: there is nothing left of it to change.")
            % {"grant": grant, "state": grant.get_state_display()}
        )


def _need_gpus(grant: Grant, gpus: int) -> None:
    if not 0 < gpus <= grant.amount:
        raise Refused(_("Choose from 1 to %(n)d GPUs: so many has this grant.") % {"n": grant.amount}, field="gpus")


def _may_move(grant: Grant, project: Project) -> None:
    mine = grant.environment.project
    if project.tenant_id != grant.tenant_id or project.pk == mine.pk:
        raise Refused(
            _("A grant moves between projects of one tenant. Choose another project of %(tenant)s.")
            % {"tenant": grant.tenant.name},
            field="project",
        )
    if grant.budget_hours:
        raise Refused(
            _("A budget of GPU hours belongs to the project that was given it. Give back what is left, and ask anew.")
        )
    if not cleared(project, grant.pool):
        raise NotOffered(
            _(
                "%(cluster)s is not cleared for the %(data)s data of %(project)s, so somebody has to decide. Ask for a "
                "transfer: the decider finds another cluster, and this grant ends when that one begins."
            )
            % {
                "cluster": grant.pool.cluster.name, "project": project.name,
                "data": project.get_data_class_display().lower(),
            },
            field="project",
        )  # fmt: skip
    if project.ends_on and timezone.localtime(grant.ends_at).date() > project.ends_on:
        raise Refused(
            _("%(project)s ends on %(day)s, before this grant. Change the project first.")
            % {"project": project.name, "day": project.ends_on.isoformat()},
            field="project",
        )


def check_change(change: str, grant: Grant | None, project: Project, wishes: Sequence[Wish]) -> None:
    """Refuses lines that are no change of the grant that they say they change."""
    if change == Change.NEW or grant is None:
        return
    _need_counting(grant)
    same_project = project.pk == grant.environment.project_id
    if change == Change.TRANSFER:
        if same_project or project.tenant_id != grant.tenant_id:
            raise Refused(
                _("A transfer is to another project of the same tenant. Choose that project."), field="project"
            )
        if any(w.wanted is None or w.wanted.pk != grant.pool.kind_id for w in wishes) or (
            sum(w.at_once for w in wishes) > grant.amount
        ):
            raise Refused(
                _("A transfer moves at most the %(n)d %(kind)s of the grant.")
                % {"n": grant.amount, "kind": grant.pool.kind},
                field="amount",
            )
        return
    if not same_project or any(wish.pool is None or wish.pool.pk != grant.pool_id for wish in wishes):
        raise Refused(
            _(
                "A change of this grant stays in its project and its pool, %(pool)s. Ask for new GPUs to have them elsewhere."
            )
            % {"pool": grant.pool},
            field="pool",
        )
    if change == Change.EXTENSION and any(w.starts_at > grant.ends_at or w.ends_at <= grant.ends_at for w in wishes):
        raise Refused(_("An extension goes on where the grant ends, and lasts longer than it."), field="since")
    if change == Change.INCREASE and any(wish.ends_at > grant.ends_at for wish in wishes):
        raise Refused(_("An increase ends with the grant. Ask for an extension to have it for longer."), field="until")


def take_from_source(by: User, request: QuotaRequest, given: int) -> None:
    """An approved transfer: what was given elsewhere leaves the grant that it came from."""
    if request.change != Change.TRANSFER or request.grant is None:
        return
    grant = Grant.objects.select_related("environment", "pool__cluster", "tenant", "authority", "share").get(
        pk=request.grant.pk
    )
    if grant.state in Grant.COUNTING:
        lower_grant(acting_user=by, grant=grant, gpus=min(given, grant.amount), reason=request.reference)
