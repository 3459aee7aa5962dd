from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from portal.core import access
from portal.core.access import among, fetch, holds, may, powers, set_grants
from portal.core.errors import Forbidden, NotFound
from tenants.models import Authority, Membership, OnboardingCase, Project, Tenant, TenantUserPermission
from tenants.roles import TENANT_GRANTS
from tests.portal.core.ground import make_authority, make_member, make_person, make_staff, make_tenant

pytestmark = pytest.mark.django_db
OWNER = set(TENANT_GRANTS["owner"])


@pytest.fixture
def tenant():
    return make_tenant()


def seen(user, verb="view"):
    return set(Tenant.objects.visible_to(user, verb))


def make_project(tenant, slug="p"):
    return Project.objects.create(
        tenant=tenant, authority=tenant.authority, name=slug, slug=slug, stage="training", data_class="public"
    )


def test_visible_to_a_member_is_their_tenant_alone(tenant):
    make_tenant(tenant.authority)
    assert seen(make_member(tenant, "member")) == {tenant}


def test_visible_to_staff_is_every_tenant_of_the_authority_and_no_other(tenant):
    sister = make_tenant(tenant.authority)
    make_tenant()
    assert seen(make_staff(tenant.authority, "auditor")) == {tenant, sister}


@pytest.mark.parametrize("person", ["stranger", "anonymous", "platform admin"])
def test_visible_to_people_without_a_role_is_nothing(tenant, person):
    users = {
        "stranger": make_person,
        "anonymous": AnonymousUser,
        "platform admin": lambda: make_person(is_platform_admin=True),
    }
    assert seen(users[person]()) == set()


def test_visible_to_each_verb_follows_the_role(tenant):
    member, manager, owner = (make_member(tenant, role) for role in ("member", "project_manager", "owner"))
    may_do = {
        verb: [bool(seen(user, verb)) for user in (member, manager, owner)]
        for verb in ("view", "manage_projects", "request", "manage_members", "audit")
    }
    assert may_do == {
        "view": [True, True, True],
        "manage_projects": [False, True, True],
        "request": [False, True, True],
        "manage_members": [False, False, True],
        "audit": [False, False, True],
    }


def test_visible_to_with_an_unknown_verb_raises(tenant):
    with pytest.raises(LookupError, match="no scope that knows the verb 'veiw'"):
        Tenant.objects.visible_to(make_member(tenant), "veiw")
    with pytest.raises(LookupError):
        Tenant.objects.visible_to(AnonymousUser(), "veiw")


def test_visible_to_two_ways_at_once_gives_each_row_once(tenant):
    """Officer of the authority and owner of the tenant: two scopes, one row."""
    user = make_staff(tenant.authority, "auditor")
    make_member(tenant, "owner", user)
    assert list(Tenant.objects.visible_to(user)) == [tenant]


def test_visible_to_along_many_rows_gives_each_row_once(tenant):
    """The authority of three tenants one belongs to is one authority."""
    user = make_member(tenant)
    for _ in range(2):
        make_member(make_tenant(tenant.authority), user=user)
    assert list(Authority.objects.visible_to(user)) == [tenant.authority]
    assert Authority.objects.visible_to(user).count() == 1


def test_visible_to_along_many_rows_answers_each_person_for_themselves_and_as_it_is_now(tenant):
    """The question is written once; who asks and when is put in each time."""
    other = make_tenant()
    here, there = make_member(tenant), make_member(other)
    for _ in range(2):
        assert list(Authority.objects.visible_to(here)) == [tenant.authority]
        assert list(Authority.objects.visible_to(there)) == [other.authority]
    Membership.objects.filter(user=here).update(valid_until=timezone.now())
    assert list(Authority.objects.visible_to(here)) == []
    assert list(Authority.objects.visible_to(there)) == [other.authority]


def test_visible_to_costs_one_query(tenant, django_assert_num_queries):
    user = make_member(tenant)
    with django_assert_num_queries(1):
        list(Tenant.objects.visible_to(user))


# The truth is the membership; the grant is its projection. One without the other opens nothing.


