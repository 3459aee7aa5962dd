"""Rows of resources as tests need them; every fact that a test does not name has a harmless value."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from resources.models import (
    AccessMode,
    AutoRule,
    CapacityPool,
    Cluster,
    GPUKind,
    Grant,
    IdleFinding,
    MaintenanceWindow,
    PoolHour,
    Provider,
    QuotaRequest,
    SampleHour,
    Series,
    Share,
)
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.services.memberships import give_role
from tests.factories.people import make_user

numbers = itertools.count(1)


def make_provider(**fields: Any) -> Provider:
    number = next(numbers)
    facts = {"name": f"Provider {number}", "slug": f"provider-{number}", "country": "LU", "contact_email": "noc@x.test"}
    return Provider.objects.create(**{**facts, **fields})


def make_operator(provider: Provider, user: Any) -> Any:
    give_role(acting_user=None, anchor=provider, user=user, role="operator")
    return user


def make_kind(**fields: Any) -> GPUKind:
    number = next(numbers)
    facts = {"slug": f"kind-{number}", "name": f"Kind {number}", "vendor": "NVIDIA", "memory_gib": 80}
    return GPUKind.objects.create(**{**facts, **fields})


def make_cluster(**fields: Any) -> Cluster:
    number = next(numbers)
    facts = {
        "name": f"Cluster {number}", "slug": f"cluster-{number}", "city": "Bissen", "country": "LU",
        "data_classes": ["public", "internal", "confidential"], "driver": "counted",
    }  # fmt: skip
    fields.setdefault("provider", None)
    fields["provider"] = fields["provider"] or make_provider()
    return Cluster.objects.create(**{**facts, **fields})


def make_pool(gpus: int = 100, **fields: Any) -> CapacityPool:
    facts: dict[str, Any] = {"installed": gpus, "healthy": gpus}
    fields["cluster"] = fields.get("cluster") or make_cluster()
    fields["kind"] = fields.get("kind") or make_kind()
    return CapacityPool.objects.create(**{**facts, **fields})


def make_share(pool: CapacityPool, authority: Any, gpus: int | None = None) -> Share:
    return Share.objects.create(pool=pool, authority=authority, gpus=pool.promisable if gpus is None else gpus)


def period(start_days: int = 0, days: int = 30) -> tuple[Any, Any]:
    """A period from ``start_days`` after today's midnight."""
    begin = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=start_days)
    return begin, begin + timedelta(days=days)


def midnight(number: int) -> Any:
    """The midnight ``number`` days after today's: today's is asked for each time, so that no run is torn at midnight."""
    return period(number)[0]


def make_window(
    pool: CapacityPool | None = None, gpus: int | None = None, start_days: int = 1, days: int = 1, **fields: Any
) -> MaintenanceWindow:
    """GPUs out for maintenance, as if it had been announced: it takes capacity away unless ``effect`` says otherwise."""
    begins, ends = period(start_days, days)
    cluster = pool.cluster if pool else fields["cluster"]
    facts = {
        "pool": pool, "cluster": cluster, "gpus": gpus, "starts_at": begins, "ends_at": ends, "effect": "counts",
        "reason": "Cooling is replaced", "announced_by": fields.pop("by", None) or make_operator(cluster.provider, make_user()),
    }  # fmt: skip
    return MaintenanceWindow.objects.create(**{**facts, **fields})


def make_draft(
    project: Any, pool: CapacityPool, user: Any, amount: int = 10, start_days: int = 0, days: int = 30, **extra: Any
) -> QuotaRequest:
    wish = Wish(pool, amount, *period(start_days, days))
    facts: dict[str, Any] = {"purpose": "Training", "wishes": [wish], **extra}
    return draft_request(acting_user=user, project=project, **facts)


def make_renewal(grant: Grant, user: Any, amount: int, start_days: int = 20, days: int = 90) -> QuotaRequest:
    """A request that the grant goes on; it was sent."""
    draft = make_draft(grant.environment.project, grant.pool, user, amount, start_days, days)
    QuotaRequest.objects.filter(pk=draft.pk).update(change="extension", grant=grant)
    return submit_request(acting_user=user, request=QuotaRequest.objects.get(pk=draft.pk))


