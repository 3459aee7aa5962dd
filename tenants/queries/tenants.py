"""Tenants as pages read them."""

from __future__ import annotations

from collections.abc import Iterable

from portal.models import AuditEvent
from tenants.models import Tenant


def why_suspended(tenant: Tenant) -> AuditEvent | None:
    """The act that suspended the tenant, with its reason; None while it is not suspended."""
    if tenant.state != Tenant.State.SUSPENDED:
        return None
    events = AuditEvent.objects.filter(target_type=tenant._meta.label, target_id=tenant.pk, act="tenant.suspended")
    return events.order_by("-pk").first()


def tenant_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query or none; for a record that keeps ids."""
    wanted = set(ids)
    return dict(Tenant.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
