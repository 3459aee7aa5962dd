from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent
from tenants.errors import NotOpen
from tenants.models import DataClass, Project
from tenants.services.projects import create_project, revise_project
from tests.factories.people import make_user
from tests.factories.tenants import make_project, make_tenant

pytestmark = pytest.mark.django_db


def open_project(tenant, **facts: object):
    facts = {"name": "Rivers", "stage": "training", "data_class": "internal", **facts}
    return create_project(acting_user=make_user(), tenant=tenant, **facts)


def revise(project, **facts: object):
    now = {name: getattr(project, name) for name in ("name", "stage", "data_class", "purpose", "ends_on")}
    return revise_project(acting_user=make_user(), project=project, **{**now, **facts})


def test_create_project_carries_tenant_authority_and_a_short_name():
    tenant = make_tenant()
    row = open_project(tenant, purpose="River levels", ends_on=timezone.localdate() + timedelta(days=30))
    assert (row.tenant, row.authority, row.slug) == (tenant, tenant.authority, "rivers")
    assert AuditEvent.objects.get(act="project.created").tenant_id == tenant.pk


@pytest.mark.parametrize("admitted", DataClass.values)
@pytest.mark.parametrize("wanted", DataClass.values)
def test_create_project_takes_data_up_to_what_the_tenant_was_admitted_for(admitted, wanted):
    tenant = make_tenant(data_class=admitted)
    if DataClass.values.index(wanted) <= DataClass.values.index(admitted):
        assert open_project(tenant, data_class=wanted).data_class == wanted
    else:
        with pytest.raises(Refused) as refusal:
            open_project(tenant, data_class=wanted)
        assert refusal.value.field == "data_class"


def test_create_project_of_a_suspended_tenant_is_refused():
    with pytest.raises(NotOpen):
        open_project(make_tenant(state="suspended"))


def test_create_project_that_ends_today_is_refused():
    with pytest.raises(Refused) as refusal:
        open_project(make_tenant(), ends_on=timezone.localdate())
    assert refusal.value.field == "ends_on"


def test_create_project_with_a_name_taken_in_the_tenant_is_refused_and_elsewhere_not():
    tenant = make_tenant()
    open_project(tenant)
    with pytest.raises(Conflict) as refusal:
        open_project(tenant)
    assert refusal.value.field == "name"
    assert open_project(make_tenant()).name == "Rivers"


def test_revise_project_writes_down_only_what_changed():
    project = make_project(name="Rivers", stage="training")
    revise(project, stage="inference")
    event = AuditEvent.objects.get(act="project.changed")
    assert (event.before, event.after) == ({"stage": "training"}, {"stage": "inference"})
    assert Project.objects.get(pk=project.pk).stage == "inference"


def test_revise_project_with_nothing_new_leaves_no_trace():
    project = make_project()
    revise(project)
    assert not AuditEvent.objects.filter(act="project.changed").exists()


def test_revise_project_keeps_an_end_that_has_passed_meanwhile():
    project = make_project(ends_on=timezone.localdate() - timedelta(days=3))
    assert revise(project, name="Rivers and lakes").name == "Rivers and lakes"


def test_revise_project_to_a_name_taken_is_refused():
    project = make_project(name="Rivers")
    make_project(project.tenant, name="Lakes", slug="lakes")
    with pytest.raises(Conflict):
        revise(project, name="Lakes")
