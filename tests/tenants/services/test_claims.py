"""Claims become memberships as far as somebody wrote down, end with the claim, and widen nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import call_command
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from portal.core.access import live_now, may
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent
from portal.settings.env import Provider
from tenants.models import AuthorityMembership, ClaimMapping, MappedMembership
from tenants.services.claims import apply_claims, dry_run, end_mapping, map_claim
from tenants.services.memberships import change_role, end_role
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_staff

pytestmark = pytest.mark.django_db
IN, OUT = {"groups": ["gpu-approvers", "staff"]}, {"groups": ["staff"]}
WORK = Provider("work", "Ministry", "https://id.example", "portal", "a secret", (), "https://id.example")


@pytest.fixture
def ministry():
    """An authority whose approvers are those whom the provider has in a group."""
    authority, admin = make_authority(), make_admin()
    mapping = map_claim(
        acting_user=admin, provider="work", claim="groups", value="gpu-approvers", anchor=authority,
        role="quota_approver",
    )  # fmt: skip
    return SimpleNamespace(authority=authority, admin=admin, mapping=mapping, user=make_user())


def roles(user):
    return list(AuthorityMembership.objects.filter(live_now(), user=user).values_list("role", flat=True))


def long_ago(user, **ago):
    """As if the person had last come through the provider so long ago."""
    back = timedelta(**ago)
    for table, columns in ((AuthorityMembership, ("valid_from", "valid_until")), (MappedMembership, ("lapses_at",))):
        table.objects.filter(user=user).update(**{name: F(name) - back for name in columns})


def test_a_claim_gives_the_role_once_and_its_absence_ends_it(ministry):
    for _each in range(2):
        apply_claims(ministry.user, "work", IN)
        assert roles(ministry.user) == ["quota_approver"]
    assert may(ministry.user, "approve", ministry.authority)
    event = AuditEvent.objects.get(act="membership.given", actor=None)
    assert event.reason == "work: groups = gpu-approvers"
    apply_claims(ministry.user, "work", OUT)
    assert roles(ministry.user) == []
    assert not may(ministry.user, "approve", ministry.authority)
    apply_claims(ministry.user, "work", IN)
    assert roles(ministry.user) == ["quota_approver"]


@pytest.mark.parametrize(
    "claims",
    [{}, OUT, {"groups": "gpu-approvers-2"}, {"groups": ["GPU-APPROVERS"]}, {"groups": {"gpu-approvers": True}},
     {"group": ["gpu-approvers"]}, {"groups": None}],
)  # fmt: skip
def test_anything_else_gives_nothing(ministry, claims):
    apply_claims(ministry.user, "work", claims)
    assert roles(ministry.user) == []


def test_another_provider_that_says_the_same_gives_nothing(ministry):
    apply_claims(ministry.user, "elsewhere", IN)
    assert roles(ministry.user) == []
    apply_claims(ministry.user, "work", IN)
    apply_claims(ministry.user, "elsewhere", {})
    assert roles(ministry.user) == ["quota_approver"]


def test_a_role_given_by_hand_is_left_alone(ministry):
    make_staff(ministry.authority, "quota_approver", ministry.user)
    apply_claims(ministry.user, "work", IN)
    apply_claims(ministry.user, "work", OUT)
    assert roles(ministry.user) == ["quota_approver"]


def test_a_role_ended_by_hand_is_not_given_back_while_the_claim_lasts(ministry):
    apply_claims(ministry.user, "work", IN)
    end_role(acting_user=ministry.admin, membership=AuthorityMembership.objects.get(user=ministry.user))
    plan = apply_claims(ministry.user, "work", IN)
    assert roles(ministry.user) == []
    assert [why for _mapping, why in plan.withheld] == [
        "The role was ended by hand and is not given back while the claim lasts."
    ]


def test_a_role_ends_by_itself_when_the_person_no_longer_comes_through_the_provider(ministry):
    """Whoever left the organisation never signs in there again, and may still know a password here."""
    apply_claims(ministry.user, "work", IN)
    row = AuthorityMembership.objects.get(user=ministry.user)
    assert row.valid_until - timezone.now() > timedelta(days=29)
    long_ago(ministry.user, days=31)
    assert roles(ministry.user) == []
    assert not may(ministry.user, "approve", ministry.authority)
    apply_claims(ministry.user, "work", IN)
    assert roles(ministry.user) == ["quota_approver"]


def test_each_sign_in_prolongs_the_role_once_half_of_its_time_is_over(ministry):
    apply_claims(ministry.user, "work", IN)
    for days, written in ((1, 0), (20, 1)):
        long_ago(ministry.user, days=days)
        apply_claims(ministry.user, "work", IN)
        assert AuditEvent.objects.filter(act="membership.changed", actor=None).count() == written
    row = AuthorityMembership.objects.get(user=ministry.user)
    assert row.valid_until - timezone.now() > timedelta(days=29)


def test_an_end_set_by_hand_is_not_prolonged(ministry):
    apply_claims(ministry.user, "work", IN)
    soon = timezone.now() + timedelta(days=2)
    change_role(
        acting_user=ministry.admin, membership=AuthorityMembership.objects.get(user=ministry.user), valid_until=soon
    )
    MappedMembership.objects.update(lapses_at=F("lapses_at") - timedelta(days=20))
    apply_claims(ministry.user, "work", IN)
    assert AuthorityMembership.objects.get(user=ministry.user).valid_until == soon


def test_a_role_of_before_there_were_ends_gets_one(ministry):
    apply_claims(ministry.user, "work", IN)
    AuthorityMembership.objects.filter(user=ministry.user).update(valid_until=None)
    MappedMembership.objects.update(lapses_at=None)
    apply_claims(ministry.user, "work", IN)
    assert AuthorityMembership.objects.get(user=ministry.user).valid_until is not None


def test_nobody_gets_a_role_by_a_mapping_of_their_own(ministry):
    apply_claims(ministry.admin, "work", IN)
    assert roles(ministry.admin) == []


def test_ending_a_mapping_ends_what_it_gave(ministry):
    apply_claims(ministry.user, "work", IN)
    end_mapping(acting_user=ministry.admin, mapping=ministry.mapping, reason="reorganised")
    assert roles(ministry.user) == []
    apply_claims(ministry.user, "work", IN)
    assert roles(ministry.user) == []
    with pytest.raises(Conflict):
        end_mapping(acting_user=ministry.admin, mapping=ministry.mapping)


def test_a_mapping_twice_or_to_no_role_is_refused(ministry):
    facts = {"acting_user": ministry.admin, "provider": "work", "claim": "groups", "anchor": ministry.authority}
    with pytest.raises(Conflict):
        map_claim(**facts, value="gpu-approvers", role="quota_approver")
    with pytest.raises(Refused):
        map_claim(**facts, value="x", role="emperor")


def test_a_claim_within_a_claim_is_found(ministry):
    map_claim(
        acting_user=ministry.admin, provider="work", claim="realm_access.roles", value="audit",
        anchor=ministry.authority, role="auditor",
    )  # fmt: skip
    apply_claims(ministry.user, "work", {"realm_access": {"roles": ["audit"]}})
    assert roles(ministry.user) == ["auditor"]


def test_the_dry_run_says_who_would_get_or_lose_what_and_does_nothing(ministry):
    holder = make_user()
    apply_claims(holder, "work", IN)
    for number, (user, claims) in enumerate(((ministry.user, IN), (holder, OUT), (ministry.admin, IN))):
        SocialAccount.objects.create(user=user, provider="work", uid=str(number), extra_data={"id_token": claims})
    plans = {plan.user: plan for plan in dry_run()}
    assert plans[ministry.user].gives == [ministry.mapping]
    assert [each.mapping for each in plans[holder].ends] == [ministry.mapping]
    assert plans[ministry.admin].withheld[0][0] == ministry.mapping
    said = StringIO()
    call_command("claims_dry_run", stdout=said)
    assert {line.split()[0] for line in said.getvalue().splitlines()} == {"gets", "loses", "withheld"}
    assert (roles(ministry.user), roles(holder)) == ([], ["quota_approver"])


def test_the_page_shows_who_would_get_the_role_before_it_is_made(client, settings, ministry):
    settings.OIDC_PROVIDERS = [WORK]
    SocialAccount.objects.create(user=ministry.user, provider="work", uid="1", extra_data={"id_token": IN})
    client.force_login(ministry.admin)
    place = f"tenants.Authority:{ministry.authority.public_id}:auditor"
    body = {"provider": "work", "claim": "groups", "value": "staff", "place": place}
    shown = client.post(reverse("claim-new"), {**body, "then": "preview"}).content.decode()
    assert ministry.user.email in shown
    assert "would get it" in shown
    assert ClaimMapping.objects.count() == 1
    assert client.post(reverse("claim-new"), body)["Location"] == reverse("claims")
    page = client.get(reverse("claims")).content.decode()
    assert "groups = staff" in page
    assert ">Auditor<" in page
    assert reverse("claims-dry-run") in page
    assert ministry.user.email in client.get(reverse("claims-dry-run")).content.decode()
    row = ClaimMapping.objects.get(value="staff")
    assert "groups = staff" in client.get(reverse("claim-end", args=[row.public_id])).content.decode()
    client.post(reverse("claim-end", args=[row.public_id]), {"reason": "no longer"})
    row.refresh_from_db()
    assert row.ended_at is not None


def test_the_api_maps_ends_and_tries(client, ministry):
    client.force_login(ministry.admin)
    body = {
        "provider": "work", "claim": "groups", "value": "staff", "anchor_label": "tenants.Authority",
        "anchor": str(ministry.authority.public_id), "role": "auditor",
    }  # fmt: skip
    made = client.post(reverse("api-claim-list"), body, content_type="application/json")
    assert (made.status_code, made.json()["anchor_name"]) == (201, ministry.authority.name)
    assert client.get(reverse("api-claim-dry-run")).json() == []
    ended = client.post(reverse("api-claim-end", args=[made.json()["public_id"]]), {}, content_type="application/json")
    assert ended.json()["ended_at"] is not None
    tenants = client.post(reverse("api-claim-list"), {**body, "anchor_label": "tenants.Tenant"}, "application/json")
    assert tenants.status_code == 422
