"""Every collector keeps the same promises, whatever it asks."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from resources.collectors import CollectorError, Health, Source, SourceGarbled, SourceSilent, collector, collectors
from tests.resources import wire
from tests.resources.collectors import texts
from tests.resources.wire import LOOPBACK, Wire

GPUS = [
    texts.gpu("GPU-c", "node2", 0, values={"busy": 0}),
    texts.gpu("GPU-b", "node1", 1, "tenant-b", {"busy": 3, "power_w": 91.25}),
    texts.gpu("GPU-a", "node1", 0, "tenant-a", {"busy": 97, "memory_mib": 70000}),
    texts.gpu("GPU-d", "node2", 1, values={"busy": 0, "xid": 79}),
    texts.gpu("GPU-e", "node3", 0, "tenant-b", {"busy": 12}),
]
DRAINED = ("node3",)
ALLOWED = {"allowed_networks": LOOPBACK}


def fixed(behaviour=None):
    if behaviour is not None:
        return Source(1, settings={"silent": "Nothing."} if behaviour in SILENCES else {"garbled": "Nonsense."}), None
    health = {"GPU-d": 2, "GPU-e": 1}
    rows = [
        {"uuid": labels["UUID"], "host": labels["hostname"], "index": int(labels["gpu"]), "model": labels["modelName"],
         "namespace": labels.get("namespace", ""), "health": health.get(labels["UUID"], 0),
         **values, "busy": values["busy"] / 100}
        for labels, values in GPUS
    ]  # fmt: skip
    return Source(1, settings={"rows": rows}), None


def exporters(behaviour=None):
    server = Wire(behaviour or wire.answers(texts.exposition(GPUS, DRAINED)))
    return Source(2, urls=(server.url + "/metrics",), mode="exporters", deadline_seconds=1, settings=ALLOWED), server


def server(behaviour=None):
    server = Wire(behaviour or texts.prometheus(GPUS, DRAINED))
    return Source(3, url=server.url, mode="query", deadline_seconds=1, settings=ALLOWED), server


FAMILY = {"fake": fixed, "prometheus, exporters": exporters, "prometheus, query": server}
SILENCES = (wire.silent, wire.trickles_headers, wire.trickles_body)
NONSENSE = (
    wire.nonsense, wire.half, wire.hangs_up,
    wire.answers(""), wire.answers("<html>Sign in</html>"), wire.answers(b"\xff\xfe\x00garbage"),
    wire.answers("{}"), wire.answers("no", "500 Internal Server Error"), wire.answers("no", "403 Forbidden"),
    wire.redirects_to("http://169.254.169.254/latest/meta-data"),
)  # fmt: skip


def collect(member, behaviour=None):
    source, running = FAMILY[member](behaviour)
    if running is None:
        return collector(member.partition(",")[0]).collect(source)
    with running:
        return collector(member.partition(",")[0]).collect(source)


@pytest.mark.parametrize("member", FAMILY)
def test_a_snapshot_has_a_row_per_gpu_in_the_order_of_hosts(member):
    seen = collect(member)
    assert seen.uuids == ("GPU-a", "GPU-b", "GPU-c", "GPU-d", "GPU-e")
    assert seen.hosts == ("node1", "node1", "node2", "node2", "node3")
    assert seen.indexes.tolist() == [0, 1, 0, 1, 0]
    assert seen.models == ("NVIDIA H200",) * 5
    assert seen.namespaces == ("tenant-a", "tenant-b", "", "", "tenant-b")
    assert np.allclose(seen.busy, [0.97, 0.03, 0, 0, 0.12])
    assert seen.memory_mib.tolist() == [70000, 1000, 1000, 1000, 1000]
    assert seen.power_w.tolist() == [300.5, 91.25, 300.5, 300.5, 300.5]
    assert seen.temperature_c.tolist() == [40] * 5
    assert seen.health.tolist() == [Health.OK, Health.OK, Health.OK, Health.DOWN, Health.DRAINED]
    assert seen.problems == ()


@pytest.mark.parametrize("member", FAMILY)
def test_columns_have_the_promised_types_and_lengths(member):
    seen = collect(member)
    kinds = {name: getattr(seen, name).dtype for name in ("busy", "memory_mib", "power_w", "temperature_c")}
    assert set(kinds.values()) == {np.dtype("float32")}
    assert (seen.indexes.dtype, seen.health.dtype) == (np.dtype("int16"), np.dtype("uint8"))
    columns = ("hosts", "indexes", "models", "namespaces", "busy", "memory_mib", "power_w", "temperature_c", "health")
    assert {len(getattr(seen, name)) for name in columns} == {len(seen)} == {5}
    assert seen.measured_at <= time.time()
    assert not math.isnan(seen.measured_at)


@pytest.mark.parametrize("member", FAMILY)
@pytest.mark.parametrize("behaviour", SILENCES)
def test_a_silent_source_is_said_to_be_silent_when_the_deadline_has_passed(member, behaviour):
    begun = time.monotonic()
    with pytest.raises(SourceSilent) as silent:
        collect(member, behaviour)
    assert time.monotonic() - begun < 10  # the source would go on for twenty
    assert str(silent.value).endswith(".")


@pytest.mark.parametrize("member", FAMILY)
@pytest.mark.parametrize("behaviour", NONSENSE)
def test_nonsense_is_said_to_be_nonsense_and_never_zero(member, behaviour):
    with pytest.raises(SourceGarbled) as garbled:
        collect(member, behaviour)
    assert str(garbled.value).endswith(".")


def test_an_endless_source_ends_at_the_deadline_or_at_its_size():
    with pytest.raises(CollectorError):
        collect("prometheus, exporters", wire.endless)


@pytest.mark.parametrize("mode", ["exporters", "query"])
def test_no_source_leads_to_an_address_that_is_not_allowed(mode):
    with Wire(wire.answers(texts.exposition(GPUS))) as running:
        source = Source(4, url=running.url, mode=mode, urls=(running.url,), deadline_seconds=1)
        with pytest.raises(SourceSilent, match="may not be asked"):
            collector("prometheus").collect(source)
    assert running.asked == []


def test_every_member_is_registered_with_a_label():
    assert [key for key, _ in collectors()] == ["fake", "prometheus"]
    assert all(label for _, label in collectors())
    with pytest.raises(CollectorError, match="no collector 'carrier-pigeon'"):
        collector("carrier-pigeon")


def test_unknown_modes_and_missing_addresses_are_said():
    with pytest.raises(CollectorError, match="'psychic' is not known"):
        collector("prometheus").collect(Source(5, mode="psychic"))
    with pytest.raises(SourceSilent, match="No address"):
        collector("prometheus").collect(Source(5))
