"""TLS to sources and engines: the name stays the name although the address was checked, and a CA of one's own."""

from __future__ import annotations

import pytest

from portal.core import addresses
from portal.core.addresses import OutboundError
from portal.core.outbound import request
from resources.collectors.base import Source, SourceSilent
from resources.collectors.prometheus import PrometheusCollector
from resources.drivers.base import EngineSilent, Target
from resources.drivers.fake import Fake
from tests.resources import wire
from tests.resources.tls import Authority, TLSWire
from tests.resources.wire import LOOPBACK, Wire

NAME = "exporter.example"


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def server(authority, tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: ["127.0.0.1"])
    with TLSWire(wire.answers("hello"), authority.issue(tmp_path, NAME)) as running:
        yield running


def ask(server, name=NAME, **facts):
    return request("GET", f"https://{name}:{server.port}/", deadline_seconds=3, networks=LOOPBACK, **facts)


def test_the_name_is_kept_while_the_checked_address_is_connected_to(server, authority):
    assert ask(server, ca=authority.pem).body == b"hello"
    assert server.names == [NAME]
    assert f"Host: {NAME}:{server.port}\r\n" in server.asked[0]


@pytest.mark.parametrize(
    ("name", "trusted", "why"),
    [
        (NAME, None, "unable to get local issuer certificate"),
        (NAME, "other", "unable to get local issuer certificate|certificate signature failure"),
        ("another.example", "own", "Hostname mismatch"),
    ],
)
def test_a_certificate_that_is_not_right_is_refused_with_the_way_out(server, authority, name, trusted, why):
    ca = {None: "", "other": Authority().pem, "own": authority.pem}[trusted]
    with pytest.raises(OutboundError, match=why) as refused:
        ask(server, name, ca=ca)
    assert refused.value.code == "untrusted"
    assert str(refused.value).startswith(f"The certificate of {name}:{server.port} is not trusted: ")
    assert "Set the CA certificate" in str(refused.value)
    assert server.asked == []


def test_a_certificate_that_has_expired_is_refused(authority, tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: ["127.0.0.1"])
    late = authority.issue(tmp_path, NAME, days=-1)
    with TLSWire(wire.answers("hello"), late) as server, pytest.raises(OutboundError, match="expired"):
        ask(server, ca=authority.pem)


def test_a_token_travels_in_its_header_and_only_where_nobody_listens(server, authority, monkeypatch):
    ask(server, ca=authority.pem, token="abc.def")
    assert "Authorization: Bearer abc.def" in server.asked[0].splitlines()
    with Wire(wire.answers("hello")) as plain:
        port = plain.url.rpartition(":")[2]
        with pytest.raises(OutboundError, match="the connection is not encrypted") as refused:
            request("GET", f"http://{NAME}:{port}/", deadline_seconds=3, networks=LOOPBACK, token="abc.def")
        assert plain.asked == []
        request("GET", plain.url, deadline_seconds=3, networks=LOOPBACK, token="abc.def")
    assert "abc.def" not in str(refused.value)
    assert "Authorization: Bearer abc.def" in plain.asked[0].splitlines()


@pytest.mark.parametrize("host", ["127.evil.example", "localhost.example"])
def test_a_name_that_only_looks_local_is_no_reason_to_send_a_token_in_the_open(server, host):
    with pytest.raises(OutboundError, match="the connection is not encrypted"):
        request("GET", f"http://{host}:{server.port}/", deadline_seconds=3, networks=LOOPBACK, token="abc")


def test_a_source_is_read_with_its_token_and_certificate(server, authority):
    url = f"https://{NAME}:{server.port}/metrics"
    settings = {"allowed_networks": LOOPBACK}
    facts = {"cluster_id": 1, "url": url, "urls": (url,), "settings": settings, "deadline_seconds": 3}
    with pytest.raises(Exception, match="tells of no GPU"):
        PrometheusCollector().collect(Source(**facts, token="abc", ca=authority.pem))
    assert "Authorization: Bearer abc" in server.asked[0].splitlines()
    with pytest.raises(SourceSilent, match="is not trusted"):
        PrometheusCollector().collect(Source(**facts, token="abc"))


def test_an_engine_is_told_with_its_token_and_certificate(server, authority):
    facts = {"url": f"https://{NAME}:{server.port}", "environment": "a", "kind": "h100"}
    settings = {"allowed_networks": LOOPBACK}
    Fake().apply(Target(**facts, settings=settings, token="abc", ca=authority.pem, deadline_seconds=3), 5)
    assert server.asked[0].startswith("PUT /engine/quotas/a/h100 ")
    assert "Authorization: Bearer abc" in server.asked[0].splitlines()
    with pytest.raises(EngineSilent, match="is not trusted"):
        Fake().apply(Target(**facts, settings=settings, token="abc", deadline_seconds=3), 5)


def test_a_source_and_a_target_do_not_tell_their_token():
    assert "abc" not in repr(Source(cluster_id=1, token="abc", ca="abc"))
    assert "abc" not in repr(Target("", "", "", token="abc", ca="abc"))
