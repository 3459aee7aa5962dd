"""Webhooks: what is sent, that it is signed, that nothing is lost, and that nobody is told of others."""

import hashlib
import hmac
import http.server
import json
import threading
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.errors import Conflict, Forbidden, Refused
from portal.models import AuditEvent
from tenants.models import Webhook, WebhookDelivery
from tenants.queries.webhooks import secret_of, sentence
from tenants.services import webhooks
from tenants.services.admission import approve_case
from tenants.services.onboarding import withdraw_case
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent and answers what it was told to."""

    status = 204

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def receiver(settings):
    settings.ALLOWED_NETWORKS = ("127.0.0.0/8",)
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], 204
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def office():
    authority = make_authority()
    return authority, make_staff(authority)


def hook(receiver, place, person, **more):
    return webhooks.create_webhook(acting_user=person, place=place, name="Tickets", url=receiver.url, **more)


def send_all():
    return [webhooks.deliver(pk) for pk in webhooks.sweep_deliveries()]


def test_an_approval_is_told_signed_and_without_contents(receiver, office):
    authority, officer = office
    _row, secret = hook(receiver, authority, officer)
    case = make_case("in_review", authority=authority)
    approve_case(acting_user=officer, case=case)
    assert send_all() == [True]
    ((path, headers, body),) = receiver.got
    assert path == "/hook"
    facts = dict(part.split("=") for part in headers["Portal-Signature"].split(","))
    assert facts["v1"] == hmac.new(secret.encode(), f"{facts['t']}.{body}".encode(), hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert told["event"] == headers["Portal-Event"] == "case.approved"
    assert told["id"] == headers["Portal-Delivery"]
    assert told["target"] == {
        "type": "tenants.OnboardingCase", "id": str(case.public_id),
        "url": "http://localhost:8000" + reverse("case", args=[case.public_id]),
    }  # fmt: skip
    assert case.organisation not in body
    row = Webhook.objects.get()
    assert (row.state, row.delivered_at is not None) == ("active", True)


def test_only_the_acts_and_the_place_that_were_chosen_are_told(receiver, office):
    authority, officer = office
    hook(receiver, authority, officer, acts=["case.rejected"])
    other = make_authority()
    hook(receiver, other, make_staff(other))
    approve_case(acting_user=officer, case=make_case("in_review", authority=authority))
    assert WebhookDelivery.objects.count() == 0


def test_a_tenant_is_not_told_of_another_tenant(receiver):
    one, two = make_tenant(), make_tenant()
    type(two).objects.filter(pk=two.pk).update(authority=one.authority)
    hook(receiver, one, make_member(one, "owner"))
    event = AuditEvent(
        act="case.approved", tenant_id=two.pk, authority_id=one.authority_id, target_type="tenants.Tenant"
    )
    webhooks.follow(event)
    assert WebhookDelivery.objects.count() == 0
    webhooks.follow(AuditEvent(act="case.approved", tenant_id=one.pk, authority_id=one.authority_id))
    assert [row.tenant_id for row in WebhookDelivery.objects.all()] == [one.pk]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_another_answer_than_yes_is_tried_again_later_and_given_up_at_the_end(receiver, office, status):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    receiver.answers = status
    delivery = webhooks.try_webhook(acting_user=officer, webhook=row)
    for tried in range(1, len(webhooks.WAITS) + 2):
        WebhookDelivery.objects.update(next_at=timezone.now())
        assert send_all() == [False]
        delivery.refresh_from_db()
        assert (delivery.attempts, delivery.status) == (tried, status)
    assert delivery.state == "given_up"
    assert f"answered with status {status}" in sentence(delivery)
    assert len(receiver.got) == len(webhooks.WAITS) + 1
    row.refresh_from_db()
    assert row.state == "failing"
    webhooks.deliver_again(acting_user=officer, delivery=delivery)
    receiver.answers = 200
    assert send_all() == [True]
    row.refresh_from_db()
    assert row.state == "active"


def test_who_wants_no_more_is_paused_and_the_record_says_so(receiver, office):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    receiver.answers = 410
    webhooks.try_webhook(acting_user=officer, webhook=row)
    send_all()
    row.refresh_from_db()
    assert row.state == "paused"
    assert AuditEvent.objects.filter(act="webhook.paused", actor=None).count() == 1
    approve_case(acting_user=officer, case=make_case("in_review", authority=authority))
    assert WebhookDelivery.objects.filter(act="case.approved").count() == 0
    with pytest.raises(Conflict, match="paused"):
        webhooks.try_webhook(acting_user=officer, webhook=row)
    webhooks.resume_webhook(acting_user=officer, webhook=row)
    assert Webhook.objects.get().state == "active"


def test_what_fails_for_days_is_paused(receiver, office):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    receiver.answers = 500
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))
    webhooks.try_webhook(acting_user=officer, webhook=row)
    send_all()
    assert Webhook.objects.get().state == "paused"


def test_a_worker_that_was_killed_is_taken_over(receiver, office, monkeypatch):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    delivery = webhooks.try_webhook(acting_user=officer, webhook=row)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(webhooks, "_post", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        webhooks.deliver(delivery.pk)
    assert send_all() == [False], "the lease still runs"
    WebhookDelivery.objects.update(lease_until=timezone.now())
    assert (send_all(), len(receiver.got)) == ([True], 1)


def test_inside_a_network_that_is_not_allowed_nothing_is_sent(receiver, office, settings):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    settings.ALLOWED_NETWORKS = ()
    delivery = webhooks.try_webhook(acting_user=officer, webhook=row)
    assert send_all() == [False]
    delivery.refresh_from_db()
    assert "may not be asked" in sentence(delivery)
    assert receiver.got == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example/x", "begins with https://"),
        ("ftp://hooks.example/x", "is not an address"),
        ("https://me:secret@hooks.example/", "before the @"),
        ("https://2130706433/", "unusual spelling"),
    ],
)
def test_odd_addresses_are_refused_with_a_sentence(office, url, says):
    authority, officer = office
    with pytest.raises(Refused, match=says) as refused:
        webhooks.create_webhook(acting_user=officer, place=authority, name="x", url=url)
    assert refused.value.field == "url"


def test_who_is_not_in_charge_makes_no_webhook(receiver, office):
    authority, _officer = office
    tenant = make_tenant()
    for person, place in [
        (make_user(), authority), (make_staff(authority, "auditor"), authority), (make_member(tenant, "member"), tenant),
    ]:  # fmt: skip
        with pytest.raises(Forbidden):
            hook(receiver, place, person)


def test_a_place_has_a_bounded_number(receiver, office):
    authority, officer = office
    for _each in range(webhooks.MOST):
        hook(receiver, authority, officer)
    with pytest.raises(Conflict, match="10 webhooks"):
        hook(receiver, authority, officer)


def test_unknown_events_are_refused(receiver, office):
    authority, officer = office
    with pytest.raises(Refused, match=r"no event “no\.such”"):
        hook(receiver, authority, officer, acts=["no.such"])


def test_the_secret_is_sealed_for_its_row_and_renewed(receiver, office):
    authority, officer = office
    row, secret = hook(receiver, authority, officer)
    other, _secret = hook(receiver, authority, officer)
    assert secret.encode() not in bytes(row.secret)
    assert secret_of(row) == secret
    Webhook.objects.filter(pk=other.pk).update(secret=row.secret)
    other.refresh_from_db()
    delivery = webhooks.try_webhook(acting_user=officer, webhook=other)
    assert send_all() == [False]
    delivery.refresh_from_db()
    assert "does not open" in sentence(delivery)
    assert webhooks.renew_secret(acting_user=officer, webhook=row) != secret


def test_secrets_are_sealed_with_a_new_key(receiver, office, settings):
    authority, officer = office
    row, secret = hook(receiver, authority, officer)
    settings.CREDENTIAL_KEYS = {"new": bytes(range(32)), **settings.CREDENTIAL_KEYS}
    assert webhooks.rotate_secrets() == (1, [])
    settings.CREDENTIAL_KEYS = {"new": bytes(range(32))}
    row.refresh_from_db()
    assert secret_of(row) == secret


def test_old_messages_are_forgotten_and_waiting_ones_kept(receiver, office):
    authority, officer = office
    row, _secret = hook(receiver, authority, officer)
    webhooks.try_webhook(acting_user=officer, webhook=row)
    send_all()
    webhooks.try_webhook(acting_user=officer, webhook=row)
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    webhooks.sweep_deliveries()
    assert [each.state for each in WebhookDelivery.objects.all()] == ["waiting"]


def test_what_is_taken_back_with_its_act_is_not_told(receiver, office):
    """The message is in the transaction of the act."""
    authority, officer = office
    hook(receiver, authority, officer)
    case = make_case("approved", authority=authority)
    with pytest.raises(Conflict):
        withdraw_case(acting_user=officer, case=case)
    assert WebhookDelivery.objects.count() == 0
