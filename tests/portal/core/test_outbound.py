"""The one way out: what may be asked, for how long, and how much may come back."""

from __future__ import annotations

import ipaddress
import socket
import time

import pytest

from portal.core import addresses
from portal.core.addresses import OutboundError, refusal
from portal.core.outbound import request
from tests.resources import wire
from tests.resources.wire import LOOPBACK, Wire

PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "127.0.0.0/8", "fd00::/8", "169.254.0.0/16")))


@pytest.mark.parametrize(
    ("address", "allowed", "allowed_where_listed"),
    [
        ("198.41.0.4", True, True),
        ("2001:500:9f::42", True, True),
        ("127.0.0.1", False, True),
        ("127.9.9.9", False, True),
        ("10.1.2.3", False, True),
        ("fd12::1", False, True),
        ("192.168.0.1", False, False),
        ("100.64.0.1", False, False),
        ("::1", False, False),
        ("::7f00:1", False, False),
        ("240.0.0.1", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("fec0::1", False, False),
        ("64:ff9b::7f00:1", False, False),
        ("64:ff9b:1::7f00:1", False, False),
        ("2002:7f00:1::1", False, False),
        ("2001::1", False, False),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
    ],
)
def test_an_address_is_asked_only_where_it_may_be(address, allowed, allowed_where_listed):
    found = ipaddress.ip_address(address)
    assert (refusal(found, ()) is None) is allowed
    assert (refusal(found, PRIVATE) is None) is allowed_where_listed


def ask(url, seconds=1.0, networks=LOOPBACK, largest_body=2**20):
    return request("GET", url, deadline_seconds=seconds, networks=networks, largest_body=largest_body)


def test_an_answer_comes_back_with_its_status_and_time():
    with Wire(wire.answers("hello", "418 Teapot")) as server:
        before = time.time()
        answer = ask(server.url + "/metrics?x=1")
    assert (answer.status, answer.body) == (418, b"hello")
    assert before <= answer.at <= time.time()
    assert server.asked[0].startswith("GET /metrics?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    "url", ["http://localhost:{}", "http://127.0.0.1:{}", "http://[::ffff:127.0.0.1]:{}", "http://2130706433:{}"]
)
def test_this_machine_is_not_asked_unless_the_installation_allows_it(url):
    with Wire(wire.answers("secret")) as server, pytest.raises(OutboundError) as refused:
        ask(url.format(server.url.rpartition(":")[2]), networks=())
    assert refused.value.code == "address"
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "http://a:b@127.0.0.1/",
        "//127.0.0.1",
        "http://[::1",
        None,
    ],
)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(OutboundError) as refused:
        ask(url)
    assert refused.value.code == "address"


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(monkeypatch):
    with Wire(wire.answers("hello")) as server:
        port = int(server.url.rpartition(":")[2])
        found = [["127.0.0.1"]]
        monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: found.pop())
        assert ask(f"http://exporter.example:{port}/").body == b"hello"
    assert found == []
    assert f"Host: exporter.example:{port}\r\n" in server.asked[0]


def test_of_a_names_addresses_only_the_allowed_ones_are_asked(monkeypatch):
    with Wire(wire.answers("hello")) as server:
        port = int(server.url.rpartition(":")[2])
        monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: ["169.254.169.254", "127.0.0.1"])
        assert ask(f"http://two.example:{port}/").body == b"hello"


@pytest.mark.parametrize("behave", [wire.silent, wire.trickles_headers, wire.trickles_body])
def test_the_deadline_covers_everything_however_slowly_it_comes(behave):
    with Wire(behave) as server:
        begun = time.monotonic()
        with pytest.raises(OutboundError) as late:
            ask(server.url, seconds=0.6)
    assert late.value.code == "silent"
    assert time.monotonic() - begun < 1.2


def test_a_resolver_that_hangs_costs_the_deadline_and_no_more(monkeypatch):
    monkeypatch.setattr(addresses, "addresses_of", lambda _host, _port: time.sleep(1.5) or [])
    begun = time.monotonic()
    with pytest.raises(OutboundError) as late:
        ask("http://slow.example/", seconds=0.3)
    assert late.value.code == "silent"
    assert time.monotonic() - begun < 0.8


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (wire.endless, "too_large"),
        (wire.zipped(b"0" * 50_000_000), "too_large"),
        (wire.answers(b"no gzip", "200 OK", "Content-Encoding: gzip"), "broken"),
        (wire.answers(b"", "200 OK", "Content-Encoding: br"), "broken"),
        (wire.half, "broken"),
        (wire.nonsense, "broken"),
        (wire.hangs_up, "broken"),
    ],
)
def test_what_is_too_much_or_makes_no_sense_is_an_error_of_its_own(behave, code):
    with Wire(behave) as server, pytest.raises(OutboundError) as refused:
        ask(server.url, seconds=5)
    assert refused.value.code == code


def test_a_packed_answer_is_unpacked():
    with Wire(wire.zipped(b"hello" * 1000)) as server:
        assert ask(server.url).body == b"hello" * 1000


def test_nothing_is_redirected():
    with Wire(wire.answers("secret")) as inner, Wire(wire.redirects_to(inner.url)) as server:
        assert ask(server.url).status == 302
    assert inner.asked == []


def test_a_closed_port_is_said_to_be_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OutboundError) as refused:
        ask(f"http://127.0.0.1:{port}/")
    assert refused.value.code == "unreachable"


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with Wire(wire.answers("hello")) as server, Wire(wire.answers("proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        assert ask(server.url).body == b"hello"
    assert proxy.asked == []
