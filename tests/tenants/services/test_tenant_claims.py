"""A tenant's owner lets its own identity provider give roles: no other provider, no other tenant, never an owner."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.core.access import live_now, may
from portal.core.errors import Conflict, Refused
from portal.core.isolation import scope
from portal.models import AuditEvent
from portal.settings.env import Provider
from tenants.models import Membership, Tenant, TenantClaim
from tenants.services.claims import apply_claims, dry_run
from tenants.services.memberships import end_role
from tenants.services.tenant_claims import end_tenant_claim, map_tenant_claim
from tenants.services.tenants import suspend_tenant
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
IN, OUT = {"groups": ["gpu-users", "staff"]}, {"groups": ["staff"]}


@pytest.fixture
def campus(settings):
    """A tenant whose identity provider is its own, another's provider beside it, and an owner of each."""
    tenant, other = make_tenant(), make_tenant()
    settings.OIDC_PROVIDERS = [
        Provider("campus", "Campus", "https://id.example", "portal", "x", (), "https://id.example", (tenant.slug,)),
        Provider("elsewhere", "Elsewhere", "https://e.example", "portal", "x", (), "https://e.example", (other.slug,)),
    ]
    owner = make_member(tenant, "owner")
    mapping = map_tenant_claim(
        acting_user=owner, tenant=tenant, provider="campus", claim="groups", value="gpu-users", role="member"
    )
    return SimpleNamespace(tenant=tenant, other=other, owner=owner, mapping=mapping, user=make_user())


def roles(user):
    return list(Membership.objects.filter(live_now(), user=user).values_list("tenant", "role"))


def known(user, claims, provider="campus"):
    SocialAccount.objects.create(user=user, provider=provider, uid=str(user.pk), extra_data={"id_token": claims})


def test_a_claim_gives_the_role_for_a_time_and_its_absence_ends_it(campus):
    apply_claims(campus.user, "campus", IN)
    assert roles(campus.user) == [(campus.tenant.pk, "member")]
    assert may(campus.user, "view", campus.tenant)
    assert Membership.objects.get(user=campus.user).valid_until > timezone.now()
    event = AuditEvent.objects.filter(act="membership.given", actor=None).latest("pk")
    assert (event.reason, event.tenant_id) == ("campus: groups = gpu-users", campus.tenant.pk)
    apply_claims(campus.user, "campus", OUT)
    assert roles(campus.user) == []
    assert not may(campus.user, "view", campus.tenant)


def test_another_provider_that_says_the_same_gives_nothing(campus):
    apply_claims(campus.user, "elsewhere", IN)
    assert roles(campus.user) == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"provider": "elsewhere"}, "provider"), ({"provider": "nowhere"}, "provider"), ({"role": "owner"}, "role"),
     ({"role": "auditor"}, "role")],
)  # fmt: skip
def test_what_an_owner_cannot_map(campus, facts, field):
    """A claim of another's provider would bring people in who never heard of the tenant, and tell their names."""
    usual = {"provider": "campus", "claim": "groups", "value": "new", "role": "member"}
    with pytest.raises(Refused) as refused:
        map_tenant_claim(acting_user=campus.owner, tenant=campus.tenant, **usual | facts)
    assert refused.value.field == field
    assert TenantClaim.objects.count() == 1


def test_the_database_takes_no_mapping_that_makes_owners(campus):
    with pytest.raises(IntegrityError), transaction.atomic():
        TenantClaim.objects.update(role="owner")


def test_the_same_twice_is_refused(campus):
    facts = {"provider": "campus", "claim": "groups", "value": " gpu-users ", "role": "member"}
    with pytest.raises(Conflict):
        map_tenant_claim(acting_user=campus.owner, tenant=campus.tenant, **facts)


def test_a_provider_that_no_longer_knows_the_tenant_gives_and_keeps_nothing(campus, settings):
    apply_claims(campus.user, "campus", IN)
    settings.OIDC_PROVIDERS = [Provider("campus", "Campus", "https://id.example", "portal", "x", (), "x", ())]
    apply_claims(campus.user, "campus", IN)
    assert roles(campus.user) == []


@pytest.mark.parametrize("how", ["role over", "account closed", "suspended", "own"])
def test_a_mapping_is_worth_what_its_maker_may_now(campus, how):
    person = campus.user
    if how == "role over":
        make_member(campus.tenant, "owner")
        end_role(acting_user=campus.owner, membership=campus.owner.memberships.get())
    elif how == "account closed":
        type(campus.owner).objects.filter(pk=campus.owner.pk).update(is_active=False)
    elif how == "suspended":
        officer = make_staff(campus.tenant.authority, "onboarding_officer")
        suspend_tenant(acting_user=officer, tenant=campus.tenant, reason="x")
    else:
        person = campus.owner
    plan = apply_claims(person, "campus", IN)
    assert (plan.gives, len(plan.withheld)) == ([], 1)
    assert (campus.tenant.pk, "member") not in roles(person)


def test_a_role_ended_by_hand_is_not_given_back(campus):
    apply_claims(campus.user, "campus", IN)
    end_role(acting_user=campus.owner, membership=Membership.objects.get(user=campus.user))
    apply_claims(campus.user, "campus", IN)
    assert roles(campus.user) == []


