"""The pages of the inventory, and who may open them."""

import pytest
from django.urls import reverse

from resources.collectors.base import SourceSilent
from resources.models import CapacityPool, Cluster, GPUKind, Provider, Share
from resources.services import sources
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_cluster, make_kind, make_pool, make_provider, make_share
from tests.factories.tenants import make_authority

pytestmark = pytest.mark.django_db
CLUSTER = {
    "name": "Polar", "slug": "polar", "city": "Oulu", "country": "FI", "data_classes": ["public"], "driver": "counted",
    "collector": "prometheus", "mode": "exporters", "urls": "http://node1.test:9400/metrics", "collect_seconds": 10,
}  # fmt: skip


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def test_admin_sets_up_a_house_in_forms(sign_in, house):
    page = sign_in(make_admin())
    provider = {"name": "Nord", "slug": "nord", "country": "FI", "contact_email": "noc@nord.test"}
    assert page.post(reverse("provider-new"), provider).status_code == 302
    row = Provider.objects.get(slug="nord")
    staff = {"email": house.owner.email, "role": "operator"}
    assert page.post(reverse("provider-staff-new", args=[row.public_id]), staff).status_code == 302
    kind = {"name": "H100", "slug": "h100", "vendor": "NVIDIA", "memory_gib": 80, "aliases": "NVIDIA H100, h100-sxm"}
    assert page.post(reverse("kind-new"), kind).status_code == 302
    assert GPUKind.objects.get(slug="h100").aliases == ["NVIDIA H100", "h100-sxm"]
    assert page.post(reverse("cluster-new"), {**CLUSTER, "provider": row.pk}).status_code == 302
    cluster = Cluster.objects.get(slug="polar")
    assert cluster.collector_settings == {"mode": "exporters", "urls": ["http://node1.test:9400/metrics"]}
    pool = {
        "cluster": cluster.pk, "kind": GPUKind.objects.get(slug="h100").pk, "installed": 64, "healthy": 60,
        "reserved": 0, "overcommit": "1.00", "policy_line_percent": 90,
    }  # fmt: skip
    assert page.post(reverse("pool-new"), pool).status_code == 302
    share = {"pool": CapacityPool.objects.get(cluster=cluster).pk, "authority": house.authority.pk, "gpus": 61}
    assert page.post(reverse("share-new"), share).status_code == 422
    assert page.post(reverse("share-new"), {**share, "gpus": 60}).status_code == 302
    made = Share.objects.filter(pool__cluster=cluster).get()
    assert made.gpus == 60
    said = page.get(reverse("share", args=[made.public_id])).content.decode()
    assert "From 0, which are promised from it, to 60, which other shares leave of the pool." in said


@pytest.mark.parametrize("url", ["node1:9400", "ftp://node1.test/", "metrics"])
def test_addresses_that_are_none_are_refused(sign_in, house, url):
    answer = sign_in(make_admin()).post(reverse("cluster-new"), {**CLUSTER, "provider": house.provider.pk, "urls": url})
    assert answer.status_code == 422
    assert "urls" in answer.context["form"].errors


def test_operator_changes_the_cluster_and_tries_its_source(sign_in, house, monkeypatch):
    page = sign_in(house.operator)
    assert page.get(reverse("cluster-edit", args=[house.cluster.public_id])).status_code == 200
    facts = {**CLUSTER, "provider": house.provider.pk, "name": house.cluster.name, "slug": house.cluster.slug}
    assert page.post(reverse("cluster-edit", args=[house.cluster.public_id]), facts).status_code == 302
    monkeypatch.setattr(sources, "collector", lambda _key: Silent())
    answer = page.post(reverse("cluster-test", args=[house.cluster.public_id]))
    assert "Nobody answered." in answer.content.decode()
    page.post(reverse("cluster-state", args=[house.cluster.public_id]), {"reason": "Cooling"})
    house.cluster.refresh_from_db()
    assert (house.cluster.city, house.cluster.state) == ("Oulu", "maintenance")


class Silent:
    def collect(self, _source):
        raise SourceSilent("Nobody answered.")


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("cluster-edit", {"operator": 200, "approver": 403, "owner": 404, "admin": 200, "stranger": 404}),
        ("cluster", {"operator": 200, "approver": 200, "owner": 404, "admin": 200, "stranger": 404}),
        ("cluster-test", {"operator": 200, "approver": 403, "owner": 404, "admin": 200, "stranger": 404}),
    ],
)
def test_cluster_pages_open_to_those_who_may(sign_in, house, name, who):
    people = {**vars(house), "admin": make_admin(), "stranger": make_user()}
    found = {each: sign_in(people[each]).get(reverse(name, args=[house.cluster.public_id])).status_code for each in who}
    assert found == who


@pytest.mark.parametrize(
    ("name", "row", "who"),
    [
        ("pool", "pool", {"operator": 200, "approver": 200, "owner": 404, "admin": 200}),
        ("pool-edit", "pool", {"operator": 200, "approver": 403, "owner": 404, "admin": 200}),
        ("share", "share", {"operator": 403, "approver": 403, "owner": 404, "admin": 200}),
        ("provider", "provider", {"operator": 200, "approver": 404, "owner": 404, "admin": 200}),
        ("provider-edit", "provider", {"operator": 403, "approver": 404, "owner": 404, "admin": 200}),
    ],
)
def test_inventory_pages_open_to_those_who_may(sign_in, house, name, row, who):
    people = {**vars(house), "admin": make_admin()}
    url = reverse(name, args=[getattr(house, row).public_id])
    assert {each: sign_in(people[each]).get(url).status_code for each in who} == who


LISTS = {
    "clusters": (make_cluster, 7),
    "pools": (make_pool, 6),
    "shares": (lambda: make_share(make_pool(), make_authority()), 5),
    "kinds": (make_kind, 5),
    "providers": (make_provider, 6),
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", LISTS)
def test_list_costs_the_same_for_one_row_and_three(sign_in, name, rows, django_assert_num_queries):
    make, queries = LISTS[name]
    for _each in range(rows):
        make()
    page = sign_in(make_admin())
    page.get(reverse(name))
    with django_assert_num_queries(queries):
        answer = page.get(reverse(name))
    assert len(answer.context["cut"].rows) == rows


@pytest.mark.parametrize("name", LISTS)
def test_empty_list_has_one_next_step(sign_in, name):
    assert "empty" in sign_in(make_admin()).get(reverse(name)).content.decode()
