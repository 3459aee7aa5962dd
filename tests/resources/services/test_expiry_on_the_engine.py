"""An end is an end on the engine too, though a worker dies on the way."""

from datetime import timedelta

import pytest

from resources.drivers import fake
from resources.models import Grant, Quota
from resources.services import quotas
from resources.services.turning import turn_grants
from tests.resources.services.test_quotas_on_the_demo_engine import decide, house, served

__all__ = ["house", "served"]


class Killed(BaseException):
    """What a worker is that gets no further."""


def limit_of(served, quota):
    return served.engine.limits[quota.environment.external_name].get("h100", 0)


def test_the_end_of_a_grant_is_zero_on_the_engine_as_read_back(house, served):
    quota = decide(house, 24)
    turn_grants(Grant.objects.get().ends_at)
    assert quotas.enforce_cluster(house.cluster.pk) == 1
    quota.refresh_from_db()
    assert (quota.state, quota.wanted, quota.observed) == ("removed", 0, 0)
    assert limit_of(served, quota) == 0


@pytest.mark.parametrize("place", ["apply", "read_back"])
def test_a_worker_that_dies_on_the_way_is_overtaken_and_the_end_comes_true(house, served, monkeypatch, place):
    quota = decide(house, 24)
    turn_grants(Grant.objects.get().ends_at)

    def dies(*_args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(fake.Fake, place, dies)
        with pytest.raises(Killed):
            quotas.enforce_cluster(house.cluster.pk)
    assert quotas.enforce_cluster(house.cluster.pk) == 0  # its lease still holds
    quota.refresh_from_db()
    assert quota.state == "applying"
    Quota.objects.update(lease_until=quota.lease_until - timedelta(minutes=5))
    assert quotas.enforce_cluster(house.cluster.pk) == 1
    quota.refresh_from_db()
    assert (quota.state, quota.wanted, quota.observed) == ("removed", 0, 0)
    assert limit_of(served, quota) == 0
