from datetime import timedelta
from typing import Any

from django.utils import timezone

from resources.models import Grant, Quota
from resources.queries.capacity import preview
from resources.queries.terms import terms
from resources.services.decisions import approve_request
from resources.services.grants import revoke_grant
from resources.services.turning import turn_grants
from tenants.services.tenants import reactivate_tenant, suspend_tenant
from tests.factories.resources import make_request, period
from tests.factories.tenants import make_staff


def granted(house, amount=20, **facts: Any):
    request = make_request(house.project, house.pool, house.owner, amount=amount, **facts)
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.get(line__request=request)


def first_notice(grant):
    return terms(grant.share.authority_id).moments(grant)[0][1]


def seen(grant):
    grant = Grant.objects.get(pk=grant.pk)
    return grant.state, Quota.objects.get().wanted


def test_grant_turns_with_its_dates_and_the_wish_follows(house):
    grant = granted(house, start_days=5, days=40)
    steps = []
    for moment in (
        grant.starts_at - timedelta(seconds=1),
        grant.starts_at,
        first_notice(grant),
        grant.ends_at - timedelta(seconds=1),
        grant.ends_at,
    ):
        turn_grants(moment)
        steps.append(seen(grant))
    assert steps == [("scheduled", 0), ("active", 20), ("expiring", 20), ("expiring", 20), ("expired", 0)]


def test_turning_late_catches_up_and_twice_does_nothing(house):
    grant = granted(house, start_days=5, days=40)
    assert turn_grants(grant.ends_at + timedelta(days=3)) == 1
    assert seen(grant) == ("expired", 0)
    assert turn_grants(grant.ends_at + timedelta(days=3)) == 0


def test_revoke_lowers_the_wish_and_frees_the_pool(house):
    grant = granted(house)
    revoke_grant(acting_user=house.approver, grant=grant, reason="Misuse")
    assert seen(grant) == ("revoked", 0)
    assert preview(house.pool, *period()).before == 0


def test_suspended_tenant_keeps_its_grants_and_may_use_nothing(house):
    grant = granted(house, days=200)
    officer = make_staff(house.authority, "onboarding_officer")
    suspend_tenant(acting_user=officer, tenant=house.tenant, reason="Audit")
    assert seen(grant) == ("suspended", 0)
    assert preview(house.pool, *period()).before == 20
    reactivate_tenant(acting_user=officer, tenant=house.tenant, reason="Done")
    assert seen(grant) == ("active", 20)


def test_two_grants_of_a_project_add_up(house):
    granted(house, 20)
    granted(house, 15, days=10)
    assert Quota.objects.get().wanted == 35
    turn_grants(timezone.now() + timedelta(days=11))
    assert Quota.objects.get().wanted == 20


def test_suspended_tenant_gets_nothing_even_from_what_is_ending_or_begins(house):
    ending, coming = granted(house, 20, days=200), granted(house, 10, start_days=5, days=40)
    turn_grants(first_notice(ending))
    officer = make_staff(house.authority, "onboarding_officer")
    suspend_tenant(acting_user=officer, tenant=house.tenant, reason="Audit")
    turn_grants(coming.starts_at)
    assert Quota.objects.get().wanted == 0
    reactivate_tenant(acting_user=officer, tenant=house.tenant, reason="Done")
    assert Quota.objects.get().wanted in {20, 30}
