"""Clusters, kinds of GPU, pools and shares: what there is to promise, and who may promise how much of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from resources.collectors.base import collectors
from resources.drivers.base import drivers
from resources.models import CapacityPool, Cluster, GPUKind, Grant, Share
from resources.quantities import Promise, peak
from resources.services import changes
from resources.services.credentials import refuse_secrets
from resources.services.quotas import apply_again
from tenants.models import Authority

COUNTS = {"installed", "healthy"}


@transaction.atomic
def create_cluster(*, acting_user: User, **fields: Any) -> Cluster:
    """Add a cluster; it is read from the next tick on."""
    _check_reach(fields)
    return changes.create("cluster.created", Cluster(**fields), acting_user=acting_user)


@transaction.atomic
def change_cluster(*, acting_user: User, cluster: Cluster, **fields: Any) -> Cluster:
    """Change what a cluster is or how it is reached; its quotas are applied again if the engine is another one."""
    _check_reach(fields)
    changed = changes.change("cluster.changed", cluster, fields, acting_user=acting_user)
    if (cluster.driver, cluster.driver_settings) != (changed.driver, changed.driver_settings):
        apply_again(changed)
    announce("cluster.changed", topics=_topics(changed), cluster=str(changed.public_id))
    return changed


@transaction.atomic
def set_cluster_state(*, acting_user: User, cluster: Cluster, to: str, reason: str = "") -> Cluster:
    """Into maintenance, back, or out of service; running grants stay as they are."""
    before = cluster.state
    advance(cluster, to)
    audit.record(
        f"cluster.{to}",
        acting_user=acting_user,
        target=cluster,
        provider=cluster.provider_id,
        before={"state": before},
        after={"state": to},
        reason=reason,
    )
    announce("cluster.changed", topics=_topics(cluster), cluster=str(cluster.public_id))
    return cluster


@transaction.atomic
def create_kind(*, acting_user: User, **fields: Any) -> GPUKind:
    return changes.create("kind.created", GPUKind(**fields), acting_user=acting_user)


@transaction.atomic
def change_kind(*, acting_user: User, kind: GPUKind, **fields: Any) -> GPUKind:
    return changes.change("kind.changed", kind, fields, acting_user=acting_user)


@deciding
@transaction.atomic
def create_pool(*, acting_user: User, **fields: Any) -> CapacityPool:
    """Say how many GPUs of a kind a cluster has, as typed; a collector may count them later."""
    pool = CapacityPool(**fields, counted_at=timezone.now(), count_source=CapacityPool.Source.TYPED)
    return changes.create("pool.created", pool, acting_user=acting_user)


@deciding
@transaction.atomic
def change_pool(*, acting_user: User, pool: CapacityPool, **fields: Any) -> CapacityPool:
    """Change counts or rules of a pool. What is promised stays promised: a pool that shrank shows as over-promised."""
    hold("pool", pool.pk)
    if any(fields.get(name, getattr(pool, name)) != getattr(pool, name) for name in COUNTS):
        fields |= {"counted_at": timezone.now(), "count_source": CapacityPool.Source.TYPED}
    return changes.change("pool.changed", pool, fields, acting_user=acting_user)


@deciding
@transaction.atomic
def create_share(*, acting_user: User, pool: CapacityPool, authority: Authority, gpus: int) -> Share:
    """Let an authority promise ``gpus`` of a pool; all shares together stay within what is promisable."""
    hold("pool", pool.pk)
    _check_sum(pool, gpus, others=Share.objects.filter(pool=pool))
    share = Share(pool=pool, authority=authority, gpus=gpus)
    return changes.create("share.created", share, acting_user=acting_user, authority=authority)


@deciding
@transaction.atomic
def change_share(*, acting_user: User, share: Share, gpus: int) -> Share:
    """More or fewer GPUs to promise, never fewer than are promised from it at any time from now on."""
    hold("pool", share.pool_id)
    pool = CapacityPool.objects.get(pk=share.pool_id)
    if gpus > share.gpus:
        _check_sum(pool, gpus, others=Share.objects.filter(pool=pool).exclude(pk=share.pk))
    promised = promised_from(share)
    if gpus < promised:
        raise Refused(
            _(
                "%(authority)s has promised %(promised)d GPUs of %(pool)s from this share. "
                "Keep at least %(promised)d, or wait for grants to end."
            )
            % {"authority": share.authority, "promised": promised, "pool": pool},
            field="gpus",
        )
    return changes.change("share.changed", share, {"gpus": gpus}, acting_user=acting_user, authority=share.authority)


def promised_from(share: Share) -> int:
    """The most that is promised from a share at any instant from now on."""
    now = timezone.now()
    rows = Grant.objects.counting().filter(share=share, ends_at__gt=now)
    promises = [Promise(*row) for row in rows.values_list("amount", "starts_at", "ends_at")]
    if not promises:
        return 0
    return peak(promises, now, max(promise.ends_at for promise in promises))[0]


def share_bounds(share: Share) -> tuple[int, int]:
    """The fewest and the most GPUs that the share may be changed to now."""
    others = Share.objects.filter(pool=share.pool_id).exclude(pk=share.pk).aggregate(gpus=Sum("gpus"))["gpus"] or 0
    return promised_from(share), max(share.gpus, share.pool.promisable - others)


def _check_sum(pool: CapacityPool, gpus: int, others: Any) -> None:
    taken = others.aggregate(gpus=Sum("gpus"))["gpus"] or 0
    left = max(0, pool.promisable - taken)
    if gpus > left:
        raise Refused(
            _(
                "%(pool)s has %(promisable)d GPUs to promise and other shares hold %(taken)d of them. "
                "Enter %(left)d at most, or lower another share first."
            )
            % {"pool": pool, "promisable": pool.promisable, "taken": taken, "left": left},
            field="gpus",
        )


def _check_reach(fields: Mapping[str, Any]) -> None:
    """Engine and collector are members of their families, and no secret stands in the open, whichever door it was."""
    for name in ("driver_settings", "collector_settings"):
        refuse_secrets(fields.get(name) or {}, field=name)
    families = {"driver": dict(drivers()), "collector": {**dict(collectors()), "": ""}}
    for name, members in families.items():
        if name in fields and fields[name] not in members:
            raise Refused(
                _("There is no %(what)s called “%(key)s”; there are %(known)s.")
                % {"what": name, "key": fields[name], "known": ", ".join(sorted(filter(None, members)))},
                field=name,
            )


def _topics(cluster: Cluster) -> list[str]:
    authorities = Share.objects.filter(pool__cluster=cluster).values_list("authority_id", flat=True).distinct()
    return [f"provider.{cluster.provider_id}", *(f"authority.{pk}" for pk in sorted(authorities))]
