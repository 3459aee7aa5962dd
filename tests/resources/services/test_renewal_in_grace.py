"""A renewal that is decided when the grant has ended already and is in its grace."""

from datetime import timedelta

from resources.demo import clock
from resources.models import Quota
from resources.services.turning import turn_grants
from tests.factories.resources import make_renewal
from tests.resources.services.test_renewals import DAY, approve, grant

__all__ = ["grant"]


def test_a_renewal_in_the_grace_takes_over_at_once(house, grant):
    request = make_renewal(grant, house.owner, 30)
    with clock.on(grant.ends_at + 2 * DAY):
        turn_grants()
        grant.refresh_from_db()
        assert (grant.state, Quota.objects.get().wanted) == ("grace", 60)
        after = approve(house, request)
        grant.refresh_from_db()
        assert (grant.state, after.state, Quota.objects.get().wanted) == ("superseded", "active", 30)
    turn_grants(grant.ends_at + timedelta(days=20))
    assert Quota.objects.get().wanted == 30