def make_finding(grant: Grant, **fields: Any) -> IdleFinding:
    """GPUs of the grant that stood idle for the last two weeks; the tenant was told once."""
    until = timezone.now().replace(minute=0, second=0, microsecond=0)
    facts = {
        "gpus": grant.amount, "busy": 0, "promised": grant.amount, "since": until - timedelta(days=14), "until": until,
        "hours": 336, "state": "notified", "notices": 1, "noticed_at": until,
    }  # fmt: skip
    return IdleFinding.objects.create(
        tenant_id=grant.tenant_id, authority_id=grant.authority_id, grant=grant, **{**facts, **fields}
    )


def measure(grant: Grant, busy: float, allocated: float | None = None, hours: int = 24, until: Any = None) -> None:
    """Whole hours up to ``until`` (now) in which the tenant held and worked on so many GPUs of the grant's pool."""
    end = (until or timezone.now()).replace(minute=0, second=0, microsecond=0)
    held = busy if allocated is None else allocated
    pool = grant.pool
    series, _new = Series.objects.get_or_create(
        tenant_id=grant.tenant_id, cluster_id=pool.cluster_id, kind_id=pool.kind_id,
        defaults={"authority_id": grant.authority_id},
    )  # fmt: skip
    rest = {"readings": 60, "load_s": 0, "memory_mib": 0, "power_w": 0, "temperature_max": 50}
    for number in range(1, hours + 1):
        at = end - timedelta(hours=number)
        SampleHour.objects.create(
            series=series, hour=at, tenant_id=grant.tenant_id, authority_id=grant.authority_id,
            allocated_s=round(held * 3600), busy_s=round(busy * 3600), **rest,
        )  # fmt: skip
        hear(pool, at)


def hear(pool: CapacityPool, hour: Any, minutes: int = 60) -> None:
    """The cluster was read in so many minutes of the hour."""
    rest = {"readings": 60, "load_s": 0, "memory_mib": 0, "power_w": 0, "temperature_max": 50}
    counts = {"installed": pool.installed, "free": 0, "drained": 0, "down": 0}
    PoolHour.objects.get_or_create(
        pool=pool, hour=hour, defaults={"allocated_s": 0, "busy_s": 0, "minutes": minutes, **rest, **counts}
    )


def make_request(
    project: Any, pool: CapacityPool, user: Any, amount: int = 10, start_days: int = 0, days: int = 30, **extra: Any
) -> QuotaRequest:
    """A request that was sent."""
    draft = make_draft(project, pool, user, amount, start_days, days, **extra)
    return submit_request(acting_user=user, request=draft)


def mode_data(slug: str = "large-scale") -> dict[str, str]:
    """An access mode of the portal's own and answers to what it asks, as the form of a request posts them."""
    mode = AccessMode.objects.get(slug=slug, authority=None)
    answers = {f"mode_{question.key}": "yes" if question.kind == "yes_no" else "As always" for question in mode.asked}
    return {"mode": str(mode.public_id), **answers}


def make_rule(authority: Any, writer: Any, responsible: Any = None, **facts: Any) -> AutoRule:
    """A rule for the portal's playground, in force for an hour where somebody is ``responsible`` for it."""
    number = next(numbers)
    fields = {
        "slug": f"rule-{number}", "version": 1, "name": f"Rule {number}", "modes": ["playground"], "max_gpus": 4,
        "set_by": writer,
    }  # fmt: skip
    if responsible is not None:
        fields |= {"activated_at": timezone.now() - timedelta(hours=1), "activated_by": responsible}
    return AutoRule.objects.create(authority=authority, **{**fields, **facts})


def playground(**answers: Any) -> dict[str, Any]:
    """What a request of the portal's playground says beside its lines."""
    mode = AccessMode.objects.get(slug="playground", authority=None)
    return {"mode": mode, "mode_answers": {"first_time": "no", **answers}}
