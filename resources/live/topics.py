"""The cut: which clusters and tenants one person's page may be told of. Everything a socket carries goes through it.

A person sees a cluster whole (its totals and the state of every GPU, nobody's name) when they operate it, when their
authority holds a share in it, or as platform admin. Tenants are named only where their environments are visible to
the person. Everybody else sees their own tenant's GPUs and nothing beside them.
"""

from __future__ import annotations

import uuid

import msgspec
from django.db.models import Sum
from django.db.models.functions import Coalesce

from portal.core.access import anchor_ids, fetch
from portal.core.errors import NotFound
from portal.models import User
from resources.models import Cluster, Environment
from resources.queries.validity import first_end
from tenants.models import OnboardingCase, Tenant

SHOWN_TENANTS = 50
"""A page names at most this many tenants at once, so a message stays small at any size of the installation."""


class Part(msgspec.Struct):
    """What a person may be told of one cluster."""

    whole: bool
    tenants: list[str]


class Cut(msgspec.Struct):
    """A person's cut for one topic, as it is kept behind their ticket."""

    user: int
    epoch: int
    session: str
    clusters: dict[int, Part]
    rooms: list[str]
    until: float | None = None
    """Unix time at which the first of the person's roles ends by itself, and the cut with it."""


def cut_for(user: User, topic: str, session: str = "") -> Cut:
    """The cut of ``topic``: "capacity", "cluster:<uuid>", "tenant:<uuid>" or "events". Raises NotFound when unseen."""
    kind, _, name = topic.partition(":")
    if kind == "capacity":
        clusters = _capacity(user)
    elif kind == "cluster":
        clusters = _cluster(user, fetch(Cluster.objects.all(), user, public_id=_uuid(name)))
    elif kind == "tenant":
        clusters = _tenant(user, fetch(Tenant.objects.all(), user, public_id=_uuid(name)))
    elif kind == "events":
        clusters = {}
    else:
        raise NotFound
    ends = first_end(user)
    return Cut(user.pk, user.epoch, session, clusters, rooms(user), ends.timestamp() if ends else None)


def rooms(user: User) -> list[str]:
    """The topics of rare events (portal.core.events) that concern this person."""
    found = [f"user.{user.pk}"]
    found += [f"tenant.{pk}" for pk in _anchors("tenants.Tenant", user, "view_tenant")]
    found += [f"authority.{pk}" for pk in _anchors("tenants.Authority", user, "view_authority")]
    found += [f"provider.{pk}" for pk in _anchors("resources.Provider", user, "view_provider")]
    found += [
        f"case.{pk}"
        for pk in OnboardingCase.objects.visible_to(user).filter(members__user=user).values_list("pk", flat=True)
    ]
    return found


def shown_tenants(user: User, cluster: Cluster | None = None) -> list[Tenant]:
    """The tenants a page names: those whose environments the person sees, the largest quotas first."""
    environments = Environment.objects.visible_to(user)
    if cluster is not None:
        environments = environments.filter(cluster=cluster)
    ranked = environments.order_by().values("tenant").annotate(total=Coalesce(Sum("quotas__wanted"), 0))
    order = list(ranked.order_by("-total", "tenant").values_list("tenant", flat=True)[:SHOWN_TENANTS])
    rows = environments.filter(tenant__in=order).select_related("tenant").distinct("tenant").order_by("tenant")
    by_id = {row.tenant_id: row.tenant for row in rows}
    return [by_id[pk] for pk in order]


def _capacity(user: User) -> dict[int, Part]:
    whole = Cluster.objects.visible_to(user, "watch").values_list("pk", flat=True)
    parts = {pk: Part(whole=True, tenants=[]) for pk in whole}
    named = [tenant.pk for tenant in shown_tenants(user)]
    rows = Environment.objects.visible_to(user).filter(tenant__in=named)
    for cluster_id, public_id in rows.values_list("cluster_id", "tenant__public_id").distinct():
        parts.setdefault(cluster_id, Part(whole=False, tenants=[])).tenants.append(public_id.hex)
    return parts


def _cluster(user: User, cluster: Cluster) -> dict[int, Part]:
    whole = Cluster.objects.visible_to(user, "watch").filter(pk=cluster.pk).exists()
    return {cluster.pk: Part(whole=whole, tenants=[t.public_id.hex for t in shown_tenants(user, cluster)])}


def _tenant(user: User, tenant: Tenant) -> dict[int, Part]:
    clusters = (
        Environment.objects.visible_to(user).filter(tenant=tenant).values_list("cluster_id", flat=True).distinct()
    )
    return {pk: Part(whole=False, tenants=[tenant.public_id.hex]) for pk in clusters}


def _anchors(label: str, user: User, codename: str) -> list[int]:
    return [row["content_object_id"] for row in anchor_ids(label, user, [codename]).distinct()]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
