"""The GPUs of one demo cluster: where they sit, what they are called, which of them are ill."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.demo import cast

DRIVER_VERSION = "570.124.06"
# Of the catalogue of XID errors those after which NVIDIA asks for a reset or a repair; 79: fallen off the bus.
FATAL_XIDS = (79, 48, 95, 74)
FALLEN_OFF = 79
DOWN_SHARE = 0.004
DRAINED_SHARE = 0.015
UNREADABLE_SHARE = 0.004
"""GPUs whose power sensor answers nothing: DCGM then writes a blank value."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """One entry per GPU in every tuple and array, node by node."""

    kinds: tuple[cast.Kind, ...]
    kind: NDArray[np.intp]
    """Index into ``kinds``."""
    node: NDArray[np.intp]
    """Index into ``hosts``."""
    hosts: tuple[str, ...]
    uuids: tuple[str, ...]
    labels: tuple[str, ...]
    """What stands in every line of the GPU, without braces, before what its job adds."""
    xid: NDArray[np.int64]
    drained: NDArray[np.bool_]
    unreadable: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.uuids)


def build(cluster: cast.Cluster, *, host_label: str = "hostname", known: Iterable[cast.Kind] = cast.KINDS) -> Fleet:
    """The same cluster is the same fleet each time. Older exporters write ``Hostname``."""
    by_slug = {each.slug: each for each in known}
    kinds = tuple(by_slug[slug] for slug in dict.fromkeys(cluster.kinds))
    hosts: list[str] = []
    uuids: list[str] = []
    labels: list[str] = []
    kind: list[int] = []
    node: list[int] = []
    for rack in cluster.racks:
        for number in range(rack.nodes):
            host = f"{rack.prefix}{number + 1:0{max(3, len(str(rack.nodes)))}d}"
            hosts.append(host)
            for index in range(rack.gpus_per_node):
                made = by_slug[rack.kind]
                uuids.append(_uuid(cluster.slug, host, index))
                labels.append(_labels(index, uuids[-1], made.model_name, host, host_label))
                kind.append(kinds.index(made))
                node.append(len(hosts) - 1)
    nodes = np.array(node, dtype=np.intp)
    random = np.random.default_rng(_number(cluster.slug))
    ill = _pick(random, len(uuids), DOWN_SHARE)
    xid = np.zeros(len(uuids), dtype=np.int64)
    xid[ill] = np.resize(np.array(FATAL_XIDS), len(ill))
    drained_nodes = _pick(random, len(hosts), DRAINED_SHARE)
    unreadable = np.zeros(len(uuids), dtype=np.bool_)
    unreadable[_pick(random, len(uuids), UNREADABLE_SHARE)] = True
    return Fleet(
        kinds, np.array(kind, dtype=np.intp), nodes, tuple(hosts), tuple(uuids), tuple(labels),
        xid, np.isin(nodes, drained_nodes), unreadable,
    )  # fmt: skip


def _pick(random: np.random.Generator, among: int, share: float) -> NDArray[np.intp]:
    return random.choice(among, size=max(1, round(among * share)), replace=False)


def _number(*words: object) -> int:
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:8], "big")


def _uuid(*words: object) -> str:
    found = hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()
    return f"GPU-{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:32]}"


def _labels(index: int, uuid: str, model: str, host: str, host_label: str) -> str:
    # The order of dcgm-exporter's own template: fixed labels, host, then its counters' labels.
    return (
        f'gpu="{index}",UUID="{uuid}",pci_bus_id="00000000:{index * 16 + 27:02X}:00.0",device="nvidia{index}",'
        f'modelName="{model}",{host_label}="{host}",DCGM_FI_DRIVER_VERSION="{DRIVER_VERSION}"'
    )
