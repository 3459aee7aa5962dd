from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from portal.core import isolation
from portal.core.isolation import Face, Nested, OutsideScope, as_worker, current, entered, for_tenant, scope
from portal.ui.middleware import is_tenants_door
from resources.models import Quota, QuotaRequest, RequestLine
from resources.services.decisions import approve_request
from tenants.models import CaseMember, OnboardingCase, Project, Tenant
from tenants.services.onboarding import draft_case
from tenants.views.deciding import DecideCase
from tenants.views.projects import EditProject, NewProject
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_draft, make_operator, make_provider, make_request
from tests.factories.tenants import (
    case_facts,
    make_authority,
    make_case,
    make_member,
    make_project,
    make_staff,
    make_tenant,
)
from tests.resources.conftest import make_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def required(settings):
    """As in the product: a query outside every scope raises."""
    settings.ISOLATION_REQUIRED = True


def now_is() -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user::text, coalesce(current_setting('app.tenant_ids', true), ''), "
            "coalesce(current_setting('app.case_ids', true), '')"
        )
        return cursor.fetchone()


def sent(house) -> QuotaRequest:
    return make_request(house.project, house.pool, house.owner)


def draft(house) -> QuotaRequest:
    return make_draft(house.project, house.pool, house.owner)


def test_query_to_a_tenants_table_outside_a_scope_raises(required):
    with pytest.raises(OutsideScope, match="tenants_tenant"):
        Tenant.objects.count()


def test_owner_of_one_tenant_sees_that_one():
    mine, other = make_tenant(), make_tenant()
    owner = make_member(mine, "owner")
    make_project(mine), make_project(other)
    with scope(owner):
        assert list(Tenant.objects.all()) == [mine]
        assert set(Project.objects.values_list("tenant_id", flat=True)) == {mine.pk}


def test_nothing_foreign_is_changed_or_made():
    mine, other = make_tenant(), make_tenant()
    foreign = make_project(other)
    with scope(make_member(mine, "owner")):
        assert Project.objects.filter(pk=foreign.pk).update(name="taken") == 0
        assert Project.objects.filter(pk=foreign.pk).delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            make_project(other)


def test_membership_that_has_ended_opens_nothing(django_capture_on_commit_callbacks):
    tenant = make_tenant()
    member = make_member(tenant)
    tenant.memberships.update(valid_until="2026-01-02T00:00Z", valid_from="2026-01-01T00:00Z")
    with scope(member):
        assert not Tenant.objects.exists()


@pytest.mark.parametrize("who", [None, "stranger", "inactive"])
def test_nobody_sees_nothing(who):
    tenant = make_tenant()
    user = None if who is None else make_user() if who == "stranger" else make_member(tenant)
    if who == "inactive":
        user.is_active = False
    with scope(user):
        assert not Tenant.objects.exists()


@pytest.mark.parametrize("kind", ["officer", "operator", "admin"])
def test_staff_act_as_officers_who_read_all(kind):
    make_tenant(), make_tenant()
    person = {
        "officer": lambda: make_staff(make_authority()), "operator": lambda: make_operator(make_provider(), make_user()),
        "admin": make_admin,
    }[kind]()  # fmt: skip
    with scope(person) as found:
        assert found.face is Face.OFFICER
        assert Tenant.objects.count() == 2


def test_applicant_sees_the_case_they_write_and_may_begin_another():
    mine = make_case("draft", applicant := make_user())
    make_case("draft")
    with scope(applicant):
        assert list(OnboardingCase.objects.all()) == [mine]
        begun = draft_case(acting_user=applicant, authority=mine.authority, facts=case_facts())
        assert set(OnboardingCase.objects.all()) == {mine, begun}
        assert CaseMember.objects.filter(user=applicant).count() == 2


def test_scope_puts_back_what_was_there():
    mine = make_tenant()
    owner = make_member(mine, "owner")
    before = now_is()
    with scope(owner):
        inside = now_is()
        assert inside == ("portal_tenant", str(mine.pk), "")
        with as_worker():
            assert now_is()[0] == "portal_worker"
        assert now_is() == inside
    assert now_is() == before
    assert current.get() is None


@pytest.mark.parametrize("table", ["portal_audithead", "portal_auditcheckpoint"])
def test_no_tenants_person_reads_how_much_others_record(table):
    """Heads name every tenant and count what each has recorded."""
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    with scope(owner), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"SELECT count(*) FROM {table}")


