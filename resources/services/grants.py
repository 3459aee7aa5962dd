"""What decisions give: environments and grants, and what people do to them. The calendar is in ``turning``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import Cluster, DecisionLine, Environment, Grant, QuotaRequest
from resources.queries.budgets import part_of_rest
from resources.queries.conditions import held_back
from resources.queries.continuations import begins_after, continued
from resources.queries.deciders import right_over_grant
from resources.queries.terms import terms_of
from resources.services.grant_notices import grant_topics, notify_of_grant
from resources.services.quotas import set_wanted
from resources.services.safeguards import need_reason
from tenants.models import Project, Tenant

State = Grant.State
LONGEST_NAME = 63
IN_FORCE = (State.ACTIVE, State.EXPIRING, State.GRACE)


def issue_grants(request: QuotaRequest, steps: Iterable[DecisionLine]) -> list[Grant]:
    """Turn what was decided of a request into grants and wishes. The caller holds the pools, so that its sums hold."""
    now = timezone.now()
    issued = []
    given = [*steps]
    said = terms_of(step.share.authority_id for step in given if step.share)
    for step in given:
        if not step.granted or step.share is None:
            continue
        pool = step.share.pool
        environment = environment_of(request.project, pool.cluster)
        prior = continued(request, pool)
        begins = begins_after(prior, step.begins, now)
        if prior is not None:
            _make_way(prior, begins, step.ends, now)
        issued.append(
            Grant.objects.create(
                tenant_id=request.tenant_id,
                authority_id=request.authority_id,
                environment=environment,
                pool=pool,
                share=step.share,
                line=step.line,
                amount=step.granted,
                budget_hours=step.budget_hours,
                supersedes=prior,
                starts_at=begins,
                ends_at=step.ends,
                grace_until=said[step.share.authority_id].grace_until(step.ends),
                state=State.ACTIVE if begins <= now else State.SCHEDULED,
            )
        )
        set_wanted(environment, pool)
    return issued


def _make_way(prior: Grant, begins: datetime, ends: datetime, now: datetime) -> None:
    """Another grant comes in its place at its end: its grace is given up, and with it what it would have held twice."""
    if begins >= ends:
        raise Refused(
            _("The grant lasts until %(day)s by itself. Give the extension a later end, or refuse it with a reason.")
            % {"day": timezone.localtime(prior.ends_at).date().isoformat()},
            field="until",
        )
    Grant.objects.filter(pk=prior.pk, grace_until__isnull=False).update(grace_until=None)
    prior.grace_until = None
    if prior.ends_at <= now and begins <= now:  # it is in its grace already
        before = prior.state
        advance(prior, State.SUPERSEDED, ended_at=now)
        tell("grant.superseded", prior, before)


def environment_of(project: Project, cluster: Cluster) -> Environment:
    """The place of a project on a cluster; its name there is a DNS label and no other project's."""
    found = Environment.objects.filter(project=project, cluster=cluster).first()
    if found:
        return found
    hold("environments", cluster.pk)
    base = slugify(f"{project.tenant.slug}-{project.slug}").replace("_", "-")[:LONGEST_NAME].strip("-") or "project"
    taken = set(Environment.objects.filter(cluster=cluster).values_list("external_name", flat=True))
    name, number = base, 2
    while name in taken:
        ending = f"-{number}"
        name, number = base[: LONGEST_NAME - len(ending)].rstrip("-") + ending, number + 1
    made, _new = Environment.objects.get_or_create(
        project=project,
        cluster=cluster,
        defaults={"tenant_id": project.tenant_id, "authority_id": project.authority_id, "external_name": name},
    )
    return made


@deciding
@transaction.atomic
def revoke_grant(*, acting_user: User, grant: Grant, reason: str) -> Grant:
    """End a grant before its time; what runs is not evicted, the quota is lowered. Never by people of its tenant."""
    right = right_over_grant(acting_user, grant)
    need_reason(reason)
    hold("pool", grant.pool_id)
    before = grant.state
    advance(grant, State.REVOKED, ended_at=timezone.now())
    set_wanted(grant.environment, grant.pool)
    tell("grant.revoked", grant, before, acting_user, reason, **right.facts)
    notify_of_grant("grant.revoked", grant, acting_user)
    return grant


