"""A whole real cluster out of the traces: its nodes and kinds, and tenants with their real quotas. For trials of size.

    python -m resources.demo.exporter --cluster traces --traces FOLDER

The nodes are those of cluster-trace-v2026-spot-gpu (alibaba/clusterdata, please cite ASPLOS'26): 10,412 GPUs. The
tenants and quotas are the virtual clusters of Helios' cluster Earth (MIT), which here share the A100 GPUs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resources.demo import cast
from resources.demo.cast_types import Rack
from resources.demo.traces import DEMAND_FILE, columns

SLUG = "traces"
NODES_FILE = "alibaba_spot2026_nodes.csv.gz"
SHARED_MODEL = "A100-SXM4-80GB"


@dataclass(frozen=True, slots=True)
class Place:
    cluster: cast.Cluster
    kinds: Iterable[cast.Kind]
    quotas: Mapping[str, Mapping[str, int]]
    """Namespace → kind → GPUs."""


# Memory and board power are the makers'; two models are anonymous in the trace, and figures of an A100 stand in.
KNOWN = {
    "A10": (24, "NVIDIA A10", 23028, 20, 150, 1695),
    "A100-SXM4-80GB": (80, "NVIDIA A100-SXM4-80GB", 81920, 63, 400, 1410),
    "A800-SXM4-80GB": (80, "NVIDIA A800-SXM4-80GB", 81920, 63, 400, 1410),
    "H800": (80, "NVIDIA H800", 81559, 70, 700, 1980),
}
ANONYMOUS = (80, "", 81920, 63, 400, 1410)


def read(folder: Path) -> Place:
    """Raises OSError or ValueError where the folder does not hold the files."""
    racks: Counter[tuple[str, int]] = Counter()
    for model, gpus in zip(*columns(folder / NODES_FILE, "gpu_model", "gpu_capacity_num"), strict=True):
        racks[model, int(gpus)] += 1
    quotas: dict[str, dict[str, int]] = {}
    for tenant, quota in zip(*columns(folder / DEMAND_FILE, "vc", "total_gpu_num"), strict=True):
        quotas.setdefault(tenant.lower(), {_slug(SHARED_MODEL): int(quota)})
    cluster = cast.Cluster(
        SLUG, "The traces' cluster", "", "", "", (), (), confidential_computing=False,
        racks=tuple(
            Rack(_slug(model), nodes, f"{_slug(model)}-x{gpus}-", gpus) for (model, gpus), nodes in sorted(racks.items())
        ),
    )  # fmt: skip
    return Place(cluster, tuple(_kind(model) for model in sorted({model for model, _ in racks})), quotas)


def _slug(model: str) -> str:
    return model.lower()


def _kind(model: str) -> cast.Kind:
    memory, name, framebuffer, idle_w, board_w, clock = KNOWN.get(model, ANONYMOUS)
    return cast.Kind(_slug(model), "NVIDIA", model, memory, name or model, framebuffer, idle_w, board_w, clock)
