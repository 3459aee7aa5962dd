from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from portal.core.access import granted, may, set_grants
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, User
from tenants.errors import FourEyes, LastOne, OwnRights
from tenants.models import AuthorityMembership, Membership, Tenant
from tenants.roles import TENANT_GRANTS, TenantRole
from tenants.services.grants import differences, sweep
from tenants.services.memberships import change_role, end_role, give_role
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import end_silently, make_authority, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def held(anchor, user) -> set[str]:
    label = anchor._meta.label
    return {codename for pk, user_id, codename in granted(label) if (pk, user_id) == (anchor.pk, user.pk)}


def test_give_role_projects_the_union_of_roles():
    tenant, user, owner = make_tenant(), make_user(), make_user()
    make_member(tenant, "owner", owner)
    give_role(acting_user=owner, anchor=tenant, user=user, role="member")
    assert held(tenant, user) == TENANT_GRANTS["member"]
    give_role(acting_user=owner, anchor=tenant, user=user, role="project_manager")
    assert held(tenant, user) == TENANT_GRANTS["member"] | TENANT_GRANTS["project_manager"]


def test_give_role_writes_down_who_and_moves_the_epoch():
    tenant, user, owner = make_tenant(), make_user(), make_user()
    make_member(tenant, "owner", owner)
    row = give_role(acting_user=owner, anchor=tenant, user=user, role="member", reason="joins the team")
    event = AuditEvent.objects.get(act="membership.given", target_id=row.pk, target_type="tenants.Membership")
    assert (event.actor, event.tenant_id, event.authority_id, event.reason) == (
        owner,
        tenant.pk,
        tenant.authority_id,
        "joins the team",
    )
    assert event.after == {"user": user.pk, "role": "member", "valid_until": None}
    assert User.objects.get(pk=user.pk).epoch == user.epoch + 1
    assert row.given_by == owner


def test_give_role_to_oneself_is_refused():
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    with pytest.raises(FourEyes):
        give_role(acting_user=owner, anchor=tenant, user=owner, role="project_manager")


def test_give_role_held_already_is_refused_and_nothing_is_added():
    tenant = make_tenant()
    owner, member = make_member(tenant, "owner"), make_member(tenant, "member")
    with pytest.raises(Conflict):
        give_role(acting_user=owner, anchor=tenant, user=member, role="member")
    assert Membership.objects.filter(user=member).count() == 1


def test_give_role_unknown_there_is_refused():
    with pytest.raises(Refused):
        give_role(acting_user=None, anchor=make_tenant(), user=make_user(), role="quota_approver")


def test_give_role_that_has_ended_already_is_refused():
    with pytest.raises(Refused) as refusal:
        give_role(
            acting_user=None,
            anchor=make_tenant(),
            user=make_user(),
            role="member",
            valid_until=timezone.now() - timedelta(days=1),
        )
    assert refusal.value.field == "valid_until"


def test_give_role_to_a_closed_account_is_refused():
    with pytest.raises(Refused):
        give_role(acting_user=None, anchor=make_tenant(), user=make_user(is_active=False), role="member")


def test_end_role_takes_the_rights_back_at_once():
    tenant = make_tenant()
    owner, member = make_member(tenant, "owner"), make_member(tenant, "member")
    assert may(member, "view", tenant)
    end_role(acting_user=owner, membership=Membership.objects.get(user=member))
    assert held(tenant, member) == set()
    assert not may(member, "view", tenant)
    assert AuditEvent.objects.filter(act="membership.ended", tenant_id=tenant.pk).count() == 1


def test_end_role_twice_is_told():
    tenant = make_tenant()
    owner, member = make_member(tenant, "owner"), make_member(tenant, "member")
    row = Membership.objects.get(user=member)
    end_role(acting_user=owner, membership=row)
    with pytest.raises(Conflict):
        end_role(acting_user=owner, membership=row)


def test_end_role_of_the_last_owner_is_refused():
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    make_member(tenant, "owner", valid_until=timezone.now() + timedelta(days=3))
    with pytest.raises(LastOne) as refusal:
        end_role(acting_user=owner, membership=Membership.objects.get(user=owner))
    assert refusal.value.code == "tenants.last_owner"
    assert held(tenant, owner) == TENANT_GRANTS["owner"]


def test_end_role_of_one_of_two_owners_goes():
    tenant = make_tenant()
    first, second = make_member(tenant, "owner"), make_member(tenant, "owner")
    end_role(acting_user=first, membership=Membership.objects.get(user=first))
    assert held(tenant, first) == set()
    assert held(tenant, second) == TENANT_GRANTS["owner"]


def test_end_role_of_staff_is_written_in_the_authoritys_trail():
    authority, admin = make_authority(), make_user(is_platform_admin=True)
    make_staff(authority, "onboarding_officer")
    officer = make_staff(authority, "onboarding_officer")
    end_role(acting_user=admin, membership=AuthorityMembership.objects.get(user=officer))
    event = AuditEvent.objects.get(act="membership.ended")
    assert (event.tenant_id, event.authority_id, event.before) == (
        None,
        authority.pk,
        {"user": officer.pk, "role": "onboarding_officer"},
    )


def test_ended_membership_lets_nobody_in_even_before_the_sweep():
    tenant = make_tenant()
    member = make_member(tenant, "member")
    end_silently(Membership.objects.get(user=member))
    assert held(tenant, member) == TENANT_GRANTS["member"]
    assert list(Tenant.objects.visible_to(member)) == []


