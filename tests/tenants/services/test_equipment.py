"""What a tenant is given by its kind when it is admitted."""

from __future__ import annotations

import pytest

from portal.core.errors import Conflict, Refused
from tenants.models import CaseMember, KindDefaults, Membership, Project, Recertification, Tenant
from tenants.queries.defaults import months_later
from tenants.services.admission import approve_case
from tenants.services.equipment import set_defaults
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff

pytestmark = pytest.mark.django_db
FIRST = {"name": "First steps", "stage": "training"}


@pytest.fixture
def office():
    return make_authority()


@pytest.fixture
def officer(office):
    return make_staff(office)


def give(officer, office, kind="academia", **facts):
    return set_defaults(acting_user=officer, authority=office, kind=kind, facts=facts, reason="Agreed")


def admitted(officer, office, **facts):
    case = make_case("in_review", authority=office, **facts)
    writer = make_user()
    CaseMember.objects.create(case=case, user=writer)
    approve_case(acting_user=officer, case=case)
    return Tenant.objects.get(case=case), writer


def test_tenant_is_given_what_its_kind_has(officer, office):
    give(officer, office, recertify_months=6, writers_role="project_manager", projects=[FIRST], residency=["LU"])
    tenant, writer = admitted(officer, office, residency=[])
    look = Recertification.objects.get()
    assert look.due_on == months_later(tenant.created_at.date(), 6)
    assert Membership.objects.get(user=writer).role == "project_manager"
    project = Project.objects.get()
    assert (project.name, project.stage, project.data_class) == ("First steps", "training", tenant.data_class)
    assert tenant.residency == ["LU"]


def test_residency_of_the_case_comes_first(officer, office):
    give(officer, office, residency=["LU"])
    assert admitted(officer, office, residency=["FR"])[0].residency == ["FR"]


def test_without_defaults_a_tenant_gets_a_day_and_nothing_else(officer, office):
    _tenant, writer = admitted(officer, office)
    assert (Project.objects.count(), Membership.objects.filter(user=writer).count()) == (0, 0)
    assert Recertification.objects.count() == 1


def test_class_above_the_ceiling_is_not_admitted(officer, office):
    give(officer, office, highest_class="public")
    with pytest.raises(Refused, match="admits “University or research” for data up to “Public”"):
        admitted(officer, office, data_class="internal")
    assert not Tenant.objects.exists()


def test_versions_are_kept_and_other_kinds_left_alone(officer, office):
    give(officer, office, recertify_months=6)
    give(officer, office, recertify_months=12)
    assert list(KindDefaults.objects.order_by("version").values_list("version", "recertify_months")) == [
        (1, 6),
        (2, 12),
    ]
    tenant, _writer = admitted(officer, office, kind="startup", data_class="public")
    assert Recertification.objects.get().due_on == months_later(tenant.created_at.date(), 24)


def test_same_again_is_told(officer, office):
    give(officer, office, recertify_months=6)
    with pytest.raises(Conflict):
        give(officer, office, recertify_months=6)


@pytest.mark.parametrize(
    "facts",
    [
        {"recertify_months": 0},
        {"recertify_months": 121},
        {"highest_class": "secret"},
        {"writers_role": "owner"},
        {"projects": [FIRST, {"name": "first  steps", "stage": "training"}]},
        {"projects": [{"name": "", "stage": "training"}]},
        {"projects": [{"name": "A", "stage": "flying"}]},
        {"projects": [{"name": f"P{n}", "stage": "training"} for n in range(6)]},
    ],
)
def test_wrong_defaults_are_refused(officer, office, facts):
    with pytest.raises(Refused):
        give(officer, office, **facts)
