"""Tenants as pages read them."""

from __future__ import annotations

from portal.models import AuditEvent
from tenants.models import Tenant


def why_suspended(tenant: Tenant) -> AuditEvent | None:
    """The act that suspended the tenant, with its reason; None while it is not suspended."""
    if tenant.state != Tenant.State.SUSPENDED:
        return None
    events = AuditEvent.objects.filter(target_type=tenant._meta.label, target_id=tenant.pk, act="tenant.suspended")
    return events.order_by("-pk").first()
