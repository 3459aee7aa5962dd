"""Webhooks in the browser and by the API: the secret is shown once, errors keep what was typed."""

import pytest
from django.urls import reverse

from tenants.models import Webhook, WebhookDelivery
from tenants.queries.webhooks import secret_of
from tenants.services import webhooks
from tests.factories.tenants import make_member, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(client):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    client.force_login(owner)
    return tenant, owner


@pytest.fixture
def row(house):
    tenant, owner = house
    return webhooks.create_webhook(acting_user=owner, place=tenant, name="Tickets", url="https://x.example/hook")[0]


def facts(tenant, **more):
    return {"name": "Tickets", "place": str(tenant.public_id), "url": "https://192.0.2.7/hook", **more}


def test_the_secret_is_shown_once_and_kept_by_no_browser(client, house):
    page = client.post(reverse("webhook-new"), facts(house[0], url="https://unknown.example/hook"))
    row = Webhook.objects.get()
    assert secret_of(row) in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert secret_of(row) not in client.get(reverse("webhook", args=[row.public_id])).content.decode()


@pytest.mark.parametrize(
    ("url", "says"),
    [("https://127.0.0.1/", "on this machine or in a private network"), ("http://198.41.0.4/", "begins with https://")],
)
def test_an_address_that_is_never_asked_is_refused_at_its_field(client, house, settings, url, says):
    settings.ALLOWED_NETWORKS = ()
    page = client.post(reverse("webhook-new"), facts(house[0], url=url))
    assert page.status_code in {400, 422}
    text = page.content.decode()
    assert says in text
    assert url in text
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(("number", "queries"), [(1, 7), (3, 7)])
def test_the_list_asks_the_same_for_one_and_for_three(client, house, number, queries, django_assert_num_queries):
    tenant, owner = house
    for each in range(number):
        webhooks.create_webhook(acting_user=owner, place=tenant, name=f"Hook {each}", url="https://x.example/")
    client.get(reverse("webhooks"))
    with django_assert_num_queries(queries):
        page = client.get(reverse("webhooks")).content.decode()
    assert page.count("Hook ") == number


def test_acts_in_the_browser_do_what_they_say(client, row):
    def post(name, *more):
        return client.post(reverse(name, args=[row.public_id, *more])).status_code

    assert post("webhook-test") == 302
    delivery = WebhookDelivery.objects.get()
    assert "Waiting" in client.get(reverse("webhook", args=[row.public_id])).content.decode()
    WebhookDelivery.objects.update(state="given_up")
    assert post("webhook-again", delivery.public_id) == 302
    assert WebhookDelivery.objects.get().state == "waiting"
    assert post("webhook-pause") == 302
    assert Webhook.objects.get().state == "paused"
    assert post("webhook-resume") == 302
    assert Webhook.objects.get().state == "active"
    changed = {"name": "Other", "url": "https://y.example/", "acts": ["request.approved"]}
    assert client.post(reverse("webhook-edit", args=[row.public_id]), changed).status_code == 302
    kept = Webhook.objects.get()
    assert (kept.name, kept.url, kept.acts) == ("Other", "https://y.example/", ["request.approved"])
    assert post("webhook-secret") == 200
    assert secret_of(Webhook.objects.get()) != secret_of(row)
    assert post("webhook-remove") == 302
    assert not Webhook.objects.exists()


def test_the_api_makes_changes_and_removes(client, house):
    tenant, _owner = house
    made = client.post(reverse("api-webhook-list"), facts(tenant, url="https://x.example/"), "application/json")
    assert made.status_code == 201
    row = Webhook.objects.get()
    assert made.json()["secret"] == secret_of(row)
    address = reverse("api-webhook-detail", args=[row.public_id])
    wanted = {"name": "New", "url": "https://z.example/", "acts": ["request.approved"]}
    assert client.put(address, wanted, "application/json").json()["url"] == "https://z.example/"
    assert client.post(reverse("api-webhook-test", args=[row.public_id])).status_code == 200
    (told,) = client.get(reverse("api-webhook-deliveries", args=[row.public_id])).json()
    assert (told["act"], told["state"], told["error"]) == ("webhook.test", "waiting", "")
    assert client.delete(address).status_code == 204
    assert client.get(reverse("api-webhook-list")).json()["results"] == []
