"""A number is true or says what it is not: never read, of no known kind, not ours to give."""

import pytest
from django.urls import reverse

from portal.models import AuditEvent
from resources.live import store
from resources.models import CapacityPool, GPUKind, Share
from resources.queries.capacity import room_for
from resources.services import samples
from resources.services.decisions import approve_request
from tests.factories.people import make_admin
from tests.factories.resources import make_request, make_share, period
from tests.factories.tenants import make_authority, make_staff
from tests.resources.live.conftest import H100
from tests.resources.services.test_samples import GPUS

STRANGE = [{**row, "model": "NVIDIA H100 PRO", "index": 8 + row["index"]} for row in GPUS]


@pytest.fixture
def cluster(house, empty_redis):
    store.valkey.cache_clear()
    house.pool.kind.aliases = [H100]
    house.pool.kind.save()
    house.cluster.collector = "fake"
    house.cluster.save()
    yield house.cluster
    store.valkey.cache_clear()


def collect(cluster, **said):
    cluster.collector_settings = said
    cluster.save(update_fields=["collector_settings"])
    samples.collect_cluster(cluster.pk)


def look(client, user, address):
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.fixture
def told(monkeypatch):
    found = []
    monkeypatch.setattr(store, "tell_silent", lambda *words: found.append(words))
    return found


def test_a_cluster_that_never_answered_is_never_read_and_nobody_is_told_of_old_numbers(client, house, cluster, told):
    for _twice in range(2):
        collect(cluster, silent="node-0 does not answer.")
    assert told == []
    page = look(client, house.operator, reverse("capacity"))
    assert "Never read" in page
    assert "it was never read, so there is no number of it" in page
    assert '<p class="note note-warn mt" data-stale hidden>' in page
    assert '<div class="n" data-field="free">–</div>' in page
    assert '"silent": null' in page
    assert "Not read yet." in look(client, house.operator, reverse("cluster", args=[cluster.public_id]))


def test_silence_after_a_reading_is_told_with_the_time_of_that_reading(cluster, told):
    collect(cluster, rows=GPUS)
    collect(cluster, silent="node-0 does not answer.")
    cluster.refresh_from_db()
    assert told == [(cluster.pk, cluster.last_success_at.timestamp())]


@pytest.mark.parametrize("page", ["capacity", "cluster"])
def test_gpus_of_no_known_kind_are_told_of_and_their_name_can_be_added(client, house, cluster, page):
    collect(cluster, rows=[*GPUS, *STRANGE])
    address = reverse(page, args=[cluster.public_id] if page == "cluster" else [])
    sentence = f"8 GPUs of {cluster.name} call themselves “NVIDIA H100 PRO”"
    link = reverse("kind-alias") + "?name=NVIDIA%20H100%20PRO"
    seen = look(client, house.operator, address)
    assert sentence in seen
    assert link not in seen
    assert link in look(client, make_admin(), address)
    assert sentence not in look(client, house.owner, address)


def test_a_name_is_added_to_a_kind_and_counts_from_the_next_reading(client, house, cluster):
    admin = make_admin()
    client.force_login(admin)
    address = reverse("kind-alias") + "?name=NVIDIA%20H100%20PRO"
    assert "NVIDIA H100 PRO" in client.get(address).content.decode()
    kind = house.pool.kind
    answer = client.post(address, {"name": "NVIDIA H100 PRO", "kind": kind.pk})
    assert answer.status_code == 302
    assert GPUKind.objects.get(pk=kind.pk).aliases == [H100, "NVIDIA H100 PRO"]
    assert AuditEvent.objects.filter(act="kind.changed", actor=admin).exists()
    collect(cluster, rows=[*GPUS, *STRANGE])
    assert store.newest([cluster.pk])[cluster.pk].pools[kind.slug].installed == 16
    answer = client.post(address, {"name": H100.lower(), "kind": kind.pk})
    assert answer.status_code == 422
    assert f"is a name of {kind} already" in answer.content.decode()


def test_what_a_tenant_is_told_can_be_given_is_what_an_approver_has_left(client, house):
    Share.objects.filter(pk=house.share.pk).update(gpus=60)
    other = make_authority()
    make_share(house.pool, other, 30)
    begins, ends = period(0, 30)
    assert room_for(house.pool, begins, ends, asked=70).most == 60
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=50))
    seen = room_for(house.pool, begins, ends, asked=70)
    assert (seen.most, seen.share.authority, seen.over_share) == (30, other, True)
    client.force_login(house.owner)
    query = {
        "project": house.project.pk, "pool": house.pool.pk, "amount": "70", "since": begins.date().isoformat(),
        "until": (ends.date()).isoformat(), "purpose": "x",
    }  # fmt: skip
    page = client.get(reverse("request-offer"), query).content.decode()
    assert "30 of 100" in page
    assert "an approver has 30 left at most" in page


def test_without_a_share_nothing_can_be_given(house):
    Share.objects.all().delete()
    assert room_for(house.pool, *period(0, 3), asked=1).most == 0


def test_an_approver_reads_the_own_share_and_who_sees_less_the_sum_of_the_rest(client, house, cluster):
    Share.objects.filter(pk=house.share.pk).update(gpus=50)
    other = make_staff(make_authority(), "quota_approver")
    make_share(house.pool, other.authoritymemberships.get().authority, 40)
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=45))
    collect(cluster, rows=GPUS)
    page = look(client, house.approver, reverse("capacity"))
    assert f"{house.pool}: 45 promised of your share of 50" in page
    assert "Tenants of other authorities" not in page
    page = look(client, other, reverse("capacity"))
    assert f"{house.pool}: 0 promised of your share of 40" in page
    page = look(client, other, reverse("cluster", args=[cluster.public_id]))
    assert "And 45 GPUs promised to tenants of other authorities." in page
    page = look(client, other, reverse("pool", args=[house.pool.public_id]))
    assert "other authorities, together" in page
    rows = look(client, house.approver, reverse("shares"))
    assert '<span class="badge badge-warn">' in rows or "badge-bad" in rows
    assert "Your share" not in look(client, house.owner, reverse("capacity"))


def test_every_percentage_of_a_promise_is_of_what_can_be_promised(client, house, cluster):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=40))
    collect(cluster, rows=GPUS)
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=100, reserved=20)
    page = look(client, house.operator, reverse("capacity"))
    assert "of 80 that can be promised" in page
    assert "50.0 % promised" in page
