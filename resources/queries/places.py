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
    for the project's data, in one of its tenant's countries, with a share of the kind. One query with the list itself:
    the ids are a union, so that the database may begin with whichever is smallest.
    """
    chosen = [*clusters]
    if not chosen:
        return rows
    ids = [each.pk for each in chosen]
    named = RequestLine.objects.filter(cluster__in=ids, revision=F("request__revision"))
    found = _granted(ids).values("line__request").union(
        named.values("request"), *(each.values("request") for each in _possible(chosen)), all=True
    )  # fmt: skip
    return rows.filter(pk__in=found)


def _granted(clusters: list[int]) -> QuerySet[DecisionLine]:
    """What a step that stands gives there; one that waits for its second person gives nothing yet."""
    return _standing().filter(
        decision__outcome__in=Decision.GIVES, decision__second_because="", granted__gt=0,
        share__pool__cluster__in=clusters,
    )  # fmt: skip


def _possible(clusters: list[Cluster]) -> list[QuerySet[RequestLine]]:
    """For each cluster the open lines that leave the place to the decider and could be met there."""
    closed = _standing().filter(Q(closes=True) | Q(granted__gte=OuterRef("amount")), line=OuterRef("pk"))
    closed = closed.filter(Q(decision__outcome=Decision.Outcome.REJECT) | Q(decision__second_because=""))
    anywhere = RequestLine.objects.filter(
        ~Exists(closed), pool__isnull=True, revision=F("request__revision"), request__state__in=WAITING
    )
    return [
        anywhere.filter(
            Q(tenant__residency=[]) | Q(tenant__residency__contains=[each.country.code]),
            kind__in=CapacityPool.objects.filter(cluster=each, shares__gpus__gt=0).values("kind"),
            request__project__data_class__in=each.data_classes,
        )
        for each in clusters
        if each.state == Cluster.State.ACTIVE
    ]  # fmt: skip


def _standing() -> QuerySet[DecisionLine]:
    """What steps give of lines that are asked for now: not undone, and taken after the last appeal."""
    return DecisionLine.objects.filter(
        ~undone_by("decision"),
        line__revision=F("line__request__revision"),
        decision__pk__gt=F("line__request__appealed_after"),
    )
