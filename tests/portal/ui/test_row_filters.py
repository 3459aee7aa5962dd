"""What a filter by rows offers is what its person may see, whoever asked before them."""

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.ui.row_filters import MOST_OPTIONS, offered
from resources.models import Cluster, GPUKind
from tenants.models import Tenant
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def seen(rows, person):
    found = rows.objects.visible_to(person).order_by("name")
    return [(row.slug, str(row)) for row in found[: MOST_OPTIONS + 1]]


def test_everybody_is_offered_their_own_rows_by_one_question(django_assert_num_queries):
    authority = make_authority()
    ours, theirs = make_tenant(authority=authority, name="مختبر"), make_tenant()
    people = [
        make_staff(authority, "quota_approver"), make_member(ours, "member"), make_member(theirs, "owner"), make_user(),
        make_user(is_platform_admin=True),
    ]  # fmt: skip
    for rows in (Tenant, Cluster, GPUKind):
        for person in people:
            with django_assert_num_queries(1):
                found = offered(rows, person)
            assert found == seen(rows, person)
    assert [offered(Tenant, person) for person in people[1:4]] == [
        [(ours.slug, str(ours))], [(theirs.slug, str(theirs))], []
    ]  # fmt: skip


def test_nobody_and_who_may_no_longer_sign_in_are_offered_nothing(django_assert_num_queries):
    gone = make_member(make_tenant(), "owner")
    gone.is_active = False
    with django_assert_num_queries(0):
        assert (offered(Tenant, gone), offered(Tenant, AnonymousUser())) == ([], [])


def test_one_more_is_known_than_is_listed():
    authority = make_authority()
    for _ in range(MOST_OPTIONS + 3):
        make_tenant(authority=authority)
    assert len(offered(Tenant, make_staff(authority, "quota_approver"))) == MOST_OPTIONS + 1
