"""What an identity provider says of a tenant's people gives them roles there, as far as an owner wrote it down.

The installation says which provider knows the people of which tenant (``OIDC_<KEY>_TENANTS``); an owner of that tenant
says which claim gives which role. Owner is no such role: there has to be one whom no provider can take away.
``tenants.services.claims`` applies what is written here.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Tenant, TenantClaim
from tenants.roles import TenantRole
from tenants.services.claims import knows, take_all


@deciding
@transaction.atomic
def map_tenant_claim(
    *, acting_user: User, tenant: Tenant, provider: str, claim: str, value: str, role: str
) -> TenantClaim:
    """Give ``role`` of ``tenant`` to whom ``provider`` says ``claim`` = ``value`` of, from their next sign-in on."""
    facts = {"provider": provider, "claim": claim.strip(), "value": value.strip(), "role": role}
    require_mappable(tenant, provider, role)
    hold("tenant_claims", tenant.pk)
    if TenantClaim.objects.filter(tenant=tenant, ended_at=None, **facts).exists():
        raise Conflict(_("This claim is mapped to this role already."), code="tenants.claim_mapped", field="value")
    row = TenantClaim.objects.create(tenant=tenant, authority=tenant.authority, made_by=acting_user, **facts)
    record("claim.mapped", acting_user=acting_user, target=row, tenant=tenant, authority=tenant.authority, after=facts)
    return row


@deciding
@transaction.atomic
def end_tenant_claim(*, acting_user: User, mapping: TenantClaim, reason: str = "") -> TenantClaim:
    """End a mapping now, and every role it gave."""
    if not TenantClaim.objects.filter(pk=mapping.pk, ended_at=None).update(ended_at=timezone.now()):
        raise Conflict(_("This mapping has ended already. Reload the page."))
    mapping.refresh_from_db()
    record(
        "claim.unmapped", acting_user=acting_user, target=mapping, tenant=mapping.tenant,
        authority=mapping.tenant.authority, reason=reason,
        before={"provider": mapping.provider, "claim": mapping.claim, "value": mapping.value, "role": mapping.role},
    )  # fmt: skip
    take_all(mapping)
    return mapping


def require_mappable(tenant: Tenant, provider: str, role: str) -> None:
    """Raises Refused for a role that no claim may give, and for a provider that does not know the tenant's people."""
    if role not in TenantRole.values:
        raise Refused(_("%(thing)s has no role “%(role)s”.") % {"thing": tenant, "role": role}, field="role")
    if role == TenantRole.OWNER:
        raise Refused(
            _(
                "No claim makes somebody an owner: there has to be one whom no identity provider can take away. "
                "Give that role by hand."
            ),
            field="role",
        )
    if not knows(provider, tenant):
        raise Refused(
            _(
                "This installation does not say that the provider knows the people of %(tenant)s. Ask whoever runs the "
                "portal to add the tenant to the provider’s setting."
            )
            % {"tenant": tenant},
            field="provider",
        )
