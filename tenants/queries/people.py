"""People of a tenant, an authority, a case."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.core.access import live_now
from portal.models import User
from tenants.models import Authority, AuthorityMembership, Membership, Tenant


def stands_in(user: User, tenant: Tenant) -> bool:
    """Whether the person belongs to the tenant today, in whatever role."""
    return Membership.objects.filter(live_now(), tenant=tenant, user=user).exists()


def members_of(tenant: Tenant) -> QuerySet[Membership]:
    """The tenant's people of today: owners first, then by when they came."""
    return Membership.objects.filter(live_now(), tenant=tenant).select_related("user").order_by("-role", "pk")


def staff_of(authority: Authority) -> QuerySet[AuthorityMembership]:
    """Who works for the authority today, by role and name."""
    rows = AuthorityMembership.objects.filter(live_now(), authority=authority)
    return rows.select_related("user").order_by("role", "user__full_name", "pk")


def person_by_address(email: str) -> User | None:
    """Who signs in with this address, whatever its capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()
