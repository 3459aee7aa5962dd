"""Maintenance by machine: the same services as the pages; a token announces what only interrupts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from resources.models import Grant, MaintenanceWindow
from resources.services.decisions import approve_request
from tenants.models import TokenScope
from tenants.services.tokens import create_token
from tests.factories.resources import make_pool, make_request, make_window, period

pytestmark = pytest.mark.django_db
LIST, PREVIEW = reverse("api-maintenance-list"), reverse("api-maintenance-preview")


def body(house, **facts):
    begins, ends = period(3, 2)
    return {
        "cluster": str(house.cluster.public_id), "pool": str(house.pool.public_id), "gpus": 40,
        "starts_at": begins.isoformat(), "ends_at": ends.isoformat(), "effect": "counts", "reason": "Cooling", **facts,
    }  # fmt: skip


@pytest.fixture
def call(client, house):
    client.force_login(house.operator)

    def call(method, address, data=None):
        return getattr(client, method)(address, data, content_type="application/json")

    return call


def of(window, act="detail"):
    return reverse(f"api-maintenance-{act}", args=[window.public_id])


def test_a_window_is_tried_announced_read_changed_and_cancelled(call, house):
    request = make_request(house.project, house.pool, house.owner, amount=80)
    approve_request(acting_user=house.approver, request=request)
    tried = call("post", PREVIEW, body(house)).json()
    assert MaintenanceWindow.objects.count() == 0
    assert (tried["out"], tried["tenants"], tried["held"]) == (40, 1, 1)
    assert tried["grants"] == [str(Grant.objects.get().public_id)]
    assert [(each["promised"], each["most"], each["before"]) for each in tried["over"]] == [(80, 60, False)]
    made = call("post", LIST, body(house))
    assert made.status_code == 201
    window = MaintenanceWindow.objects.get()
    assert made.json() == call("get", of(window)).json()
    assert call("get", of(window, "consequences")).json() == tried
    changed = call("put", of(window), {"gpus": 10})
    assert (changed.status_code, changed.json()["gpus"], changed.json()["reason"]) == (200, 10, "Cooling")
    assert call("get", of(window, "consequences")).json()["over"] == []
    assert call("post", of(window, "cancel"), {}).status_code == 422
    assert call("post", of(window, "cancel"), {"reason": "Late parts"}).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"gpus": 101}, "gpus"), ({"pool": None}, "gpus"), ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"effect": "perhaps"}, "effect"), ({"reason": ""}, "reason"), ({"starts_at": "soon"}, "starts_at"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", [LIST, PREVIEW])
def test_what_cannot_be_is_refused_at_its_field(call, house, address, facts, field):
    answer = call("post", address, body(house, **facts))
    assert (answer.status_code, MaintenanceWindow.objects.count()) == (422, 0)
    assert field in str(answer.json())


def test_a_cluster_of_others_is_not_there(call, house):
    other = make_pool(8)
    strange = body(house, cluster=str(other.cluster.public_id), pool=str(other.public_id), gpus=4)
    assert call("post", LIST, strange).status_code == 422
    assert call("get", of(make_window(other))).status_code == 404


def test_a_running_one_ends_now(call, house):
    now = timezone.now()
    window = make_window(
        house.pool, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), state="running"
    )
    assert call("post", of(window, "end")).json()["state"] == "done"


def test_the_list_is_filtered_like_the_page(call, house):
    first, second = make_window(house.pool, gpus=4), make_window(house.pool, effect="interrupts")
    every = call("get", LIST).json()["results"]
    assert {each["public_id"] for each in every} == {str(first.public_id), str(second.public_id)}
    some = call("get", f"{LIST}?effect=counts").json()["results"]
    assert [each["public_id"] for each in some] == [str(first.public_id)]


def test_a_token_announces_what_only_interrupts_and_takes_no_capacity_away(client, house):
    _row, key = create_token(
        acting_user=house.operator, name="x", place=house.provider, scopes=[TokenScope.MAINTENANCE],
        expires_at=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    facts = {"content_type": "application/json", "headers": {"Authorization": f"Token {key}"}}
    made = client.post(LIST, body(house, effect="interrupts"), **facts)
    assert made.status_code == 201
    assert client.post(LIST, body(house), **facts).status_code == 403
    window = MaintenanceWindow.objects.get()
    assert client.put(of(window), {"effect": "counts"}, **facts).status_code == 403
    assert client.post(of(window, "cancel"), {"reason": "x"}, **facts).status_code == 200
    assert client.post(of(make_window(house.pool), "cancel"), {"reason": "x"}, **facts).status_code == 403
