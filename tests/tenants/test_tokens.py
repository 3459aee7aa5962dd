"""Tokens from their making to their end: what is kept, who is let in, from where and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core.errors import Conflict, Forbidden, Refused
from portal.models import AuditEvent, User
from tenants.models import ApiToken
from tenants.services import tokens
from tenants.services.tokens import allows, create_token, places_of, revoke_token
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
PROJECTS = "/api/v1/projects/"


def later(days=30):
    return timezone.now() + timedelta(days=days)


def make(user, place, **facts):
    return create_token(acting_user=user, name="robot", place=place, scopes=[], **{"expires_at": later(), **facts})


@pytest.fixture
def owner():
    return make_member(make_tenant(), "owner")


@pytest.fixture
def made(owner):
    return make(owner, owner.memberships.get().tenant)


def use(text, address="192.0.2.7", path=PROJECTS, **facts):
    return Client(REMOTE_ADDR=address).get(path, headers={"Authorization": f"Token {text}"}, **facts)


def test_only_a_fingerprint_is_kept(made):
    row, text = made
    kept = " ".join(str(value) for value in ApiToken.objects.filter(pk=row.pk).values_list()[0])
    assert text not in kept
    assert text[tokens.KEY_LENGTH :] not in kept
    event = AuditEvent.objects.get(act="token.created")
    assert text not in f"{event.after} {event.before} {event.target_name}"


def test_a_token_is_let_in_as_its_person_and_its_use_is_seen(made, owner):
    row, text = made
    assert use(text).status_code == 200
    row.refresh_from_db()
    assert row.last_used_from == "192.0.2.7"
    first = row.last_used_at
    assert use(text, "192.0.2.8").status_code == 200
    row.refresh_from_db()
    assert (row.last_used_at, row.last_used_from) == (first, "192.0.2.7")  # once a minute is enough
    ApiToken.objects.filter(pk=row.pk).update(last_used_at=timezone.now() - timedelta(minutes=2))
    use(text, "192.0.2.8")
    row.refresh_from_db()
    assert row.last_used_from == "192.0.2.8"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"revoked_at": "2020-01-01T00:00Z"}, "revoked"),
        ({"created_at": "2020-01-01T00:00Z", "expires_at": "2020-01-02T00:00Z"}, "expired"),
        ({"networks": ["198.51.100.0/24"]}, "network"),
    ],
)
def test_a_token_that_is_over_or_elsewhere_opens_nothing_and_is_written_down(made, change, word):
    row, text = made
    ApiToken.objects.filter(pk=row.pk).update(**change)
    answer = use(text)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert word in answer.json()["detail"]
    event = AuditEvent.objects.get(act="refused.token")
    assert (event.actor, event.target_public_id) == (row.user, row.public_id)


@pytest.mark.parametrize("text", ["", "x", "aifp_" + "0" * 64, "é", "a" * 5000])
def test_what_is_no_token_is_401(text):
    assert use(text).status_code == 401


def test_a_closed_account_has_no_tokens(made):
    row, text = made
    User.objects.filter(pk=row.user_id).update(is_active=False)
    assert use(text).status_code == 401


def test_a_token_that_is_wrong_is_not_helped_by_a_session(made, signed_in):
    row, text = made
    revoke_token(acting_user=row.user, token=row)
    client = signed_in(row.user)
    assert client.get(PROJECTS, headers={"Authorization": f"Token {text}"}).status_code == 401


def test_a_right_token_needs_no_csrf_and_a_session_does(made, owner):
    row, text = made
    ApiToken.objects.filter(pk=row.pk).update(scopes=["read", "projects:write"])
    client = Client(enforce_csrf_checks=True)
    body = {"tenant": str(row.tenant.public_id), "name": "P", "stage": "training", "data_class": "public"}
    sent = {"data": body, "content_type": "application/json"}
    assert client.post(PROJECTS, **sent, headers={"Authorization": f"Token {text}"}).status_code == 201
    assert AuditEvent.objects.get(act="project.created").source == "token"
    client.force_login(owner)
    assert client.post(PROJECTS, **sent).status_code == 403


@pytest.mark.parametrize(
    ("networks", "address", "expected"),
    [
        ([], "203.0.113.9", True), (["203.0.113.0/24"], "203.0.113.9", True), (["203.0.113.0/24"], "198.51.100.1", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True), (["2001:db8::/32"], "2001:db8::7", True),
        (["2001:db8::/32"], "203.0.113.9", False), (["203.0.113.0/24"], None, False), (["203.0.113.0/24"], "x", False),
    ],
)  # fmt: skip
def test_networks(made, networks, address, expected):
    row, _text = made
    row.networks = networks
    assert allows(row, address) is expected


def test_what_a_token_can_be_bound_to():
    tenant, authority, applied = make_tenant(), make_authority(), make_authority()
    user = make_member(tenant)
    make_staff(authority, "auditor", user)
    make_case("draft", user, authority=applied)
    assert set(places_of(user)) == {tenant, authority, applied}
    with pytest.raises(Forbidden):
        make(user, tenant.authority)


def test_what_no_token_is(owner, settings):
    tenant = owner.memberships.get().tenant
    for facts, kind in (
        ({"expires_at": later(-1)}, Refused),
        ({"expires_at": later(settings.API_TOKEN_MAX_DAYS + 1)}, Refused),
        ({"networks": ["nowhere"]}, Refused),
    ):
        with pytest.raises(kind):
            make(owner, tenant, **facts)
    with pytest.raises(Refused):
        create_token(acting_user=owner, name="x", place=tenant, scopes=["decide"], expires_at=later())
    for _ in range(tokens.MOST):
        make(owner, tenant)
    with pytest.raises(Conflict):
        make(owner, tenant)


def test_made_and_revoked_in_the_browser(owner, signed_in):
    tenant = owner.memberships.get().tenant
    client = signed_in(owner)
    sent = {
        "name": "report", "place": str(tenant.public_id), "scopes": ["requests:write"],
        "until": timezone.localdate() + timedelta(days=30), "networks": "192.0.2.0/24\n2001:db8::/32",
    }  # fmt: skip
    answer = client.post(reverse("token-new"), sent)
    row = ApiToken.objects.get()
    text = answer.context["text"]
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.content.decode().count(text) == 2  # itself, and in the line to try
    assert (row.scopes, row.networks) == (["read", "requests:write"], ["192.0.2.0/24", "2001:db8::/32"])
    assert text not in client.get(reverse("tokens")).content.decode()
    assert use(text).status_code == 200
    client.post(reverse("token-revoke", args=[row.public_id]), {"reason": "Lost"})
    assert use(text).status_code == 401
    assert AuditEvent.objects.get(act="token.revoked").reason == "Lost"
    assert client.post(reverse("token-revoke", args=[row.public_id])).status_code == 409


def test_an_owner_sees_and_revokes_what_others_made_for_the_tenant(owner, signed_in):
    tenant = owner.memberships.get().tenant
    manager = make_member(tenant, "project_manager")
    row, text = make(manager, tenant)
    assert "robot" in signed_in(owner).get(reverse("tokens")).content.decode()
    assert "robot" not in signed_in(make_member(tenant)).get(reverse("tokens")).content.decode()
    signed_in(owner).post(reverse("token-revoke", args=[row.public_id]))
    assert use(text).status_code == 401


def test_the_api_makes_and_revokes_for_people_alone(owner, signed_in):
    tenant = owner.memberships.get().tenant
    facts = {"name": "x", "place": str(tenant.public_id), "expires_at": later().isoformat()}
    made = signed_in(owner).post("/api/v1/tokens/", facts, content_type="application/json")
    assert made.status_code == 201
    text = made.json()["token"]
    assert use(text, path="/api/v1/tokens/").json()["code"] == "token.not_for_tokens"
    answer = signed_in(owner).post(f"/api/v1/tokens/{made.json()['public_id']}/revoke/", {}, "application/json")
    assert answer.json()["state"] == "revoked"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(owner, signed_in, django_assert_num_queries, rows):
    tenant = owner.memberships.get().tenant
    for _ in range(rows):
        make(owner, tenant)
    client = signed_in(owner)
    client.get(reverse("tokens"))
    with django_assert_num_queries(8):
        client.get(reverse("tokens"))


def test_a_platform_admins_token_is_no_administrator():
    admin = make_user(is_platform_admin=True)
    _row, text = make(make_member(make_tenant(), "owner", admin), admin.memberships.get().tenant)
    assert use(text, path="/api/v1/staff/").json()["results"] == []
    assert use(text, path="/api/v1/authorities/").json()["results"] != []  # of their tenant, by its own path