@transaction.atomic
def lower_grant(*, acting_user: User | None, grant: Grant, gpus: int, reason: str) -> Grant | None:
    """Put a grant of ``gpus`` fewer in the place of this one from now on; None: nothing is left of it.

    What runs is not evicted. The new grant takes the old one's place at one instant, so nothing is promised twice and the
    quota is lowered in one step.
    """
    hold("pool", grant.pool_id)
    before, now = grant.state, timezone.now()
    if not 0 < gpus <= grant.amount:
        raise Refused(_("Choose from 1 to %(n)d GPUs: so many has this grant.") % {"n": grant.amount}, field="gpus")
    whole = gpus == grant.amount
    budget = part_of_rest(grant, Fraction(grant.amount - gpus, grant.amount), now)
    advance(grant, State.REVOKED if whole else State.SUPERSEDED, ended_at=now)
    left = None if whole else _instead(grant, before, grant.amount - gpus, now, budget)
    set_wanted(grant.environment, grant.pool)
    tell(f"grant.{grant.state}", grant, before, acting_user, reason, left=left.amount if left else 0)
    return left


def _instead(grant: Grant, state: str, amount: int, now: datetime, budget_hours: int | None) -> Grant:
    """The rest of a grant, in the state in which it was, with its part of the GPU-hours that are not used."""
    return Grant.objects.create(
        tenant_id=grant.tenant_id, authority_id=grant.authority_id, environment=grant.environment, pool=grant.pool,
        share_id=grant.share_id, line_id=grant.line_id, amount=amount, budget_hours=budget_hours, supersedes=grant,
        starts_at=grant.starts_at if state == State.SCHEDULED else min(now, grant.ends_at - timedelta(seconds=1)),
        ends_at=grant.ends_at, grace_until=grant.grace_until, state=state,
    )  # fmt: skip


@transaction.atomic
def freeze_grants(*, acting_user: User | None, tenant: Tenant) -> None:
    """A tenant was suspended: nothing of it may run; its grants are kept and go on taking capacity.

    Those that are ending already end by themselves; their wishes are zero like all others of the tenant.
    """
    for grant in _of_tenant(tenant, IN_FORCE):
        before = grant.state
        if before == State.ACTIVE:
            advance(grant, State.SUSPENDED)
            tell("grant.suspended", grant, before, acting_user)
        set_wanted(grant.environment, grant.pool)
    nudge("resources.enforce_quotas")


@transaction.atomic
def thaw_grants(*, acting_user: User | None, tenant: Tenant) -> None:
    """A suspended tenant works again; what an approver suspended for a condition waits for that."""
    held = set(Grant.objects.filter(held_back(), tenant=tenant).values_list("pk", flat=True))
    for grant in _of_tenant(tenant, (State.SUSPENDED, *IN_FORCE)):
        if grant.state == State.SUSPENDED and grant.pk not in held and grant.held_until > timezone.now():
            advance(grant, State.ACTIVE)
            tell("grant.active", grant, State.SUSPENDED, acting_user)
        set_wanted(grant.environment, grant.pool)
    nudge("resources.enforce_quotas")


def _of_tenant(tenant: Tenant, states: tuple[str, ...]) -> list[Grant]:
    found = list(
        Grant.objects.filter(tenant=tenant, state__in=states)
        .select_related("environment", "pool__cluster", "share", "tenant", "authority")
        .order_by("pk")
    )
    hold("pool", *(grant.pool_id for grant in found))
    return found


@transaction.atomic
def tell(act: str, grant: Grant, before: str, by: User | None = None, reason: str = "", **facts: object) -> None:
    """Record, announce and wake after a grant has moved."""
    audit.record(
        act,
        acting_user=by,
        target=grant,
        tenant=grant.tenant,
        authority=grant.authority,
        before={"state": before},
        after={"state": grant.state, "gpus": grant.amount, **facts},
        reason=reason,
    )
    announce(act, topics=grant_topics(grant), grant=str(grant.public_id))
    nudge("resources.enforce_quotas")