def test_sweep_takes_back_what_ended_and_gives_what_began():
    tenant = make_tenant()
    gone, come = make_member(tenant, "member"), make_user()
    end_silently(Membership.objects.get(user=gone))
    give_role(
        acting_user=None, anchor=tenant, user=come, role="member", valid_from=timezone.now() + timedelta(minutes=5)
    )
    assert held(tenant, come) == set()
    Membership.objects.filter(user=come).update(valid_from=timezone.now() - timedelta(minutes=1))
    assert sweep() == 2
    assert (held(tenant, gone), held(tenant, come)) == (set(), TENANT_GRANTS["member"])
    assert sweep() == 0


def test_rebuild_grants_reports_and_mends(capsys):
    tenant = make_tenant()
    owner, stranger = make_member(tenant, "owner"), make_user()
    set_grants(tenant, owner, {"view_tenant"})
    set_grants(tenant, stranger, {"view_tenant"})
    call_command("rebuild_grants", dry_run=True)
    assert held(tenant, stranger) == {"view_tenant"}
    call_command("rebuild_grants")
    assert (held(tenant, owner), held(tenant, stranger)) == (TENANT_GRANTS["owner"], set())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        f"tenants.Tenant {tenant.pk}, user {owner.pk}: +manage_members +manage_projects +read_audit +request_quotas",
        f"tenants.Tenant {tenant.pk}, user {stranger.pk}: -view_tenant",
        "2 differ",
    ]
    assert lines[-1] == "2 were mended"
    assert list(differences("tenants.Tenant")) == []


class ProjectionTest(TestCase):
    """Whatever roles are given, ended and swept in whatever order: grants are the union of the live roles."""

    @given(
        st.lists(st.tuples(st.sampled_from(["give", "end", "expire"]), st.sampled_from(TenantRole.values)), max_size=8)
    )
    @settings(max_examples=25, deadline=None)
    def test_grants_follow_any_history(self, acts):
        tenant, user = make_tenant(), make_user()
        make_member(tenant, "owner")
        live: set[str] = set()
        for act, role in acts:
            rows = Membership.objects.filter(user=user, role=role, valid_until=None)
            if act == "give" and role not in live:
                give_role(acting_user=None, anchor=tenant, user=user, role=role)
                live.add(role)
            elif act == "end" and role in live:
                end_role(acting_user=user, membership=rows.get())
                live.discard(role)
            elif act == "expire" and role in live:
                end_silently(rows.get())
                live.discard(role)
        sweep()
        wanted: set[str] = set().union(*(TENANT_GRANTS[role] for role in live))
        assert held(tenant, user) == wanted


def test_change_role_moves_its_end_and_its_rights():
    tenant = make_tenant()
    owner, member = make_member(tenant, "owner"), make_member(tenant, "member")
    row = Membership.objects.get(user=member)
    sooner = timezone.now() + timedelta(days=3)
    change_role(acting_user=owner, membership=row, valid_until=sooner, reason="a visit")
    event = AuditEvent.objects.get(act="membership.changed")
    assert (event.reason, event.before["valid_until"], event.after["valid_until"][:10]) == (
        "a visit", None, f"{sooner:%Y-%m-%d}",
    )  # fmt: skip
    assert Membership.objects.get(pk=row.pk).valid_until == sooner
    later = timezone.now() + timedelta(days=1)
    coming = give_role(acting_user=owner, anchor=tenant, user=make_user(), role="member", valid_from=later)
    assert held(tenant, coming.user) == set()
    change_role(acting_user=owner, membership=coming, valid_from=timezone.now(), valid_until=None)
    assert held(tenant, coming.user) == TENANT_GRANTS["member"]


def test_nobody_makes_a_role_of_their_own_last_longer_or_begin_sooner():
    tenant = make_tenant()
    make_member(tenant, "owner")
    ends = timezone.now() + timedelta(days=3)
    guest = make_member(tenant, "owner", valid_until=ends)
    row = Membership.objects.get(user=guest)
    for until in (ends + timedelta(days=1), None):
        with pytest.raises(OwnRights):
            change_role(acting_user=guest, membership=row, valid_until=until)
    change_role(acting_user=guest, membership=row, valid_until=ends - timedelta(days=1))
    begins = timezone.now() + timedelta(days=1)
    coming = Membership.objects.get(user=make_member(tenant, "owner", valid_from=begins))
    with pytest.raises(OwnRights):
        change_role(acting_user=coming.user, membership=coming, valid_from=timezone.now(), valid_until=None)


def test_the_last_owner_cannot_be_given_an_end():
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    with pytest.raises(LastOne) as refusal:
        change_role(
            acting_user=owner, membership=Membership.objects.get(user=owner),
            valid_until=timezone.now() + timedelta(days=3),
        )  # fmt: skip
    assert refusal.value.code == "tenants.last_owner"


def test_the_last_officer_of_an_authority_stays():
    authority, admin = make_authority(), make_admin()
    officer = make_staff(authority)
    row = AuthorityMembership.objects.get(user=officer)
    with pytest.raises(LastOne) as refusal:
        end_role(acting_user=admin, membership=row)
    assert refusal.value.code == "tenants.last_onboarding_officer"
    make_staff(authority)
    end_role(acting_user=officer, membership=row)


def test_a_platform_admin_gives_themselves_nothing_and_another_admin_may():
    authority, admin, other = make_authority(), make_admin(), make_admin()
    with pytest.raises(OwnRights):
        give_role(acting_user=admin, anchor=authority, user=admin, role="quota_approver")
    row = give_role(acting_user=other, anchor=authority, user=admin, role="quota_approver", gpu_limit=64)
    assert (row.given_by, row.gpu_limit) == (other, 64)
    change_role(acting_user=other, membership=row, valid_until=timezone.now() + timedelta(days=1))
    with pytest.raises(OwnRights):
        change_role(acting_user=admin, membership=row, valid_until=timezone.now() + timedelta(days=9))
