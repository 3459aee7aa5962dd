"""People of a tenant, an authority, a case."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, When

from portal.core.access import live_now
from portal.models import User
from tenants.models import Authority, AuthorityMembership, Membership, Tenant
from tenants.models.authority import AuthorityMembershipQuerySet
from tenants.models.tenant import MembershipQuerySet
from tenants.roles import TenantRole


def stands_in(user: User, tenant: Tenant) -> bool:
    """Whether the person belongs to the tenant today, in whatever role."""
    return Membership.objects.filter(live_now(), tenant=tenant, user=user).exists()


def members_of(tenant: Tenant) -> MembershipQuerySet:
    """The tenant's people of today: owners first, then by name."""
    rank = Case(*(When(role=role, then=place) for place, role in enumerate(TenantRole.values)), default=9)
    rows = Membership.objects.filter(live_now(), tenant=tenant).select_related("user")
    return rows.order_by(rank, "user__full_name", "pk")


def staff_of(authority: Authority) -> AuthorityMembershipQuerySet:
    """Who works for the authority today, by role and name."""
    rows = AuthorityMembership.objects.filter(live_now(), authority=authority)
    return rows.select_related("user", "delegated_from__user").order_by("role", "user__full_name", "pk")


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query; the record keeps ids, so that a person's name can be erased."""
    return {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=set(ids))}


def person_by_address(email: str) -> User | None:
    """Who signs in with this address, whatever its capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()
