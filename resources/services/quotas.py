"""What is wished becomes true on the cluster: claim, apply, read back, settle.

The table is the queue. A quota whose revision is ahead of its applied revision is due; whoever claims it works with
no transaction open and settles with one statement. A worker that dies is overtaken after its lease, and its late
result finds a stale fence. Drivers are told totals, so doing it twice has one effect.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import MovedMeanwhile
from portal.core.events import announce
from portal.core.outbox import claim, settle
from portal.core.states import advance
from portal.core.tasks import nudge
from resources.drivers.base import DriverError, Enforcement, EngineRefused, EngineSilent, Observation, Target, driver
from resources.models import CapacityPool, Cluster, Environment, Grant, Quota
from resources.queries import credentials
from resources.queries.engines import engine_name

log = structlog.get_logger(__name__)
State = Quota.State

LEASE_SECONDS = 60.0
LOOK_LEASE_SECONDS = 15.0
DEADLINE_SECONDS = 10.0
FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 600
LOOK_AGAIN_SECONDS = 60
RUNNING = (Grant.State.ACTIVE, Grant.State.EXPIRING, Grant.State.GRACE)
DUE = (State.PENDING, State.APPLYING, State.FAILED, State.DRIFTED)


@transaction.atomic
def set_wanted(environment: Environment, pool: CapacityPool) -> Quota:
    """Write down what the environment may use now: the sum of its running grants, and nothing while its tenant is
    suspended or gone. The caller holds the pool.
    """
    running = Grant.objects.filter(environment=environment, pool=pool, state__in=RUNNING, tenant__state="active")
    wanted = running.aggregate(gpus=Sum("amount"))["gpus"] or 0
    quota, made = Quota.objects.get_or_create(
        environment=environment,
        pool=pool,
        defaults={
            "tenant_id": environment.tenant_id,
            "authority_id": environment.authority_id,
            "wanted": wanted,
            "revision": 1 if wanted else 0,
        },
    )
    if made:
        return quota
    quota = Quota.objects.select_for_update().get(pk=quota.pk)
    if quota.wanted == wanted:
        return quota
    wish: dict[str, Any] = {
        "wanted": wanted, "revision": quota.revision + 1, "attempts": 0, "next_attempt_at": None, "reason": "",
    }  # fmt: skip
    if quota.state == State.PENDING:
        Quota.objects.filter(pk=quota.pk).update(**wish)
        quota.refresh_from_db()
    else:
        advance(quota, State.PENDING, **wish)
    return quota


@transaction.atomic
def apply_again(cluster: Cluster) -> None:
    """The cluster is reached otherwise than before: whatever is wished there is due once more."""
    for quota in Quota.objects.filter(environment__cluster=cluster, wanted__gt=0).select_for_update(of=("self",)):
        if quota.state != State.PENDING:
            advance(quota, State.PENDING, revision=quota.revision + 1, attempts=0, next_attempt_at=None, reason="")
    nudge("resources.enforce_cluster", cluster.pk)


def due_quotas(now: datetime | None = None) -> models.QuerySet[Quota]:
    """Quotas whose wish is not on the cluster yet and whose time has come."""
    moment = now or timezone.now()
    ready = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=moment)
    return (
        Quota.objects.filter(ready, state__in=DUE, revision__gt=0)
        .exclude(environment__cluster__state=Cluster.State.RETIRED)
    )  # fmt: skip


@transaction.atomic
def wake_clusters() -> None:
    """Wake one enforcing task per cluster that has something due, so that a hanging engine delays nobody else."""
    for cluster_id in due_quotas().values_list("environment__cluster_id", flat=True).distinct().order_by():
        nudge("resources.enforce_cluster", cluster_id)


def enforce_cluster(cluster_id: int, limit: int = 200) -> int:
    """Apply what is due on one cluster, one by one; stops when its engine is silent. The number settled."""
    settled = 0
    for _turn in range(limit):
        taken = claim(due_quotas().filter(environment__cluster=cluster_id), lease_seconds=LEASE_SECONDS, limit=1)
        if not taken:
            break
        settled += 1
        if not enforce_one(taken[0]):
            break
    return settled


def enforce_one(quota: Quota) -> bool:
    """Bring one claimed quota onto its cluster. False: the engine is silent, so its other quotas need not be tried."""
    revision, wanted = quota.revision, quota.wanted
    cluster = quota.environment.cluster
    if not _begin(quota):
        settle(quota)
        return True
    try:
        engine, target = driver(cluster.driver), target_of(quota)
    except DriverError as error:
        return _settle_failure(quota, revision, str(error))
    if engine.capability(target.kind) is not Enforcement.ENFORCED:
        return _settle(quota, revision, State.COUNTED_ONLY if wanted else State.REMOVED, observed=None, reason="")
    try:
        engine.ensure_environment(target)
        engine.apply(target, wanted)
        seen = engine.read_back(target)
    except EngineSilent as error:
        _settle_failure(quota, revision, str(error))
        return False
    except DriverError as error:
        return _settle_failure(quota, revision, str(error))
    if (seen.limit or 0) != wanted:
        sentence = _("%(cluster)s was told %(wanted)d GPUs and says %(seen)s. It is told again.")
        return _settle_failure(
            quota, revision, sentence % {"cluster": cluster.name, "wanted": wanted, "seen": seen.limit}, seen
        )
    return _settle(quota, revision, State.IN_FORCE if wanted else State.REMOVED, reason="", **facts_of(seen))


@transaction.atomic
def _begin(quota: Quota) -> bool:
    """Say that it is being applied; False when its state moved since it was claimed."""
    try:
        if quota.state != State.APPLYING:
            advance(quota, State.APPLYING)
    except MovedMeanwhile:
        return False
    _announce(quota)
    return True


def target_of(quota: Quota) -> Target:
    """The quota as its engine knows it; kinds may be called differently there (setting "kinds").

    Raises EngineRefused when there is a credential that cannot be used.
    """
    cluster = quota.environment.cluster
    wanted: dict[str, Any] = cluster.driver_settings
    try:
        held = credentials.held_for(cluster, "engine")
    except credentials.Withheld as error:
        raise EngineRefused(str(error)) from None
    return Target(
        url=wanted.get("url", ""),
        environment=quota.environment.external_name,
        kind=engine_name(quota.pool),
        settings={**wanted, "allowed_networks": tuple(settings.ALLOWED_NETWORKS)},
        deadline_seconds=DEADLINE_SECONDS,
        token=held.token,
        ca=held.ca,
    )


def facts_of(seen: Observation) -> dict[str, Any]:
    return {
        "observed": seen.limit, "observed_used": seen.used, "observed_at": datetime.fromtimestamp(seen.at, UTC),
    }  # fmt: skip


def _settle_failure(quota: Quota, revision: int, reason: str, seen: Observation | None = None) -> bool:
    attempts = quota.attempts + 1
    wait = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 10))
    return _settle(
        quota,
        revision,
        State.FAILED,
        reason=reason,
        attempts=attempts,
        next_attempt_at=timezone.now() + timedelta(seconds=wait),
        **(facts_of(seen) if seen else {}),
    )


def _settle(quota: Quota, revision: int, to: str, **facts: Any) -> bool:
    """Write the outcome if the claim is still ours. A wish that changed meanwhile leaves the quota due, not done."""
    if to != State.FAILED:
        facts |= {"applied_revision": revision, "attempts": 0, "next_attempt_at": None}
    with transaction.atomic():
        if not settle(quota, **facts):
            log.info("quota_overtaken", quota=quota.pk, fence=quota.fence)
            return True
        quota.refresh_from_db(fields=["state", "revision", "wanted"])
        if quota.revision != revision:
            Quota.objects.filter(pk=quota.pk).update(reason="", attempts=0, next_attempt_at=None)
            to = State.PENDING
        if quota.state == State.APPLYING:
            advance(quota, to)
            if to != State.FAILED or quota.attempts == 1:
                _record(f"quota.{to}", quota)
        _announce(quota)
        if quota.state == State.PENDING:
            nudge("resources.enforce_cluster", quota.environment.cluster_id)
    return True


@transaction.atomic
def wake_watchers() -> None:
    """Wake one reading task per cluster with quotas in force."""
    old = timezone.now() - timedelta(seconds=LOOK_AGAIN_SECONDS)
    rows = Quota.objects.filter(state=State.IN_FORCE, observed_at__lte=old)
    for cluster_id in rows.values_list("environment__cluster_id", flat=True).distinct().order_by():
        nudge("resources.watch_cluster", cluster_id)


def watch_cluster(cluster_id: int, limit: int = 200) -> int:
    """Read quotas in force back, oldest look first; what differs has drifted and is applied again. The number read."""
    old = timezone.now() - timedelta(seconds=LOOK_AGAIN_SECONDS)
    rows = Quota.objects.filter(state=State.IN_FORCE, environment__cluster=cluster_id, observed_at__lte=old)
    read, unread = 0, list[int]()
    while read + len(unread) < limit:
        # One by one: a wish for a quota that is taken waits, and longest for a reader that was killed.
        taken = claim(rows.exclude(pk__in=unread), lease_seconds=LOOK_LEASE_SECONDS, limit=1)
        if not taken:
            break
        quota = taken[0]
        try:
            seen = driver(quota.environment.cluster.driver).read_back(target_of(quota))
        except DriverError as error:
            log.info("quota_not_read", quota=quota.pk, error=str(error))
            settle(quota)
            unread.append(quota.pk)
            if isinstance(error, EngineSilent):
                break
            continue
        _settle_look(quota, seen)
        read += 1
    return read


def _settle_look(quota: Quota, seen: Observation) -> None:
    revision = quota.revision
    with transaction.atomic():
        if not settle(quota, **facts_of(seen)):
            return
        quota.refresh_from_db(fields=["state", "revision", "wanted"])
        if quota.state == State.IN_FORCE and quota.revision == revision and (seen.limit or 0) != quota.wanted:
            reason = _("The cluster said %(seen)s instead of %(wanted)d GPUs; the quota is applied again.")
            advance(quota, State.DRIFTED, reason=reason % {"seen": seen.limit, "wanted": quota.wanted})
            _record("quota.drifted", quota)
            _announce(quota)
        if quota.state in DUE:
            nudge("resources.enforce_cluster", quota.environment.cluster_id)


def _record(act: str, quota: Quota) -> None:
    audit.record(
        act,
        acting_user=None,
        target=quota,
        tenant=quota.tenant,
        authority=quota.authority,
        provider=quota.environment.cluster.provider_id,
        after={"wanted": quota.wanted, "observed": quota.observed, "revision": quota.revision},
        reason=quota.reason,
    )


def _announce(quota: Quota) -> None:
    topics = [
        f"tenant.{quota.tenant_id}",
        f"authority.{quota.authority_id}",
        f"provider.{quota.environment.cluster.provider_id}",
    ]
    announce("quota.changed", topics=topics, quota=str(quota.public_id))