def test_ending_the_mapping_ends_what_it_gave_and_leaves_what_was_given_by_hand(campus):
    by_hand = make_member(campus.tenant, "member")
    for user in (campus.user, by_hand):
        apply_claims(user, "campus", IN)
    with scope(campus.owner):  # behind the second wall, as the page does it
        end_tenant_claim(acting_user=campus.owner, mapping=campus.mapping, reason="reorganised")
    assert (roles(campus.user), roles(by_hand)) == ([], [(campus.tenant.pk, "member")])
    with pytest.raises(Conflict):
        end_tenant_claim(acting_user=campus.owner, mapping=campus.mapping)


def test_the_dry_run_of_a_tenant_names_nobody_whom_its_provider_does_not_know(campus):
    stranger, leaving = make_user(), make_user()
    apply_claims(leaving, "campus", IN)
    known(campus.user, IN)
    known(stranger, IN, "elsewhere")
    known(leaving, OUT)
    other_owner = make_member(campus.other, "owner")
    theirs = map_tenant_claim(
        acting_user=other_owner, tenant=campus.other, provider="elsewhere", claim="groups", value="staff", role="member"
    )
    with scope(campus.owner):
        plans = {plan.user: plan for plan in dry_run(tenant=campus.tenant)}
    assert set(plans) == {campus.user, leaving}
    assert plans[campus.user].gives == [campus.mapping]
    assert [given.mapping for given in plans[leaving].ends] == [campus.mapping]
    with scope(other_owner):
        assert [plan.gives for plan in dry_run(tenant=campus.other)] == [[theirs]]


def test_the_pages_show_who_would_get_it_make_the_mapping_and_end_it(client, campus):
    known(campus.user, IN)
    client.force_login(campus.owner)
    here = [campus.tenant.public_id]
    assert reverse("tenant-claims", args=here) in client.get(reverse("tenant-people", args=here)).content.decode()
    body = {"provider": "campus", "claim": "groups", "value": "staff", "role": "project_manager"}
    shown = client.post(reverse("tenant-claim-new", args=here), {**body, "then": "preview"}).content.decode()
    assert campus.user.email in shown
    assert TenantClaim.objects.count() == 1
    made = client.post(reverse("tenant-claim-new", args=here), body)
    assert made["Location"] == reverse("tenant-claims", args=here)
    page = client.get(made["Location"]).content.decode()
    assert "groups = staff" in page
    assert "groups = gpu-users" in page
    assert campus.user.email in client.get(reverse("tenant-claims-dry-run", args=here)).content.decode()
    row = TenantClaim.objects.get(value="staff")
    client.post(reverse("tenant-claim-end", args=[row.public_id]), {"reason": "no longer"})
    row.refresh_from_db()
    assert row.ended_at is not None
    events = AuditEvent.objects.filter(target_id=row.pk, target_type="tenants.TenantClaim").order_by("pk")
    assert [event.act for event in events] == ["claim.mapped", "claim.unmapped"]


def test_a_tenant_without_a_provider_of_its_own_is_told_so(client, campus, settings):
    settings.OIDC_PROVIDERS = []
    client.force_login(campus.owner)
    here = [campus.tenant.public_id]
    assert reverse("tenant-claims", args=here) not in client.get(reverse("tenant-people", args=here)).content.decode()
    page = client.get(reverse("tenant-claim-new", args=here)).content.decode()
    assert "No identity provider of this installation" in page


def test_the_api_maps_tries_and_ends(client, campus):
    known(campus.user, IN)
    client.force_login(campus.owner)
    body = {"tenant": str(campus.tenant.public_id), "provider": "campus", "claim": "groups", "value": "x"}
    url = reverse("api-tenant-claim-list")
    assert client.post(url, {**body, "role": "owner"}, "application/json").status_code == 422
    made = client.post(url, {**body, "role": "member"}, "application/json")
    assert (made.status_code, made.json()["value"]) == (201, "x")
    tried = client.get(reverse("api-tenant-claim-dry-run"), {"tenant": body["tenant"]}).json()
    assert [(row["change"], row["mapping"]) for row in tried] == [("gets", str(campus.mapping.public_id))]
    ended = client.post(reverse("api-tenant-claim-end", args=[made.json()["public_id"]]), {}, "application/json")
    assert ended.json()["ended_at"] is not None


def test_an_administrator_maps_nothing_for_tenants(client, campus):
    client.force_login(make_admin())
    assert client.get(reverse("tenant-claim-new", args=[campus.tenant.public_id])).status_code == 404
    body = {"tenant": str(campus.tenant.public_id), "provider": "campus", "claim": "groups", "value": "x"}
    assert (
        client.post(reverse("api-tenant-claim-list"), {**body, "role": "member"}, "application/json").status_code == 404
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(client, campus, django_assert_num_queries, rows):
    for number in range(rows - 1):
        map_tenant_claim(
            acting_user=campus.owner, tenant=campus.tenant, provider="campus", claim="groups", value=f"v{number}",
            role="member",
        )  # fmt: skip
    client.force_login(campus.owner)
    page = reverse("tenant-claims", args=[campus.tenant.public_id])
    client.get(page)
    assert Tenant.objects.count() == 2
    with django_assert_num_queries(8):
        client.get(page)