def test_a_grant_without_a_membership_opens_nothing(tenant):
    user = make_person()
    set_grants(tenant, user, OWNER)
    assert seen(user) == set()


def test_a_membership_without_a_grant_opens_nothing(tenant):
    user = make_person()
    Membership.objects.create(user=user, tenant=tenant, authority=tenant.authority, role="owner")
    assert seen(user) == set()


@pytest.mark.parametrize(("from_days", "until_days", "open_"), [(-2, -1, False), (1, 2, False), (-1, 1, True)])
def test_a_membership_counts_only_while_it_lasts(tenant, from_days, until_days, open_):
    """The grant is still there: guardian knows no end dates, and a sweep may be late."""
    now = timezone.now()
    user = make_member(tenant, valid_from=now + timedelta(days=from_days), valid_until=now + timedelta(days=until_days))
    assert bool(seen(user)) is open_
    assert may(user, "view", tenant) is open_
    assert holds(user, "tenants.Tenant", "view_tenant") is open_
    assert bool(powers(user)) is open_


# The traps of guardian, each of which has let somebody in somewhere.


def test_trap_grants_of_a_deleted_row_do_not_pass_to_one_that_reuses_its_key(tenant):
    """Generic permission rows outlive their object; direct foreign keys go with it."""
    user = make_person()
    set_grants(tenant, user, OWNER)
    pk = tenant.pk
    Tenant.objects.filter(pk=pk).delete()
    assert not TenantUserPermission.objects.filter(user=user).exists()
    make_tenant(pk=pk)
    assert seen(user) == set()


def test_trap_there_are_no_generic_object_permissions(tenant):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM guardian_userobjectpermission")
        assert cursor.fetchone() == (0,)
    make_member(tenant)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM guardian_userobjectpermission")
        assert cursor.fetchone() == (0,)


def test_trap_a_permission_on_the_model_lists_no_objects(tenant):
    """With django's model-wide permission, guardian's shortcut lists every object."""
    user = make_member(make_tenant())
    permission = access.Permission.objects.get(codename="view_tenant")
    user.user_permissions.add(permission)
    assert tenant not in seen(user)


def test_trap_an_inactive_person_lists_nothing(tenant):
    user = make_member(tenant)
    user.is_active = False
    user.save()
    assert seen(user) == set()
    assert not may(user, "view", tenant)
    assert not holds(user, "tenants.Tenant", "view_tenant")
    assert powers(user) == frozenset()


def test_trap_a_superuser_flag_opens_nothing(tenant):
    assert seen(make_person(is_superuser=True, is_staff=True)) == set()


def test_trap_a_revoked_right_is_gone_at_the_next_question(tenant):
    user = make_member(tenant)
    assert may(user, "manage_members", tenant)
    set_grants(tenant, user, {"view_tenant"})
    assert not may(user, "manage_members", tenant)
    assert seen(user) == {tenant}
    set_grants(tenant, user, set())
    assert seen(user) == set()


def test_trap_nobody_is_asked_about_without_an_error(tenant):
    """Guardian raises on AnonymousUser when it has no anonymous row; here nobody simply sees nothing."""
    nobody = AnonymousUser()
    assert not may(nobody, "view", tenant)
    assert not holds(nobody, "tenants.Tenant", "view_tenant")
    assert powers(nobody) == frozenset()


# fetch: fetching is checking.


def test_fetch_of_an_unseen_row_is_not_found(tenant):
    with pytest.raises(NotFound):
        fetch(Tenant.objects, make_person(), public_id=tenant.public_id)


def test_fetch_of_an_absent_row_is_the_same_answer(tenant):
    with pytest.raises(NotFound) as absent:
        fetch(Tenant.objects, make_member(tenant), pk=0)
    with pytest.raises(NotFound) as foreign:
        fetch(Tenant.objects, make_person(), pk=tenant.pk)
    assert str(absent.value) == str(foreign.value)
    assert absent.value.facts == foreign.value.facts == {}


def test_fetch_for_a_verb_that_is_not_theirs_is_forbidden(tenant):
    member = make_member(tenant, "member")
    with pytest.raises(Forbidden):
        fetch(Tenant.objects, member, "manage_members", pk=tenant.pk)
    assert fetch(Tenant.objects, member, pk=tenant.pk) == tenant


