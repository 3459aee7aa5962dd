"""Rows of resources as tests need them; every fact that a test does not name has a harmless value."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from resources.models import CapacityPool, Cluster, GPUKind, Provider, QuotaRequest, Share
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.services.memberships import give_role

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


def make_draft(
    project: Any, pool: CapacityPool, user: Any, amount: int = 10, start_days: int = 0, days: int = 30, **extra: Any
) -> QuotaRequest:
    wish = Wish(pool, amount, *period(start_days, days))
    facts: dict[str, Any] = {"purpose": "Training", "wishes": [wish], **extra}
    return draft_request(acting_user=user, project=project, **facts)


def make_request(
    project: Any, pool: CapacityPool, user: Any, amount: int = 10, start_days: int = 0, days: int = 30, **extra: Any
) -> QuotaRequest:
    """A request that was sent."""
    draft = make_draft(project, pool, user, amount, start_days, days, **extra)
    return submit_request(acting_user=user, request=draft)
