"""Credentials of clusters: set, used, replaced, removed, sealed anew; and nothing of them anywhere else."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.core.errors import NotFound, Refused
from portal.models import AuditEvent
from resources.collectors.base import SourceSilent
from resources.models import ClusterCredential
from resources.queries.credentials import Withheld, held_for, slots
from resources.services.credentials import remove_credential, rotate_credentials, set_credential
from resources.services.inventory import change_cluster, create_cluster
from resources.services.samples import source_of
from tests.resources.conftest import make_house
from tests.resources.tls import Authority

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def house(db):
    return make_house(
        collector_settings={"urls": ["https://one.example/metrics", "https://two.example:9400/metrics"]},
        driver_settings={"url": "https://engine.example"},
    )


def put(house, purpose="source_token", secret=TOKEN):
    return set_credential(acting_user=house.operator, cluster=house.cluster, purpose=purpose, secret=secret)


def trail(act):
    return AuditEvent.objects.get(act=act)


def test_set_is_kept_sealed_and_used_by_the_collector_alone(house):
    row = put(house)
    assert TOKEN.encode() not in bytes(row.sealed)
    assert row.places == ["https://one.example:443", "https://two.example:9400"]
    assert source_of(house.cluster).token == TOKEN
    assert held_for(house.cluster, "engine").token == ""
    event = trail("credential.set")
    assert event.actor == house.operator
    assert event.after == {"purpose": "source_token", "places": row.places, "cluster": house.cluster.name}


def test_set_again_replaces_and_says_who_and_when(house):
    put(house)
    put(house, secret="another-token")
    assert source_of(house.cluster).token == "another-token"
    assert ClusterCredential.objects.count() == 1
    assert trail("credential.replaced").target_name == f"Bearer token for the source, {house.cluster.name}"
    shown = {slot.purpose: (slot.row.set_by if slot.row else None, slot.stale) for slot in slots(house.cluster)}
    assert shown == {
        "source_token": (house.operator, False), "source_ca": (None, False), "engine_token": (None, False),
        "engine_ca": (None, False),
    }  # fmt: skip


def test_remove_forgets_it(house):
    put(house)
    remove_credential(acting_user=house.operator, cluster=house.cluster, purpose="source_token")
    assert source_of(house.cluster).token == ""
    assert trail("credential.removed").before == {"purpose": "source_token", "cluster": house.cluster.name}
    with pytest.raises(NotFound):
        remove_credential(acting_user=house.operator, cluster=house.cluster, purpose="source_token")


def test_an_address_that_changed_is_not_sent_the_token_of_the_old_one(house):
    """Otherwise whoever may write the address could have the token sent to a server of their own."""
    put(house)
    change_cluster(
        acting_user=house.operator, cluster=house.cluster, collector_settings={"urls": ["https://thief.example/"]}
    )
    house.cluster.refresh_from_db()
    with pytest.raises(SourceSilent, match=r"was set for https://one.example:443, .* Set it again"):
        source_of(house.cluster)
    assert [slot.purpose for slot in slots(house.cluster) if slot.stale] == ["source_token"]
    put(house)
    assert source_of(house.cluster).token == TOKEN


def test_places_that_are_changed_in_the_database_do_not_widen_where_it_goes(house):
    put(house)
    house.cluster.collector_settings = {"urls": ["https://thief.example/"]}
    house.cluster.save()
    ClusterCredential.objects.update(places=["https://thief.example:443"])
    with pytest.raises(Withheld, match="was changed in the database"):
        held_for(house.cluster, "source")


def test_a_sealed_credential_moved_to_another_row_does_not_open(house):
    other = make_house(collector_settings=house.cluster.collector_settings)
    put(house)
    set_credential(acting_user=other.operator, cluster=other.cluster, purpose="source_token", secret="other")
    stolen = ClusterCredential.objects.get(cluster=house.cluster).sealed
    ClusterCredential.objects.filter(cluster=other.cluster).update(sealed=stolen)
    with pytest.raises(Withheld, match="does not open"):
        held_for(other.cluster, "source")
    ClusterCredential.objects.filter(cluster=house.cluster).update(purpose="engine_token")
    with pytest.raises(Withheld):
        held_for(house.cluster, "engine")


def test_an_engine_is_told_again_when_its_token_changes(house, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        put(house, "engine_token")
    assert any("resources.enforce_cluster" in repr(each) for each in waiting)
    assert held_for(house.cluster, "engine").token == TOKEN


@pytest.mark.parametrize(
    ("purpose", "secret", "sentence"),
    [
        ("source_token", "two words", "This is no token"),
        ("source_token", "ünïcode", "This is no token"),
        ("source_token", "a\r\nX-Evil: 1", "This is no token"),
        ("source_token", "x" * 8001, "This is no token"),
        ("source_token", "  ", "This is no token"),
        ("source_ca", "hello", "This is no certificate"),
        ("source_ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "This is no certificate"),
        ("source_ca", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "There is a private key"),
        ("engine_ca", Authority(days=-1).pem, "has expired"),
    ],
)
def test_what_is_no_credential_is_refused_and_not_repeated(house, purpose, secret, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        put(house, purpose, secret)
    assert refused.value.field == "secret"
    assert secret.strip() not in str(refused.value) or not secret.strip()
    assert not ClusterCredential.objects.exists()


def test_a_token_copied_with_its_heading_is_understood(house):
    put(house, secret=f"Bearer {TOKEN}\n")
    assert source_of(house.cluster).token == TOKEN


def test_a_certificate_is_used_whatever_the_address(house):
    pem = Authority().pem
    put(house, "source_ca", pem)
    house.cluster.collector_settings = {"urls": ["https://other.example/"]}
    assert source_of(house.cluster).ca == pem.strip()


def test_a_token_without_an_address_is_refused(house):
    house.cluster.driver_settings = {}
    house.cluster.save()
    with pytest.raises(Refused, match="has no address to which this could be sent"):
        put(house, "engine_token")


@pytest.mark.parametrize("name", ["token", "bearer_token", "Authorization", "api-key", "db_password", "headers"])
def test_a_secret_among_the_settings_is_refused(house, name):
    with pytest.raises(Refused, match=f"“{name}” does not belong into the settings"):
        change_cluster(acting_user=house.operator, cluster=house.cluster, driver_settings={name: "x"})
    with pytest.raises(Refused, match="Set it as a credential"):
        create_cluster(acting_user=house.operator, collector_settings={name: "x"})


def test_rotation_seals_everything_with_the_new_key(house, settings):
    put(house)
    put(house, "engine_token", "engine-token")
    settings.CREDENTIAL_KEYS = {"new": b"n" * 32, **settings.CREDENTIAL_KEYS}
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert out.getvalue() == "2 sealed anew with the key 'new'\n"
    settings.CREDENTIAL_KEYS = {"new": b"n" * 32}
    assert (held_for(house.cluster, "source").token, held_for(house.cluster, "engine").token) == (TOKEN, "engine-token")
    assert rotate_credentials(acting_user=None).renewed == 0
    assert AuditEvent.objects.filter(act="credential.sealed_anew", actor=None, after={"key": "new"}).count() == 2


def test_rotation_without_the_old_key_names_what_it_could_not_open(house, settings):
    put(house)
    settings.CREDENTIAL_KEYS = {"new": b"n" * 32}
    with pytest.raises(CommandError, match="is sealed with the key “test”, which this installation does not have"):
        call_command("rotate_secrets", stdout=StringIO())
    ClusterCredential.objects.update(sealed=b"plain")
    assert rotate_credentials(acting_user=None).failures == [
        f"“Bearer token for the source, {house.cluster.name}” is no sealed credential. Set it again."
    ]
