"""Trying a cluster's source: one reading, shown and forgotten."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from resources.collectors.base import CollectorError, collector
from resources.models import Cluster, GPUKind
from resources.services.samples import source_of


@dataclass(frozen=True)
class SeenModel:
    """GPUs of one model as the exporter calls it, and the kind it was taken for (None: no kind has that name)."""

    name: str
    gpus: int
    kind: GPUKind | None


@dataclass(frozen=True)
class Probe:
    """What a source said. ``error`` is the sentence of a failed reading; else what was seen."""

    seconds: float
    gpus: int = 0
    hosts: int = 0
    allocated: int = 0
    models: list[SeenModel] = field(default_factory=list)
    problems: tuple[str, ...] = ()
    error: str = ""


def probe(cluster: Cluster) -> Probe:
    """Read the cluster's source once, within its deadline; never inside a transaction."""
    if not cluster.collector:
        return Probe(0.0, error=_("This cluster is not read: it has no collector. Choose one in its settings."))
    began = time.monotonic()
    try:
        snapshot = collector(cluster.collector).collect(source_of(cluster))
    except CollectorError as error:
        return Probe(time.monotonic() - began, error=str(error))
    kinds: dict[str, GPUKind] = {}
    for kind in GPUKind.objects.all():
        for alias in (kind.slug, kind.name, *kind.aliases):
            kinds[alias.lower()] = kind
    counted = Counter(snapshot.models)
    return Probe(
        seconds=time.monotonic() - began,
        gpus=len(snapshot.uuids),
        hosts=len(set(snapshot.hosts)),
        allocated=sum(1 for name in snapshot.namespaces if name),
        models=[SeenModel(name, count, kinds.get(name.lower())) for name, count in counted.most_common()],
        problems=tuple(snapshot.problems),
    )
