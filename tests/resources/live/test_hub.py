from __future__ import annotations

import json

from resources.live.grouping import Known, group
from resources.live.hub import Hub, frame_of
from resources.live.readings import Posted, posted
from resources.live.topics import Cut, Part
from tests.resources.live.conftest import H100, snapshot

A, B = "a" * 32, "b" * 32
KNOWN = Known(kinds={H100.lower(): "h100"}, tenants={"acme": A, "borg": B})


def message(seq: int = 1) -> Posted:
    return posted(group(snapshot(("acme", 0.9, 0), ("borg", 0.4, 0), ("", 0.0, 0)), KNOWN, 7, seq).reading)


class Listener:
    session_key = "s"

    def __init__(self, part: Part) -> None:
        self.cut = Cut(1, 0, "", {7: part}, [])
        self.offered = []

    def offer(self, cluster, frame):
        self.offered.append((cluster, frame))

    async def shut(self, code):
        raise AssertionError(code)


def test_frame_for_one_tenant_has_its_numbers_and_no_other_bytes():
    text, codes = frame_of(message(), Part(whole=False, tenants=[A]))
    found = json.loads(text)
    assert codes is None
    assert found["c"] == 7
    assert list(found["t"]) == [A]
    assert found["t"][A]["k"]["h100"]["allocated"] == 1
    assert found["t"][A]["g"] == {"node-0": [0, 90]}
    assert "whole" not in found
    assert B not in text


def test_frame_for_whoever_sees_the_cluster_whole_has_sums_and_a_byte_a_gpu():
    text, codes = frame_of(message(), Part(whole=True, tenants=[]))
    found = json.loads(text)
    assert found["whole"]["k"]["h100"]["installed"] == 3
    assert found["t"] == {}
    assert A not in text
    assert codes == (7).to_bytes(4, "big") + bytes([90, 40, 201])


def test_frame_of_a_silent_cluster_says_since_when_and_no_number():
    silent = Posted(7, 0, 0.0, "", 1700000000.0, b"", {}, b"")
    text, codes = frame_of(silent, Part(whole=True, tenants=[A]))
    assert codes is None
    assert json.loads(text) == {"type": "tick", "c": 7, "seq": 0, "at": 0.0, "layout": "", "silent": 1700000000.0}


def test_deliver_joins_once_per_cut_and_reaches_only_listeners_of_the_cluster():
    hub = Hub()
    same = [Listener(Part(whole=False, tenants=[A])) for _ in range(3)]
    other = Listener(Part(whole=False, tenants=[B]))
    for listener in (*same, other):
        hub.by_cluster.setdefault(7, set()).add(listener)
    hub.deliver(message())
    assert {id(listener.offered[0][1]) for listener in same} == {id(same[0].offered[0][1])}
    assert json.loads(other.offered[0][1][0])["t"].keys() == {B}
    hub.deliver(Posted(8, 1, 0.0, "", None, b"{}", {}, b""))
    assert [len(listener.offered) for listener in same] == [1, 1, 1]
