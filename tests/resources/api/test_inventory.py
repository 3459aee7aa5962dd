import pytest
from django.urls import reverse

from portal.models import AuditEvent
from resources.models import CapacityPool, Cluster, GPUKind, Provider, Share
from tests.factories.people import make_admin
from tests.factories.resources import period

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client):
    def send(user, method, name, body=None, row=None):
        client.force_login(user)
        url = reverse(name, args=[row.public_id] if row else [])
        answer = getattr(client, method)(url, body, content_type="application/json")
        return answer.status_code, answer.json()

    return send


def test_admin_builds_a_house_from_nothing(send, house):
    admin = make_admin()
    facts = {"name": "Nord", "slug": "nord", "country": "FI", "contact_email": "noc@nord.test"}
    assert send(admin, "post", "api-provider-list", facts)[0] == 201
    kind = {"slug": "h100", "vendor": "NVIDIA", "name": "H100", "memory_gib": 80, "aliases": ["NVIDIA H100"]}
    assert send(admin, "post", "api-kind-list", kind)[0] == 201
    cluster = {
        "provider": str(Provider.objects.get(slug="nord").public_id), "name": "Polar", "slug": "polar", "city": "Oulu",
        "country": "FI", "data_classes": ["public"],
    }  # fmt: skip
    assert send(admin, "post", "api-cluster-list", cluster)[0] == 201
    pool = {
        "cluster": str(Cluster.objects.get(slug="polar").public_id),
        "kind": str(GPUKind.objects.get(slug="h100").public_id), "installed": 64, "healthy": 60,
    }  # fmt: skip
    assert send(admin, "post", "api-pool-list", pool)[1]["promisable"] == 60
    row = CapacityPool.objects.get(cluster__slug="polar")
    share = {"pool": str(row.public_id), "authority": str(house.authority.public_id), "gpus": 60}
    assert send(admin, "post", "api-share-list", {**share, "gpus": 61})[0] == 422
    assert send(admin, "post", "api-share-list", share)[0] == 201
    begin, end = period()
    room = {"starts_at": begin.isoformat(), "ends_at": end.isoformat(), "gpus": 61}
    assert send(house.approver, "post", "api-pool-room", room, row)[1]["over_pool"]
    assert AuditEvent.objects.filter(act="share.created", authority_id=house.authority.pk, actor=admin).exists()


def test_operator_changes_what_they_run_and_nobody_else_does(send, house):
    body = {
        "provider": str(house.provider.public_id), "name": house.cluster.name, "slug": house.cluster.slug,
        "city": "Elsewhere", "country": "LU", "data_classes": ["public"],
    }  # fmt: skip
    assert send(house.approver, "put", "api-cluster-detail", body, house.cluster)[0] == 403
    assert send(house.operator, "put", "api-cluster-detail", body, house.cluster)[1]["city"] == "Elsewhere"
    event = AuditEvent.objects.get(act="cluster.changed")
    assert (event.before["city"], event.after["city"]) == ("Bissen", "Elsewhere")
    state = {"state": "maintenance", "reason": "Cooling"}
    assert send(house.operator, "post", "api-cluster-state", state, house.cluster)[1]["state"] == "maintenance"
    pool = {"installed": 90, "healthy": 80}
    assert send(house.operator, "put", "api-pool-detail", pool, house.pool)[1]["healthy"] == 80


def test_only_admins_write_what_is_the_sites(send, house):
    kind = {"slug": "x", "vendor": "NVIDIA", "name": "X", "memory_gib": 80}
    for person in (house.operator, house.approver, house.owner):
        assert send(person, "post", "api-kind-list", kind)[0] == 403
    assert send(house.approver, "put", "api-share-detail", {"gpus": 5}, house.share)[0] == 403
    assert Share.objects.get().gpus == 100
