"""The streams of the audit trail by the names that people know."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.management.base import CommandError

from tenants.models import Tenant


def named(tenant: str) -> str:
    """The stream of a tenant by short name, public id or number."""
    rows = Tenant.objects.all()
    try:
        found = rows.filter(public_id=uuid.UUID(tenant)).first()
    except ValueError:
        found = rows.filter(pk=int(tenant)).first() if tenant.isdigit() else rows.filter(slug=tenant).first()
    if found is None:
        raise CommandError(f"There is no tenant {tenant!r}: give its short name, its public id or its number.")
    return f"tenant:{found.pk}"


def names_of_streams(streams: Iterable[str]) -> dict[str, str]:
    """Streams of tenants in words, for those that are there."""
    ids = [int(stream.partition(":")[2]) for stream in streams if stream.startswith("tenant:")]
    rows = Tenant.objects.filter(pk__in=ids)
    return {f"tenant:{row.pk}": f"the record of {row.name} (tenant:{row.pk})" for row in rows}