def test_another_persons_scope_does_not_open_inside():
    with scope(make_user()), pytest.raises(Nested), scope(make_user()):
        pass


def test_scope_opened_in_a_savepoint_that_fails_is_over():
    owner = make_member(make_tenant(), "owner")
    before = now_is()
    with pytest.raises(DatabaseError), transaction.atomic(), scope(owner), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert now_is() == before


def test_worker_handles_one_tenant_then_another_then_none(required):
    with as_worker():
        first, second = make_tenant(), make_tenant()
        make_project(first), make_project(second)
    for tenant in (first, second):
        with for_tenant(tenant.pk):
            assert set(Project.objects.values_list("tenant_id", flat=True)) == {tenant.pk}
    with pytest.raises(OutsideScope):
        Project.objects.count()


def test_a_thread_inherits_no_scope():
    seen = []
    with scope(make_member(make_tenant(), "owner")):
        thread = threading.Thread(target=lambda: seen.append(current.get()))
        thread.start()
        thread.join()
    assert seen == [None]


@pytest.mark.django_db(transaction=True)
class TestRealTransactions:
    def test_statement_without_a_transaction_leaves_nothing_on_the_connection(self, required):
        with as_worker():
            mine = make_tenant()
            owner = make_member(mine, "owner")
        with scope(owner):
            assert [tenant.pk for tenant in Tenant.objects.all()] == [mine.pk]
            assert [tenant.pk for tenant in Tenant.objects.all().iterator(chunk_size=1)] == [mine.pk]
        assert now_is() == (connection.settings_dict["USER"], "", "")

    def test_each_transaction_inside_takes_on_the_scope(self, required):
        with as_worker():
            mine, _other = make_tenant(), make_tenant()
            owner = make_member(mine, "owner")
        with scope(owner):
            for _ in range(2):
                with transaction.atomic():
                    with transaction.atomic():
                        assert Tenant.objects.count() == 1
                    assert now_is()[0] == "portal_tenant"
        assert now_is()[1:] == ("", "")

    def test_keys_refuse_another_tenants_row(self):
        with as_worker():
            mine, other = (draft(make_house()) for _each in range(2))  # sent lines are kept by a guard of their own
            line = RequestLine.objects.filter(request=mine).first()
        with pytest.raises(IntegrityError, match="wall_requestline_request_id"), as_worker(), transaction.atomic():
            RequestLine.objects.filter(pk=line.pk).update(request=other)


def test_what_an_officer_decides_is_written_in_the_officers_role():
    house = make_house()
    request = sent(house)
    with scope(house.approver) as found:
        assert found.face is Face.OFFICER
        approve_request(acting_user=house.approver, request=request, reason="Within the plan")
    assert QuotaRequest.objects.get(pk=request.pk).state == "approved"
    assert Quota.objects.filter(tenant=request.tenant).exists()


def test_the_door_says_as_whom_somebody_acts_who_is_both():
    assert is_tenants_door(NewProject.as_view(), "POST")
    assert is_tenants_door(EditProject.as_view(), "POST")
    assert not is_tenants_door(DecideCase.as_view(), "POST")


def test_officer_who_belongs_to_a_tenant_writes_there_as_its_person(client):
    tenant = make_tenant()
    both = make_member(tenant, "owner")
    make_staff(make_authority(), user=both)
    client.force_login(both)
    answer = client.post(
        f"/tenants/{tenant.public_id}/projects/new/",
        {"name": "Blades", "stage": "training", "data_class": "internal", "purpose": "Wear of blades."},
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert Project.objects.filter(tenant=tenant, name="Blades").exists()


def test_the_scopes_own_statements_are_not_a_pages_queries(django_assert_num_queries):
    owner = make_member(make_tenant(), "owner")
    with django_assert_num_queries(1), scope(owner):
        list(Tenant.objects.all())


def test_a_sum_is_told_across_the_wall_and_no_row():
    with connection.cursor() as cursor, entered(isolation.NOBODY):
        cursor.execute("SELECT * FROM app.pool_steps(0, now(), now())")
        assert [each.name for each in cursor.description] == ["share", "moment", "change"]


@pytest.mark.django_db(transaction=True)
def test_login_that_owns_the_tables_is_not_served(required):
    with pytest.raises(ImproperlyConfigured, match=r"owns the tables.*db_roles"):
        isolation.check_login()
