"""Every driver keeps the same promises: totals, said as often as wanted, read back, and no lie about what it cannot do."""

from __future__ import annotations

import json
import threading
import time

import pytest

from resources.demo import calibration, cast, fleet
from resources.demo.answers import handler
from resources.demo.engine import Engine
from resources.demo.exporter import Server
from resources.demo.source import Source
from resources.drivers import driver, drivers
from resources.drivers.base import DriverError, Enforcement, EngineRefused, EngineSilent, Target
from tests.resources import wire
from tests.resources.wire import LOOPBACK, Wire

FAMILY = ("counted", "fake")


@pytest.fixture
def engine(tmp_path):
    """A demo cluster's engine that nobody has asked anything yet, and its address."""
    cluster = cast.cluster("pietralba")
    built = fleet.build(cluster)
    kept = Engine((each.slug for each in built.kinds), {}, tmp_path / "pietralba.json")
    server = Server(("127.0.0.1", 0), handler(Source(cluster, built, kept, calibration.builtin()), control=False))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def target(url, environment="tenant-a-project", kind="h100", seconds=2.0, networks=LOOPBACK):
    return Target(url, environment, kind, {"allowed_networks": networks}, seconds)


@pytest.mark.parametrize("key", FAMILY)
def test_a_total_may_be_said_twice_and_is_read_back(key, engine):
    member, quota = driver(key), target(engine)
    member.ensure_environment(quota)
    member.ensure_environment(quota)
    enforced = member.capability("h100") is Enforcement.ENFORCED
    assert member.read_back(quota).limit is None
    for total in (8, 8, 24, 3, 0):
        member.apply(quota, total)
        before = time.time()
        seen = member.read_back(quota)
        assert seen.limit == (total if enforced else None)
        assert before - 1 <= seen.at <= time.time()


@pytest.mark.parametrize("key", FAMILY)
def test_quotas_of_others_are_left_alone(key, engine):
    member = driver(key)
    quotas = [target(engine, name, kind) for name in ("tenant-a-x", "tenant-b-x") for kind in ("h100", "a100")]
    for total, quota in enumerate(quotas, 1):
        member.apply(quota, total)
    member.apply(quotas[0], 40)
    if member.capability("h100") is Enforcement.ENFORCED:
        assert [member.read_back(quota).limit for quota in quotas] == [40, 2, 3, 4]


def test_the_family_is_registered_with_labels_and_says_what_it_can():
    assert [key for key, _ in drivers()] == sorted(FAMILY)
    assert all(label for _, label in drivers())
    assert driver("counted").capability("h100") is Enforcement.COUNTED_ONLY
    assert driver("fake").capability("h100") is Enforcement.ENFORCED
    with pytest.raises(LookupError, match="carrier-pigeon"):
        driver("carrier-pigeon")


def test_what_is_in_use_comes_with_the_limit(engine):
    fake, quota = driver("fake"), target(engine)
    fake.apply(quota, 24)
    deadline = time.monotonic() + 8
    while not fake.read_back(quota).used and time.monotonic() < deadline:
        time.sleep(0.3)
    assert 0 < fake.read_back(quota).used <= 24


@pytest.mark.parametrize(
    ("environment", "kind", "said"),
    [("tenant-a", "mi300x", "no GPUs of the kind mi300x"), ("../x", "h100", "no name of a namespace")],
)
def test_what_the_engine_refuses_is_quoted(engine, environment, kind, said):
    with pytest.raises(EngineRefused, match=said):
        driver("fake").apply(target(engine, environment, kind), 1)


@pytest.mark.parametrize("behave", [wire.silent, wire.trickles_headers, wire.trickles_body])
def test_a_silent_engine_costs_the_deadline_and_may_be_tried_again(behave):
    with Wire(behave) as server:
        begun = time.monotonic()
        with pytest.raises(EngineSilent):
            driver("fake").apply(target(server.url, seconds=0.5), 4)
        assert time.monotonic() - begun < 10  # the engine would go on for twenty


@pytest.mark.parametrize(
    "behave",
    [
        wire.nonsense,
        wire.half,
        wire.endless,
        wire.redirects_to("http://127.0.0.1:1/"),
        wire.answers("no", "500 Broken"),
    ],
)
def test_an_engine_that_makes_no_sense_has_refused(behave):
    with Wire(behave) as server, pytest.raises(EngineRefused):
        driver("fake").apply(target(server.url, seconds=5), 4)


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"limit": "8", "used": 0}', '{"limit": 8}', "<html>"])
def test_a_reading_that_is_no_quota_is_not_taken_for_one(said):
    with Wire(wire.answers(said or "null")) as server, pytest.raises(EngineRefused, match="not a quota"):
        driver("fake").read_back(target(server.url))


def test_an_engine_is_asked_only_where_the_installation_allows_it():
    said = wire.answers(json.dumps({"limit": 1, "used": 0}))
    with Wire(said) as server, pytest.raises(DriverError, match="may not be asked"):
        driver("fake").read_back(target(server.url, networks=()))
    assert server.asked == []


def test_an_engine_that_is_not_there_may_be_tried_again():
    with pytest.raises(EngineSilent, match="cannot be reached"):
        driver("fake").apply(target("http://127.0.0.1:1"), 1)
