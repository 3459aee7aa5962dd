"""The corpus of requests that nobody may be talked into: when an address is typed in, and when it is used."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.core import addresses
from portal.core.addresses import OutboundError
from portal.core.outbound import request
from resources.collectors.base import CollectorError
from resources.collectors.prometheus import PrometheusCollector
from resources.models import Cluster
from resources.services.samples import source_of
from tests.resources import wire
from tests.resources.conftest import make_house
from tests.resources.corpus import NO_SERVER, PRIVATE, TYPED
from tests.resources.wire import LOOPBACK, Wire

ONE_LINE = {typed: says for typed, says in TYPED.items() if typed.isprintable()}


@pytest.fixture
def listening():
    with Wire(wire.answers("inside")) as server:
        yield server


@pytest.fixture
def public(monkeypatch):
    """A name outside that leads to a real address outside; everything else is resolved as always."""
    really = addresses.addresses_of
    monkeypatch.setattr(
        addresses, "addresses_of",
        lambda host, port: ["198.41.0.4"] if host.startswith("public") else really(host, port),
    )  # fmt: skip


@pytest.fixture
def signed_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def closed(settings, public):
    settings.ALLOWED_NETWORKS = []


@pytest.mark.parametrize("typed", TYPED)
def test_an_address_is_refused_when_it_is_used(listening, public, typed):
    url = typed.replace("{port}", listening.url.rpartition(":")[2])
    with pytest.raises(OutboundError) as refused:
        request("GET", url, deadline_seconds=2)
    assert refused.value.code == "address"
    assert TYPED[typed] in str(refused.value)
    assert "secret" not in str(refused.value)
    assert listening.asked == []


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["urls", "driver_url"])
def test_an_address_is_refused_at_its_field_and_what_was_typed_stays(closed, listening, signed_in, field):
    house = make_house()
    browser, path = signed_in(house.operator), reverse("cluster-edit", args=[house.cluster.public_id])
    for typed, sentence in ONE_LINE.items():
        url = typed.replace("{port}", listening.url.rpartition(":")[2])
        form = {
            "provider": house.provider.pk, "name": "Typed with care", "slug": "typed", "city": "Bissen", "country": "LU",
            "data_classes": ["public"], "driver": "counted", "collector": "prometheus", "mode": "exporters",
            "collect_seconds": 30, "urls": "http://public.example/metrics", field: url,
        }  # fmt: skip
        answer = browser.post(path, form)
        shown = answer.context["form"]
        assert answer.status_code == 422, url
        assert list(shown.errors) == [field], url
        assert sentence in shown.errors[field][0], (url, shown.errors[field])
        assert {name: shown.data.get(name) for name in ("name", field)} == {"name": "Typed with care", field: url}
        assert "Typed with care" in answer.content.decode()
    assert listening.asked == []
    assert Cluster.objects.get().name == house.cluster.name


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "key"), [("collector_settings", "urls"), ("driver_settings", "url")])
def test_an_address_is_refused_when_a_machine_sends_it(closed, listening, signed_in, field, key):
    house = make_house()
    browser, path = signed_in(house.operator), reverse("api-cluster-detail", args=[house.cluster.public_id])
    facts = {
        "provider": str(house.provider.public_id), "name": "Sent", "slug": "sent", "city": "Bissen", "country": "LU",
        "data_classes": ["public"],
    }  # fmt: skip
    for typed, sentence in TYPED.items():
        url = typed.replace("{port}", listening.url.rpartition(":")[2])
        sent = {**facts, field: {key: [url] if key == "urls" else url}}
        answer = browser.put(path, sent, content_type="application/json")
        assert answer.status_code == 422, url
        assert sentence in answer.json()["fields"][field][0], url
    assert listening.asked == []


@pytest.mark.django_db
def test_a_name_that_leads_inside_is_refused_at_once_and_one_that_leads_nowhere_yet_is_not(closed, monkeypatch):
    leads = {"inside.example": ["10.1.2.3"], "both.example": ["169.254.169.254", "198.41.0.4"]}

    def found(host, _port):
        if host not in leads:
            raise OSError("no such name")
        return leads[host]

    monkeypatch.setattr(addresses, "addresses_of", found)
    assert {name: str(error) for name, error in addresses.check_all(
        ["http://inside.example/", "http://both.example/", "http://later.example/"], (), 1
    ).items()} == {"http://inside.example/": (
        "inside.example may not be asked: 10.1.2.3 is on this machine or in a private network. Write a public address, "
        "or have the people who run this portal allow the network (ALLOWED_NETWORKS)."
    )}  # fmt: skip


@pytest.mark.django_db
def test_a_name_that_leads_elsewhere_the_second_time_is_checked_the_second_time(closed, listening, monkeypatch):
    """Rebinding: outside while the form is read, inside when it is asked."""
    leads = [["198.41.0.4"], ["127.0.0.1"]]
    monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: leads.pop(0))
    url = listening.url.replace("127.0.0.1", "rebound.example")
    assert addresses.check_all([url], (), 1) == {}
    house = make_house(collector_settings={"urls": [url]})
    with pytest.raises(CollectorError, match=PRIVATE.partition(".")[0]):
        PrometheusCollector().collect(source_of(house.cluster))
    assert (leads, listening.asked) == ([], [])


@pytest.mark.django_db
def test_listed_networks_come_from_the_installation_and_not_from_what_is_typed(closed, listening):
    mine = {"urls": [listening.url], "allowed_networks": ["127.0.0.0/8"]}
    house = make_house(collector_settings=mine)
    with pytest.raises(CollectorError, match="may not be asked"):
        PrometheusCollector().collect(source_of(house.cluster))
    assert listening.asked == []


BAD_ANSWERS = {
    "a redirect inside": (wire.redirects_to("http://169.254.169.254/"), "", None),
    "endless": (wire.endless, "too_large", "answers with more than 1 MiB. Check that this is the address"),
    "a gzip bomb": (wire.zipped(b"0" * 60_000_000), "too_large", "answers with more than 1 MiB"),
    "a deflate bomb": (
        wire.deflated(b"0" * 60_000_000),
        "broken",
        "in a way that was not asked for. Switch compression",
    ),
    "a bomb in a bomb": (wire.nested(b"0" * 60_000_000), "broken", "in a way that was not asked for"),
    "a slow drip of headers": (wire.trickles_headers, "silent", "gave no full answer within 1 s. See whether"),
    "a slow drip of body": (wire.trickles_body, "silent", "gave no full answer within 1 s"),
    "silence": (wire.silent, "silent", "gave no full answer within 1 s"),
    "huge headers": (wire.huge_headers, "broken", "does not speak proper HTTP"),
    "endless headers": (wire.endless_headers, "broken", "does not speak proper HTTP"),
    "no HTTP": (wire.nonsense, "broken", "Check that this is the address of the source."),
    "half an answer": (wire.half, "broken", "does not speak proper HTTP"),
}


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_a_bad_answer_ends_in_a_sentence(what):
    behave, code, sentence = BAD_ANSWERS[what]
    with Wire(behave) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        facts = {"deadline_seconds": 1.0, "networks": LOOPBACK, "largest_body": 2**20}
        if sentence is None:
            assert request("GET", url, **facts).status == 302
            assert len(server.asked) == 1
            return
        with pytest.raises(OutboundError) as refused:
            request("GET", url, **facts)
    assert refused.value.code == code
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html><title>Sign in</title></html>", "tells of no GPU"),
        (b"\xff\xfe\x00\x01" * 100, "is no text"),
        (b"", "tells of no GPU"),
        (b'{"status": "success"}', "tells of no GPU"),
    ],
)
@pytest.mark.django_db
def test_wrong_content_ends_in_a_sentence_and_not_in_numbers(body, sentence):
    with Wire(wire.answers(body)) as server:
        house = make_house(collector_settings={"urls": [server.url]})
        with pytest.raises(CollectorError, match=sentence):
            PrometheusCollector().collect(source_of(house.cluster))


def test_what_is_refused_as_no_server_stays_refused_where_its_network_is_listed():
    for url in ("http://169.254.169.254/", "http://[fe80::1]/", "http://224.0.0.1/", "http://240.0.0.1/"):
        with pytest.raises(OutboundError, match=NO_SERVER):
            request("GET", url, deadline_seconds=1, networks=("0.0.0.0/0", "::/0"))
