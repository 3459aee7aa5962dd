import pytest

from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent
from resources.models import CapacityPool, Cluster
from resources.services import inventory
from resources.services.decisions import approve_request
from tests.factories.people import make_admin
from tests.factories.resources import make_pool, make_request
from tests.factories.tenants import make_authority


@pytest.fixture
def admin(db):
    return make_admin()


def test_shares_of_a_pool_stay_within_what_is_promisable(house, admin):
    inventory.change_share(acting_user=admin, share=house.share, gpus=70)
    with pytest.raises(Refused) as refusal:
        inventory.create_share(acting_user=admin, pool=house.pool, authority=make_authority(), gpus=31)
    assert refusal.value.field == "gpus"
    assert "30 at most" in str(refusal.value)
    share = inventory.create_share(acting_user=admin, pool=house.pool, authority=make_authority(), gpus=30)
    with pytest.raises(Refused):
        inventory.change_share(acting_user=admin, share=share, gpus=31)


def test_share_is_not_lowered_below_what_is_promised_from_it(house, admin):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=40))
    with pytest.raises(Refused):
        inventory.change_share(acting_user=admin, share=house.share, gpus=39)
    assert inventory.change_share(acting_user=admin, share=house.share, gpus=40).gpus == 40


def test_one_share_per_authority_and_pool(house, admin):
    house.share.gpus = 10
    house.share.save()
    with pytest.raises(Refused):
        inventory.create_share(acting_user=admin, pool=house.pool, authority=house.authority, gpus=5)


def test_pool_that_shrinks_keeps_its_promises_and_shows_it(house, admin):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=80))
    pool = inventory.change_pool(acting_user=house.operator, pool=house.pool, healthy=60)
    assert (pool.promisable, pool.count_source) == (60, CapacityPool.Source.TYPED)
    event = AuditEvent.objects.get(act="pool.changed")
    assert (event.before["healthy"], event.after["healthy"]) == (100, 60)


def test_pool_with_more_healthy_than_installed_is_refused_in_words(house):
    with pytest.raises(Refused):
        inventory.change_pool(acting_user=house.operator, pool=house.pool, healthy=101)


def test_change_of_nothing_leaves_no_trace(house):
    inventory.change_cluster(acting_user=house.operator, cluster=house.cluster, city=house.cluster.city)
    assert not AuditEvent.objects.filter(act="cluster.changed").exists()


def test_cluster_goes_into_maintenance_and_back_and_retires_once(house):
    for to in ("maintenance", "active", "retired"):
        inventory.set_cluster_state(acting_user=house.operator, cluster=house.cluster, to=to, reason="Cooling")
    with pytest.raises(UnlawfulMove):
        inventory.set_cluster_state(acting_user=house.operator, cluster=house.cluster, to="active")
    assert AuditEvent.objects.filter(target_type="resources.Cluster", reason="Cooling").count() == 3


@pytest.mark.parametrize(
    ("facts", "promisable", "line"),
    [
        ({"reserved": 10}, 90, 81),
        ({"overcommit": "1.50"}, 150, 135),
        ({"overcommit": "1.50", "reserved": 200}, 0, 0),
        ({"policy_line_percent": 75}, 100, 75),
    ],
)
def test_promisable_is_healthy_times_overcommit_less_reserved(db, facts, promisable, line):
    pool = make_pool(100, **facts)
    pool.refresh_from_db()
    assert (pool.promisable, pool.line) == (promisable, line)


def test_who_sees_and_changes_clusters(house):
    verbs = {
        name: (
            Cluster.objects.visible_to(getattr(house, name)).exists(),
            Cluster.objects.visible_to(getattr(house, name), "edit").exists(),
        )
        for name in ("operator", "approver", "auditor", "owner", "member")
    }
    assert verbs == {
        "operator": (True, True), "approver": (True, False), "auditor": (True, False), "owner": (False, False),
        "member": (False, False),
    }  # fmt: skip
