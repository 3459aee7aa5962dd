"""The token of a provider's operator: bound to that provider, reads, and puts clusters into maintenance and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core.errors import Forbidden
from portal.models import AuditEvent
from resources.models import Cluster
from resources.services.inventory import set_cluster_state
from tenants.models import ApiToken, TokenScope
from tenants.services.memberships import give_role
from tenants.services.tokens import create_token, places_of
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_cluster, make_operator, make_provider
from tests.factories.tenants import make_member, make_tenant

pytestmark = pytest.mark.django_db
CLUSTERS = "/api/v1/clusters/"


@pytest.fixture
def operator():
    return make_operator(make_provider(), make_user())


@pytest.fixture
def provider(operator):
    return operator.providermemberships.get().provider


def make(user, place, scopes=()):
    until = timezone.now() + timedelta(days=30)
    return create_token(acting_user=user, name="robot", place=place, scopes=scopes, expires_at=until)


def use(text, method="get", path=CLUSTERS, body=None):
    client = Client(headers={"Authorization": f"Token {text}"})
    return client.post(path, body, "application/json") if method == "post" else client.get(path)


def state_of(cluster):
    return reverse("api-cluster-state", args=[cluster.public_id])


def names(answer):
    return sorted(row["name"] for row in answer.json()["results"])


def test_it_sees_the_clusters_of_its_provider_alone(operator, provider):
    """Its person works for another provider and owns a tenant, too; the token knows nothing of that."""
    ours = make_cluster(provider=provider, name="Ours")
    theirs = make_cluster(provider=make_provider(), name="Theirs")
    tenant = make_tenant()
    give_role(acting_user=None, anchor=theirs.provider, user=operator, role="operator")
    make_member(tenant, "owner", operator)
    row, text = make(operator, provider)
    assert (row.place, row.bound.field) == (provider.name, "provider")
    assert {"Ours", "Theirs"} <= {each.name for each in Cluster.objects.visible_to(operator)}
    assert names(use(text)) == ["Ours"]
    assert use(text, path=f"{CLUSTERS}{theirs.public_id}/").status_code == 404
    assert use(text, path=f"{CLUSTERS}{ours.public_id}/").status_code == 200
    for path in ("/api/v1/tenants/", "/api/v1/projects/", "/api/v1/memberships/"):
        assert use(text, path=path).json()["results"] == []


def test_maintenance_and_back_but_never_out_of_service(operator, provider):
    cluster = make_cluster(provider=provider)
    _row, text = make(operator, provider, [TokenScope.MAINTENANCE])
    for to in ("maintenance", "active"):
        answer = use(text, "post", state_of(cluster), {"state": to, "reason": "New firmware"})
        assert (answer.status_code, answer.json()["state"]) == (200, to)
    event = AuditEvent.objects.get(act="cluster.maintenance")
    assert (event.actor, event.source, event.provider_id) == (operator, "token", provider.pk)
    answer = use(text, "post", state_of(cluster), {"state": "retired", "reason": "Gone"})
    assert (answer.status_code, answer.json()["code"]) == (403, "token.not_for_tokens")
    assert AuditEvent.objects.filter(act="refused.attempt", actor=operator).count() == 1
    cluster.refresh_from_db()
    assert cluster.state == "active"


def test_without_the_scope_or_at_anothers_cluster_it_changes_nothing(operator, provider):
    ours, theirs = make_cluster(provider=provider), make_cluster(provider=make_provider())
    give_role(acting_user=None, anchor=theirs.provider, user=operator, role="operator")
    body = {"state": "maintenance", "reason": "x"}
    _row, reading = make(operator, provider)
    assert use(reading, "post", state_of(ours), body).json()["code"] == "token.scope"
    _row, text = make(operator, provider, TokenScope.values)
    assert use(text, "post", state_of(theirs), body).status_code == 404
    for path in (CLUSTERS, f"{CLUSTERS}{ours.public_id}/test/"):
        assert use(text, "post", path, {}).json()["code"] == "token.not_for_tokens"
    assert set(Cluster.objects.values_list("state", flat=True)) == {"active"}


def test_a_tenants_token_with_the_scope_does_not_reach_a_cluster(operator, provider):
    cluster = make_cluster(provider=provider)
    tenant = make_tenant()
    make_member(tenant, "owner", operator)
    _row, text = make(operator, tenant, TokenScope.values)
    assert use(text, "post", state_of(cluster), {"state": "maintenance", "reason": "x"}).status_code in {403, 404}
    cluster.refresh_from_db()
    assert cluster.state == "active"


def test_it_ends_with_the_role(operator, provider):
    make_cluster(provider=provider, name="Ours")
    _row, text = make(operator, provider)
    operator.providermemberships.update(valid_from="2020-01-01T00:00Z", valid_until="2020-01-02T00:00Z")
    assert names(use(text)) == []


def test_only_people_of_the_provider_make_one(operator, provider):
    assert places_of(operator) == [provider]
    for stranger in (make_admin(), make_operator(make_provider(), make_user())):
        with pytest.raises(Forbidden):
            make(stranger, provider)


def test_an_administrator_among_the_operators_has_no_more_by_token(operator, provider):
    type(operator).objects.filter(pk=operator.pk).update(is_platform_admin=True)
    make_cluster(provider=make_provider(), name="Theirs")
    make_cluster(provider=provider, name="Ours")
    _row, text = make(operator, provider, TokenScope.values)
    assert names(use(text)) == ["Ours"]
    assert use(text, "post", "/api/v1/providers/", {"name": "x"}).json()["code"] == "token.not_for_tokens"


def test_made_listed_and_revoked_in_the_browser(operator, provider, client):
    client.force_login(operator)
    sent = {
        "name": "night shift", "place": str(provider.public_id), "scopes": ["maintenance:write"], "networks": "",
        "until": timezone.localdate() + timedelta(days=30),
    }  # fmt: skip
    made = client.post(reverse("token-new"), sent)
    row = ApiToken.objects.get()
    assert row.scopes == ["read", "maintenance:write"]
    assert CLUSTERS in made.content.decode()
    assert use(made.context["text"]).status_code == 200
    assert provider.name in client.get(reverse("tokens")).content.decode()
    shown = client.get(reverse("api-token-detail", args=[row.public_id])).json()
    assert (shown["provider"], shown["tenant"], shown["authority"]) == (str(provider.public_id), None, None)
    events = list(AuditEvent.objects.filter(act="token.created").values_list("provider_id", "tenant_id"))
    assert events == [(provider.pk, None)]
    client.post(reverse("token-revoke", args=[row.public_id]), {"reason": "Shift over"})
    assert use(made.context["text"]).status_code == 401


def test_a_token_is_bound_to_one_place_in_the_database_too(operator, provider):
    row, _text = make(operator, provider)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=row.pk).update(tenant=make_tenant())
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=row.pk).update(anchor_id=None)


def test_set_cluster_state_is_the_service_of_both(operator, provider):
    cluster = make_cluster(provider=provider)
    set_cluster_state(acting_user=operator, cluster=cluster, to="retired", reason="A person may")
    assert Cluster.objects.get(pk=cluster.pk).state == "retired"
