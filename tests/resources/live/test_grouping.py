from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.live.grouping import Known, group
from resources.live.readings import DOWN, DRAINED, FREE, IDLE, UNKNOWN, PoolSums, Sums
from tests.resources.live.conftest import H100, snapshot

KNOWN = Known(kinds={H100.lower(): "h100"}, tenants={"acme-train": "a" * 32, "acme-serve": "a" * 32, "borg": "b" * 32})


def test_group_of_a_mixed_node_counts_each_state_once():
    found = group(
        snapshot(("acme-train", 0.9, 0), ("acme-serve", 0.01, 0), ("borg", 0.5, 0), ("", 0.0, 0), ("", 0.0, 1), ("", 0.0, 2)),
        KNOWN, 7, 3,
    ).reading  # fmt: skip
    assert found.pools == {
        "h100": PoolSums(
            allocated=3, busy=2, idle=1, load=1.41, memory_mib=6000, power_w=600, temperature=50,
            installed=6, free=1, drained=1, down=1,
        )
    }  # fmt: skip
    assert found.tenants == {
        "a" * 32: {"h100": Sums(allocated=2, busy=1, idle=1, load=0.91, memory_mib=2000, power_w=200, temperature=50)},
        "b" * 32: {"h100": Sums(allocated=1, busy=1, idle=0, load=0.5, memory_mib=1000, power_w=100, temperature=50)},
    }
    assert list(found.codes) == [90, IDLE, 50, FREE, DRAINED, DOWN]
    assert found.cells["a" * 32] == {"node-0": [0, 90, 1, IDLE]}


def test_group_of_an_unmeasured_gpu_says_unknown_and_never_idle():
    found = group(snapshot(("borg", float("nan"), 0)), KNOWN, 1, 1).reading
    assert list(found.codes) == [UNKNOWN]
    assert found.pools["h100"].idle == 0
    assert found.pools["h100"].busy == 0
    assert found.pools["h100"].allocated == 1


def test_group_of_an_unknown_namespace_allocates_to_nobody():
    found = group(snapshot(("stranger", 0.5, 0)), KNOWN, 1, 1).reading
    assert found.tenants == {}
    assert found.pools["h100"].allocated == 1
    assert found.problems == ["1 GPU is held under a name that no environment here has (stranger)."]


def test_group_of_an_unknown_model_names_it_and_counts_it_nowhere():
    found = group(snapshot(("", 0.0, 0), model="NVIDIA X1"), KNOWN, 1, 1).reading
    assert found.pools == {}
    assert found.codes == b""
    assert found.problems == [
        "1 GPU calls itself “NVIDIA X1”, which is no alias of any GPU kind here. Add it to the kind."
    ]


def test_group_of_nothing_is_nothing():
    found = group(snapshot(), KNOWN, 1, 1)
    assert found.reading.pools == {}
    assert found.layout.kinds == []


def test_layout_changes_only_when_the_inventory_does():
    first = group(snapshot(*[("", 0.0, 0)] * 12), KNOWN, 1, 1).layout
    busier = group(snapshot(*[("borg", 0.7, 0)] * 12), KNOWN, 1, 2).layout
    larger = group(snapshot(*[("", 0.0, 0)] * 13), KNOWN, 1, 3).layout
    assert first.kinds == [("h100", [("node-0", 8), ("node-1", 4)])]
    assert busier == first
    assert larger.digest != first.digest


states = st.tuples(
    st.sampled_from(["", "acme-train", "borg", "stranger"]), st.floats(0, 1, width=32), st.sampled_from([0, 0, 0, 1, 2])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(states, max_size=40))
def test_sums_of_any_snapshot_agree_with_a_recount(gpus):
    found = group(snapshot(*gpus), KNOWN, 1, 1).reading
    pool = found.pools.get("h100", PoolSums())
    held = [gpu for gpu in gpus if gpu[0]]
    assert pool.installed == len(gpus)
    assert pool.allocated == len(held)
    assert pool.busy == sum(gpu[1] >= np.float32(0.05) for gpu in held)
    assert pool.busy + pool.idle == pool.allocated
    assert pool.free == sum(not gpu[0] and gpu[2] == 0 for gpu in gpus)
    assert sum(sums["h100"].allocated for sums in found.tenants.values()) == sum(
        gpu[0] not in ("", "stranger") for gpu in gpus
    )
    assert len(found.codes) == len(gpus)
