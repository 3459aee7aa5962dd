"""Which tables of this app are in the archive of a tenant's own data, and which are not, with the reason."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from portal.core.registry import TenantTable, tenant_files, tenant_tables
from tenants.models import CaseDocument

OWN = {
    "tenants.Tenant": "pk",
    "tenants.Membership": "tenant",
    "tenants.Project": "tenant",
    "tenants.ApiToken": "tenant",
    "tenants.Recertification": "tenant",
    "tenants.Departure": "tenant",
    "tenants.Invitation": "tenant",
    "tenants.OnboardingCase": "tenant",
    "tenants.CaseMember": "case__tenant",
    "tenants.CaseDecision": "case__tenant",
    "tenants.CaseAnswer": "case__tenant",
    "tenants.CaseSubmission": "case__tenant",
    "tenants.CaseDocument": "case__tenant",
    "tenants.CaseLetter": "case__tenant",
    "tenants.TenantClaim": "tenant",
    "tenants.TenantClaimGiven": "tenant",
    "tenants.Webhook": "tenant",
    "tenants.WebhookDelivery": "tenant",
    "portal.Operation": "tenant_id",
    "portal.OperationLine": "tenant_id",
}
"""Label → the path to the tenant."""
LEFT_OUT = {
    "tenants.TenantUserPermission": "follows from the roles, which are there",
    "portal.AuditEvent": "is in the record, with its proof",
    "portal.AuditEntry": "is the record",
}
SECRET = {"tenants.ApiToken": frozenset({"digest", "token_key"}), "tenants.CaseDocument": frozenset({"key"})}
"""What is binary (letters, secrets of webhooks) is left out by itself."""


def add(own: dict[str, str], secret: dict[str, frozenset[str]] | None = None, weight: int = 50) -> None:
    """Put tables into the archive."""
    for label, path in own.items():
        table = TenantTable(label, _rows_of(label, path), (secret or {}).get(label, frozenset()))
        tenant_tables.add(label, table, weight=weight)


def _rows_of(label: str, path: str) -> Any:
    def rows(tenant: Any) -> Any:
        value = tenant.pk if path in {"pk", "tenant_id"} else tenant
        return apps.get_model(label)._default_manager.filter(**{path: value})

    return rows


def register() -> None:
    add(OWN, SECRET, weight=10)
    tenant_files.add("case", lambda tenant: CaseDocument.objects.filter(case__tenant=tenant).order_by("pk"), weight=10)
