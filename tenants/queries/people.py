"""People of a tenant, an authority, a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from portal.accounts.reclaiming import is_proven
from portal.core.access import live_now
from portal.models import User
from tenants.models import Authority, AuthorityMembership, Membership, Tenant
from tenants.models.authority import AuthorityMembershipQuerySet
from tenants.models.tenant import MembershipQuerySet
from tenants.roles import TenantRole


def stands_in(user: User, tenant: Tenant, since: datetime | None = None) -> bool:
    """Whether the person belongs to the tenant, in whatever role: today, or at any time since ``since``."""
    return Membership.objects.filter(belonged(since), tenant=tenant, user=user).exists()


def belonged(since: datetime | None = None) -> Q:
    """Memberships in force now or at any time since ``since``: leaving for an hour makes nobody impartial."""
    now = timezone.now()
    return Q(valid_from__lte=now) & (Q(valid_until__isnull=True) | Q(valid_until__gt=since or now))


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
    """Who signs in with this address, whatever its capitals.

    Nobody does while no mail has reached them there: anybody may have typed it.
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    return user if user is not None and is_proven(user) else None


def authorities_of(person: User, now: datetime | None = None) -> models.QuerySet[Authority]:
    """The authorities for which somebody works today."""
    here = AuthorityMembership.objects.filter(live_now(now), user_id=person.pk)
    return Authority.objects.filter(pk__in=here.values("authority"))


def tenants_of(person: User, now: datetime | None = None) -> models.QuerySet[Tenant]:
    """The tenants to which somebody belongs today."""
    here = Membership.objects.filter(live_now(now), user_id=person.pk)
    return Tenant.objects.filter(pk__in=here.values("tenant"))
