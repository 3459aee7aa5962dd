"""What ends with a project: what it asked for, what it was granted, what it may use."""

from __future__ import annotations

import pytest

from portal.core.errors import Conflict, Refused
from resources.models import Grant, Quota, QuotaRequest
from resources.services.decisions import approve_request
from resources.services.departures import effects_of
from resources.services.requests import draft_request
from resources.services.wishes import Wish
from tenants.errors import NotOpen
from tenants.services.projects import end_project, revise_project
from tests.factories.resources import make_pool, make_request, make_share, period
from tests.factories.tenants import make_member, make_project, make_staff

pytestmark = pytest.mark.django_db
FACTS_OF_NONE = {"name": "", "stage": "training", "data_class": "internal", "purpose": "", "ends_on": None}


def test_end_project_ends_what_it_asked_for_and_was_granted():
    project = make_project()
    tenant = project.tenant
    manager, pool = make_member(tenant, "project_manager"), make_pool(100)
    share = make_share(pool, tenant.authority)
    approver = make_staff(tenant.authority, "quota_approver")
    approve_request(acting_user=approver, request=make_request(project, pool, manager, 8))
    make_request(project, pool, manager, 4)
    other = make_project(tenant)
    approve_request(acting_user=approver, request=make_request(other, pool, manager, 2))
    said = {each.key: each.count for each in effects_of(project) if each.when == "begin"}
    end_project(acting_user=manager, project=project, reason="The paper is out.")
    assert said == {"quotas": 1, "requests": 1, "grants": 1, "environments": 1}
    assert list(Grant.objects.order_by("pk").values_list("state", flat=True)) == ["revoked", "active"]
    assert QuotaRequest.objects.filter(project=project).latest("pk").state == "withdrawn"
    assert set(Quota.objects.values_list("environment__project", "wanted")) == {(project.pk, 0), (other.pk, 2)}
    assert share.pool_id == pool.pk
    project.refresh_from_db()
    with pytest.raises(Conflict, match="has ended"):
        revise_project(acting_user=manager, project=project, **{**FACTS_OF_NONE, "name": "Again"})
    with pytest.raises(NotOpen):
        draft_request(acting_user=manager, project=project, purpose="x", wishes=[Wish(pool, 1, *period(0, 30))])


def test_end_project_needs_a_reason():
    project = make_project()
    with pytest.raises(Refused):
        end_project(acting_user=make_member(project.tenant, "owner"), project=project, reason=" ")
