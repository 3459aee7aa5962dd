"""A renewal goes on where the grant ends: no gap, nothing held twice, and less where people decide so."""

from datetime import timedelta

import pytest

from resources.models import Grant, Quota
from resources.queries.capacity import preview
from resources.services.decisions import approve_request
from resources.services.grants import lower_grant
from resources.services.turning import turn_grants
from tenants.models import PolicyRule
from tests.factories.resources import make_renewal, make_request
from tests.factories.tenants import make_policy

DAY = timedelta(days=1)


def granted(house, amount=60, days=40, start_days=-20):
    request = make_request(house.project, house.pool, house.owner, amount=amount, start_days=start_days, days=days)
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.get(line__request=request)


def renewed(house, grant, amount=60, days=90, start_days=20):
    return make_renewal(grant, house.owner, amount, start_days, days)


def approve(house, request, gpus=None):
    amounts = None if gpus is None else {request.lines.get().pk: gpus}
    approve_request(acting_user=house.approver, request=request, amounts=amounts, reason="As measured")
    return Grant.objects.get(line__request=request)


@pytest.fixture
def grant(house):
    make_policy(house.authority, PolicyRule.Key.GRACE_DAYS, 10)
    return granted(house)


def test_a_renewal_takes_the_place_of_the_grant_at_its_end(house, grant):
    after = approve(house, renewed(house, grant))
    assert (after.supersedes, after.state, after.starts_at) == (grant, "scheduled", grant.ends_at)
    assert preview(house.pool, grant.ends_at - DAY, grant.ends_at + 9 * DAY).before == 60  # never 120
    turn_grants(grant.ends_at - timedelta(seconds=1))
    assert Quota.objects.get().wanted == 60
    turn_grants(grant.ends_at)
    grant.refresh_from_db()
    assert (grant.state, Quota.objects.get().wanted) == ("superseded", 60)


def test_an_approver_cuts_it_and_the_old_amount_stays_until_its_end(house, grant):
    approve(house, renewed(house, grant), 24)
    assert Quota.objects.get().wanted == 60
    turn_grants(grant.ends_at)
    assert Quota.objects.get().wanted == 24


def test_a_day_that_begins_before_the_end_holds_nothing_twice(house, grant):
    after = approve(house, renewed(house, grant, start_days=19, days=91))
    assert after.starts_at == grant.ends_at


def test_a_renewal_of_a_grant_that_was_lowered_meanwhile_follows_what_is_left(house, grant):
    request = renewed(house, grant, 40)
    rest = lower_grant(acting_user=house.owner, grant=grant, gpus=20, reason="Enough")
    after = approve(house, request)
    assert after.supersedes == rest
    turn_grants(grant.ends_at)
    assert Quota.objects.get().wanted == 40