def test_fetch_of_an_unseen_row_for_a_strong_verb_stays_not_found(tenant):
    with pytest.raises(NotFound):
        fetch(Tenant.objects, make_person(), "manage_members", pk=tenant.pk)


def test_fetch_with_an_unknown_verb_raises_even_for_a_visible_row(tenant):
    with pytest.raises(LookupError):
        fetch(Tenant.objects, make_member(tenant), "veiw", pk=tenant.pk)


def test_fetch_from_a_narrowed_queryset_stays_within_it(tenant):
    with pytest.raises(NotFound):
        fetch(Tenant.objects.filter(state="closed"), make_member(tenant), pk=tenant.pk)


# Scopes that narrow.


def test_a_draft_application_is_seen_by_its_people_and_not_by_the_office():
    authority, applicant = make_authority(), make_person()
    case = OnboardingCase.objects.create(
        authority=authority, reference="ON-1", organisation="Acme", kind="industry", country="LU", legal_id="1",
        data_class="public", contact_email="a@example.org", purpose="x",
    )  # fmt: skip
    case.members.create(user=applicant)
    officer = make_staff(authority, "onboarding_officer")
    assert set(OnboardingCase.objects.visible_to(applicant)) == {case}
    assert set(OnboardingCase.objects.visible_to(officer)) == set()
    OnboardingCase.objects.update(submitted_at=timezone.now())
    assert set(OnboardingCase.objects.visible_to(officer)) == {case}
    assert set(OnboardingCase.objects.visible_to(applicant, "withdraw")) == {case}
    with pytest.raises(Forbidden):
        fetch(OnboardingCase.objects, applicant, "decide", pk=case.pk)
    assert set(OnboardingCase.objects.visible_to(make_staff(make_authority(), "onboarding_officer"))) == set()


def test_projects_are_seen_through_their_tenant_or_its_authority(tenant):
    mine, other = make_project(tenant), make_project(make_tenant(tenant.authority))
    foreign = make_project(make_tenant())
    assert set(Project.objects.visible_to(make_member(tenant, "member"))) == {mine}
    assert set(Project.objects.visible_to(make_staff(tenant.authority, "quota_approver"))) == {mine, other}
    assert foreign not in Project.objects.visible_to(make_staff(tenant.authority, "auditor"))


# set_grants


def test_set_grants_makes_exactly_these(tenant):
    user = make_person()
    for wanted in (OWNER, {"view_tenant"}, {"request_quotas"}, set()):
        set_grants(tenant, user, wanted)
        set_grants(tenant, user, wanted)
        held = TenantUserPermission.objects.filter(user=user, content_object=tenant)
        assert sorted(held.values_list("permission__codename", flat=True)) == sorted(wanted)


def test_set_grants_with_an_unknown_right_raises(tenant):
    with pytest.raises(LookupError, match="approve_quotas"):
        set_grants(tenant, make_person(), {"approve_quotas"})


def test_set_grants_leaves_other_people_and_other_tenants_alone(tenant):
    other, user = make_tenant(), make_person()
    colleague = make_member(tenant)
    set_grants(other, user, OWNER)
    set_grants(tenant, user, OWNER)
    set_grants(tenant, user, set())
    assert TenantUserPermission.objects.filter(user=user, content_object=other).count() == len(OWNER)
    assert TenantUserPermission.objects.filter(user=colleague).count() == len(OWNER)


def test_among_asks_for_its_ids_once_and_keeps_the_first_few_of_an_order(django_assert_num_queries):
    authority = make_authority()
    tenants = [make_tenant(authority) for _ in range(4)]
    newest = Tenant.objects.order_by("-pk")[1:3]
    with django_assert_num_queries(1) as asked:
        found = list(Tenant.objects.filter(among("pk", newest.values("pk"))).order_by("-pk"))
    assert found == [tenants[2], tenants[1]]
    assert "= ANY (ARRAY(SELECT" in asked.captured_queries[0]["sql"]
