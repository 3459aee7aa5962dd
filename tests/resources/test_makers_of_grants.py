"""The history of a grant names who put it in the place of an older one, and the portal only where it was the portal."""

from __future__ import annotations

import pytest

from resources.models import Grant
from resources.queries.grant_history import history_of_grant
from resources.services.decisions import approve_request
from resources.services.grant_changes import release_grant, transfer_grant
from resources.services.grants import lower_grant, revoke_grant
from tests.factories.resources import make_renewal, make_request
from tests.factories.tenants import make_project


@pytest.fixture
def grant(house):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 10))
    return Grant.objects.get()


def makers(grant):
    return [entry.who for entry in history_of_grant(grant) if str(entry.what) == "made this grant"]


def test_who_moved_it_to_another_project_is_named(house, grant):
    moved = transfer_grant(acting_user=house.owner, grant=grant, project=make_project(house.tenant), gpus=4)
    left = Grant.objects.get(supersedes=grant, amount=6)
    assert makers(moved) == makers(left) == [house.owner.get_full_name()]


def test_who_moved_all_of_it_is_named(house, grant):
    moved = transfer_grant(acting_user=house.owner, grant=grant, project=make_project(house.tenant), gpus=10)
    assert makers(moved) == [house.owner.get_full_name()]


def test_who_gave_back_or_took_back_is_named(house, grant):
    left = release_grant(acting_user=house.owner, grant=grant, gpus=3)
    assert makers(left) == [house.owner.get_full_name()]
    less = lower_grant(acting_user=house.approver, grant=left, gpus=2, reason="Idle")
    assert makers(less) == [house.approver.get_full_name()]


def test_what_the_portal_lowers_is_the_portals(house, grant):
    assert makers(lower_grant(acting_user=None, grant=grant, gpus=2, reason="Idle")) == ["The portal"]


def test_an_extension_comes_from_its_decision_whatever_becomes_of_the_grant_before(house, grant):
    request = make_renewal(grant, house.owner, 10)
    approve_request(acting_user=house.approver, request=request)
    after = Grant.objects.get(line__request=request)
    revoke_grant(acting_user=house.second, grant=Grant.objects.get(pk=grant.pk), reason="Misuse")
    assert makers(after) == ["The portal"]


def test_a_grant_of_a_decision_has_no_maker(house, grant):
    assert makers(grant) == []
