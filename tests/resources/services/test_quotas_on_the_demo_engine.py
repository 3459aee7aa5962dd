"""A decision all the way onto an engine that answers over HTTP, and back."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from resources.demo import calibration, cast, fleet
from resources.demo.answers import handler
from resources.demo.engine import Engine
from resources.demo.exporter import Server
from resources.demo.source import Source
from resources.models import Grant, Quota
from resources.services import quotas
from resources.services.decisions import approve_request
from resources.services.grants import revoke_grant
from tests.factories.resources import make_cluster, make_kind, make_pool, make_request, make_share
from tests.resources.conftest import make_house


class Served:
    """The demo's engine of one cluster, served in this process; it can be taken away and put back."""

    def __init__(self) -> None:
        self.cluster = cast.cluster("pietralba")
        self.fleet = fleet.build(self.cluster)
        self.engine = Engine([kind.slug for kind in self.fleet.kinds], {})
        source = Source(self.cluster, self.fleet, self.engine, calibration.builtin())
        self.server = Server(("127.0.0.1", 0), handler(source, control=False))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def served():
    served = Served()
    yield served
    served.stop()


@pytest.fixture
def house(db, served):
    house = make_house()
    house.cluster = make_cluster(provider=house.provider, driver="fake", driver_settings={"url": served.url})
    house.pool = make_pool(100, cluster=house.cluster, kind=make_kind(slug="h100"))
    house.share = make_share(house.pool, house.authority)
    return house


def decide(house, amount):
    request = make_request(house.project, house.pool, house.owner, amount=amount)
    approve_request(acting_user=house.approver, request=request)
    quotas.enforce_cluster(house.cluster.pk)
    return Quota.objects.select_related("environment").get()


def test_a_decision_is_in_force_when_the_engine_itself_says_so(house, served):
    quota = decide(house, 24)
    assert (quota.state, quota.observed) == ("in_force", 24)
    assert served.engine.limits[quota.environment.external_name]["h100"] == 24
    quota = decide(house, 16)
    assert (quota.state, quota.observed, quota.revision) == ("in_force", 40, 2)


def test_somebody_else_changes_the_engine_and_it_is_put_right(house, served):
    quota = decide(house, 24)
    served.engine.set_limit(quota.environment.external_name, "h100", 99)
    Quota.objects.update(observed_at=timezone.now() - timedelta(minutes=5))
    quotas.watch_cluster(house.cluster.pk)
    assert Quota.objects.get().state == "drifted"
    quotas.enforce_cluster(house.cluster.pk)
    assert served.engine.limits[quota.environment.external_name]["h100"] == 24


def test_an_engine_that_went_away_fails_with_a_sentence_and_later_catches_up(house, served):
    served.stop()
    quota = decide(house, 24)
    assert quota.state == "failed"
    assert served.url.removeprefix("http://") in quota.reason
    again = Served()
    house.cluster.driver_settings = {"url": again.url}
    house.cluster.save()
    Quota.objects.update(next_attempt_at=timezone.now())
    quotas.enforce_cluster(house.cluster.pk)
    assert Quota.objects.get().state == "in_force"
    again.stop()
    served.__init__()  # for the fixture to stop


def test_nothing_granted_any_more_is_nothing_on_the_engine(house, served):
    quota = decide(house, 24)
    revoke_grant(acting_user=house.approver, grant=Grant.objects.get(), reason="Ended early")
    quotas.enforce_cluster(house.cluster.pk)
    assert Quota.objects.get().state == "removed"
    assert not served.engine.limits[quota.environment.external_name].get("h100")
