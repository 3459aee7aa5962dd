"""One reading of one cluster: collect it, count it, keep it, tell it; or say since when the cluster is silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone

from portal.core.events import announce
from resources.collectors.base import CollectorError, Snapshot, Source, SourceSilent, collector
from resources.live import store
from resources.live.grouping import Grouped, Known, group
from resources.live.snapshot import is_silent
from resources.models import CapacityPool, Cluster, Environment, GPUKind
from resources.queries import credentials
from resources.queries.outages import out_now
from resources.services.topics import of_cluster

log = structlog.get_logger(__name__)
DEADLINE_SHARE = 0.8
LONGEST_DEADLINE = 20.0


def due_clusters() -> list[tuple[int, float]]:
    """The clusters whose next reading is due, as (id, period in seconds); each is handed out once per period."""
    rows = (
        Cluster.objects.exclude(state=Cluster.State.RETIRED).exclude(collector="").values_list("pk", "collect_seconds")
    )
    found = []
    for pk, seconds in rows.order_by("pk"):
        try:
            if store.take_turn(pk, seconds, offset=(pk * 0.618) % 1):
                found.append((pk, float(seconds)))
        except redis.RedisError as error:
            log.info("no_turns_without_valkey", error=repr(error))
            break
    return found


def collect_cluster(cluster_id: int) -> None:
    """Read one cluster now. One reading at a time: a second one finds the lock taken and leaves."""
    cluster = Cluster.objects.get(pk=cluster_id)
    seconds = deadline_of(cluster)
    lock = store.alone(cluster_id, seconds + 5)
    if not lock.acquire():
        return
    try:
        read(cluster, seconds)
    finally:
        try:
            lock.release()
        except redis.exceptions.LockError:
            log.info("reading_outlived_its_lock", cluster=cluster.slug)


def deadline_of(cluster: Cluster) -> float:
    return min(LONGEST_DEADLINE, max(1.0, cluster.collect_seconds * DEADLINE_SHARE))


def source_of(cluster: Cluster) -> Source:
    """What the collector needs to know; addresses of this machine are allowed only where the settings say so.

    Raises SourceSilent when there is a credential that cannot be used.
    """
    wanted: dict[str, Any] = dict(cluster.collector_settings)
    urls = credentials.addresses(cluster, "source")
    try:
        held = credentials.held_for(cluster, "source")
    except credentials.Withheld as error:
        raise SourceSilent(str(error)) from None
    return Source(
        cluster_id=cluster.pk,
        url=urls[0] if urls else "",
        mode=wanted.get("mode", "exporters"),
        urls=urls,
        deadline_seconds=deadline_of(cluster),
        settings={**wanted, "allowed_networks": tuple(settings.ALLOWED_NETWORKS)},
        token=held.token,
        ca=held.ca,
    )


def read(cluster: Cluster, deadline_seconds: float) -> Grouped | None:
    """Collect and record; a source that fails is recorded as silent, and its last numbers are left as they are."""
    now = timezone.now()
    try:
        snapshot = collector(cluster.collector).collect(source_of(cluster))
    except CollectorError as error:
        mark_silent(cluster, str(error), now)
        if cluster.last_success_at:  # one that was never read has no numbers that could be old
            store.tell_silent(cluster.pk, cluster.last_success_at.timestamp())
        return None
    return record_snapshot(cluster, snapshot, now)


def record_snapshot(cluster: Cluster, snapshot: Snapshot, now: datetime) -> Grouped:
    """Keep the newest state and its sums, mark the cluster as heard, correct the pools' counts where they differ."""
    grouped = group(snapshot, known_names(cluster), cluster.pk, store.next_seq(cluster.pk))
    store.put(grouped.reading, grouped.layout)
    mark_heard(cluster, "\n".join(grouped.reading.problems), now)
    if not snapshot.problems:  # a part of the cluster that did not answer is unknown, not unhealthy
        count_pools(cluster, grouped, now)
    return grouped


@transaction.atomic
def mark_heard(cluster: Cluster, problems: str, now: datetime) -> None:
    Cluster.objects.filter(pk=cluster.pk).update(last_attempt_at=now, last_success_at=now, last_error=problems)
    if is_silent(cluster):
        announce("cluster.heard", topics=of_cluster(cluster), id=str(cluster.public_id))


@transaction.atomic
def mark_silent(cluster: Cluster, sentence: str, now: datetime) -> None:
    """Its last numbers stay as they are; open pages are told since when they are old (store.tell_silent)."""
    Cluster.objects.filter(pk=cluster.pk).update(last_attempt_at=now, last_error=sentence)
    since = cluster.last_success_at or now
    if not is_silent(cluster):
        log.info("cluster_silent", cluster=cluster.slug, since=since.isoformat(), error=sentence)
        announce("cluster.silent", topics=of_cluster(cluster), id=str(cluster.public_id))


def known_names(cluster: Cluster) -> Known:
    """Aliases of GPU kinds and names of environments, as the grouping needs them. Two queries."""
    kinds: dict[str, str] = {}
    for slug, name, aliases in GPUKind.objects.values_list("slug", "name", "aliases"):
        for alias in (slug, name, *aliases):
            kinds[alias.lower()] = slug
    rows = Environment.objects.filter(cluster=cluster).values_list("external_name", "tenant__public_id")
    return Known(kinds=kinds, tenants={name: public_id.hex for name, public_id in rows})


def count_pools(cluster: Cluster, grouped: Grouped, now: datetime) -> None:
    """Pools count what was seen: healthy without drained and down. Rows that agree are left alone.

    A GPU that its source no longer names is not healthy, but it has not left the building: ``installed`` grows by
    what is seen and shrinks only by hand. What is out as announced is not broken: as many GPUs as maintenance takes at
    this moment stay counted as they were before, and are taken from what can be promised by the window alone.
    """
    out = out_now(cluster, now)
    for slug, sums in grouped.reading.pools.items():
        healthy = sums.installed - sums.drained - sums.down
        pool = CapacityPool.objects.filter(cluster=cluster, kind__slug=slug)
        if slug in out:
            before = pool.values_list("healthy", flat=True).first() or 0
            healthy = max(healthy, min(before, healthy + out[slug]))
        agrees = Q(installed__gte=sums.installed, healthy=healthy, count_source=CapacityPool.Source.COLLECTED)
        pool.exclude(agrees).update(
            installed=Greatest("installed", sums.installed),
            healthy=healthy,
            counted_at=now,
            count_source=CapacityPool.Source.COLLECTED,
        )
