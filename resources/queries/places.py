"""Which requests a cluster has to do with: those that name it, that were given GPUs there, or that may still be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from resources.models import CapacityPool, Cluster, Decision, DecisionLine, QuotaRequest, RequestLine
from resources.queries.rulings import undone_by

WAITING = (QuotaRequest.State.DRAFT, *QuotaRequest.OPEN)


def about_clusters(rows: Any, clusters: Iterable[Cluster]) -> Any:
    """Of requests those that have to do with one of the clusters, each once.

    A line that names its cluster counts for that one, and a decided line for the one on which it was granted. A line
    that leaves it to the decider counts, until it is decided, for every cluster that could give it: in service, cleared
    for the project's data, in one of its tenant's countries, with a share of the kind. All of it is one query with the
    list: what could be meant is found by indexes first, and only that is looked at closely.
    """
    chosen = [*clusters]
    if not chosen:
        return rows
    ids = [each.pk for each in chosen]
    meant = Q(_named(ids)) | Q(_granted(ids))
    for each in chosen:
        if each.state == Cluster.State.ACTIVE:
            meant |= _possible(each)
    return rows.filter(meant, pk__in=_candidates(ids))


def _candidates(clusters: list[int]) -> QuerySet[Any]:
    """Ids of requests of which some line, of whatever revision, names one of the clusters, was decided there, or names
    none and asks for a kind that is there.
    """
    named = RequestLine.objects.filter(cluster__in=clusters).values("request")
    kinds = CapacityPool.objects.filter(cluster__in=clusters).values("kind")
    anywhere = RequestLine.objects.filter(pool__isnull=True, kind__in=kinds).values("request")
    decided = DecisionLine.objects.filter(share__pool__cluster__in=clusters, granted__gt=0).values("line__request")
    found: QuerySet[Any] = named.union(anywhere, decided, all=True)
    return found


def _lines() -> QuerySet[RequestLine]:
    """What a request asks for now."""
    return RequestLine.objects.filter(request=OuterRef("pk"), revision=OuterRef("revision"))


def _named(clusters: list[int]) -> Exists:
    return Exists(_lines().filter(cluster__in=clusters))


def _granted(clusters: list[int]) -> Exists:
    """Whether a step that stands gives GPUs there; one that waits for its second person gives nothing yet."""
    return Exists(
        DecisionLine.objects.filter(
            ~undone_by("decision"), line__request=OuterRef("pk"), line__revision=OuterRef("revision"),
            decision__pk__gt=OuterRef("appealed_after"), decision__outcome__in=Decision.GIVES,
            decision__second_because="", granted__gt=0, share__pool__cluster__in=clusters,
        )
    )  # fmt: skip


def _possible(cluster: Cluster) -> Q:
    """Whether an open line that leaves the place to the decider could be met there."""
    closed = DecisionLine.objects.filter(
        ~undone_by("decision"),
        Q(closes=True) | Q(granted__gte=OuterRef("amount")),
        Q(decision__outcome=Decision.Outcome.REJECT) | Q(decision__second_because=""),
        line=OuterRef("pk"), decision__pk__gt=F("line__request__appealed_after"),
    )  # fmt: skip
    kinds = CapacityPool.objects.filter(cluster=cluster, shares__gpus__gt=0).values("kind")
    return Q(
        Q(tenant__residency=[]) | Q(tenant__residency__contains=[cluster.country.code]),
        Exists(_lines().filter(~Exists(closed), pool__isnull=True, kind__in=kinds)),
        state__in=WAITING, project__data_class__in=cluster.data_classes,
    )  # fmt: skip
