"""What decisions give: environments and grants, and their turning with the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from portal.core import audit
from portal.core.errors import MovedMeanwhile
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import Cluster, Decision, Environment, Grant
from resources.services.quotas import set_wanted
from tenants.models import Project, Tenant

State = Grant.State
GRACE = timedelta(0)
NOTICE = timedelta(days=30)
LONGEST_NAME = 63
IN_FORCE = (State.ACTIVE, State.EXPIRING, State.GRACE)


def issue_grants(decision: Decision) -> list[Grant]:
    """Turn a final decision into grants and wishes. The caller holds the pools, so that the sums it saw still hold."""
    now = timezone.now()
    issued = []
    for step in decision.lines.select_related("line", "share__pool__cluster").order_by("pk"):
        if not step.granted:
            continue
        line, pool = step.line, step.share.pool
        environment = environment_of(decision.request.project, pool.cluster)
        issued.append(
            Grant.objects.create(
                tenant_id=decision.tenant_id,
                authority_id=decision.authority_id,
                environment=environment,
                pool=pool,
                share=step.share,
                line=line,
                amount=step.granted,
                budget_hours=step.budget_hours,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                state=State.ACTIVE if line.starts_at <= now else State.SCHEDULED,
            )
        )
        set_wanted(environment, pool)
    return issued


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


def turn_grants(now: datetime | None = None) -> int:
    """Begin and end grants as their dates say; the number that moved. Run late, it catches up; run twice, it rests."""
    moment = now or timezone.now()
    due = Grant.objects.filter(
        Q(state=State.SCHEDULED, starts_at__lte=moment)
        | Q(state=State.ACTIVE, ends_at__lte=moment + NOTICE)
        | Q(state=State.EXPIRING, ends_at__lte=moment)
        | Q(state=State.GRACE, ends_at__lte=moment - GRACE)
    )
    return sum(_turn(pk, moment) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _turn(grant_id: int, now: datetime) -> bool:
    grant = Grant.objects.select_related("environment", "pool__cluster", "tenant", "authority").get(pk=grant_id)
    hold("pool", grant.pool_id)
    before = grant.state
    try:
        while (to := _next_state(grant, now)) is not None:
            advance(grant, to)
    except MovedMeanwhile:
        return False  # another sweep turns it
    if grant.state == before:
        return False
    set_wanted(grant.environment, grant.pool)
    _tell(f"grant.{grant.state}", grant, before)
    return True


def _next_state(grant: Grant, now: datetime) -> str | None:
    if grant.state == State.SCHEDULED and grant.starts_at <= now:
        return State.ACTIVE
    if grant.state == State.ACTIVE and notice_from(grant) <= now:
        return State.EXPIRING
    if grant.state == State.EXPIRING and grant.ends_at <= now:
        return State.GRACE
    if grant.state == State.GRACE and grant.ends_at + GRACE <= now:
        return State.EXPIRED
    return None


def notice_from(grant: Grant) -> datetime:
    """When the end of a grant comes into view: thirty days before it, or the last quarter of a short one."""
    return grant.ends_at - min(NOTICE, (grant.ends_at - grant.starts_at) / 4)


@deciding
@transaction.atomic
def revoke_grant(*, acting_user: User, grant: Grant, reason: str) -> Grant:
    """End a grant before its time; what runs is not evicted, the quota is lowered."""
    hold("pool", grant.pool_id)
    before = grant.state
    advance(grant, State.REVOKED)
    set_wanted(grant.environment, grant.pool)
    _tell("grant.revoked", grant, before, acting_user, reason)
    return grant


@transaction.atomic
def freeze_grants(*, acting_user: User | None, tenant: Tenant) -> None:
    """A tenant was suspended: nothing of it may run; its grants are kept and go on taking capacity.

    Those that are ending already end by themselves; their wishes are zero like all others of the tenant.
    """
    for grant in _of_tenant(tenant, IN_FORCE):
        before = grant.state
        if before == State.ACTIVE:
            advance(grant, State.SUSPENDED)
            _tell("grant.suspended", grant, before, acting_user)
        set_wanted(grant.environment, grant.pool)
    nudge("resources.enforce_quotas")


@transaction.atomic
def thaw_grants(*, acting_user: User | None, tenant: Tenant) -> None:
    """A suspended tenant works again."""
    for grant in _of_tenant(tenant, (State.SUSPENDED, *IN_FORCE)):
        if grant.state == State.SUSPENDED:
            advance(grant, State.ACTIVE)
            _tell("grant.active", grant, State.SUSPENDED, acting_user)
        set_wanted(grant.environment, grant.pool)
    nudge("resources.enforce_quotas")


def _of_tenant(tenant: Tenant, states: tuple[str, ...]) -> list[Grant]:
    found = list(
        Grant.objects.filter(tenant=tenant, state__in=states)
        .select_related("environment", "pool__cluster", "tenant", "authority")
        .order_by("pk")
    )
    hold("pool", *(grant.pool_id for grant in found))
    return found


def _tell(act: str, grant: Grant, before: str, acting_user: User | None = None, reason: str = "") -> None:
    audit.record(
        act,
        acting_user=acting_user,
        target=grant,
        tenant=grant.tenant,
        authority=grant.authority,
        before={"state": before},
        after={"state": grant.state, "gpus": grant.amount},
        reason=reason,
    )
    topics = [f"tenant.{grant.tenant_id}", f"authority.{grant.authority_id}"]
    announce(act, topics=topics, grant=str(grant.public_id))
    nudge("resources.enforce_quotas")
