"""What suspending a tenant means here, in one line each."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from portal.models import User
from resources.services.departures import end_everything
from resources.services.grants import freeze_grants, thaw_grants
from tenants.models import Tenant
from tenants.signals import tenant_activated, tenant_suspended


@receiver(tenant_suspended)
def freeze(sender: Any, *, tenant: Tenant, acting_user: User | None = None, **_facts: Any) -> None:
    freeze_grants(acting_user=acting_user, tenant=tenant)
    if tenant.state == Tenant.State.CLOSED:
        end_everything(acting_user=acting_user, of=tenant)


@receiver(tenant_activated)
def thaw(sender: Any, *, tenant: Tenant, acting_user: User | None = None, **_facts: Any) -> None:
    thaw_grants(acting_user=acting_user, tenant=tenant)
