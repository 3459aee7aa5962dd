"""What a demo world is made of. Plain data: slugs point at slugs, and nothing here knows a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Authority:
    slug: str
    name: str
    country: str
    region: str
    time_zone: str
    policies: Mapping[str, int]
    """Key of a policy rule → value, where this authority differs from the defaults."""

    @property
    def email(self) -> str:
        return f"office@{self.slug}.example"


@dataclass(frozen=True, slots=True)
class Provider:
    slug: str
    name: str
    country: str

    @property
    def email(self) -> str:
        return f"operations@{self.slug}.example"


@dataclass(frozen=True, slots=True)
class Kind:
    """A model of GPU. ``slug`` is also the engine's name of it."""

    slug: str
    vendor: str
    name: str
    memory_gib: int
    model_name: str
    """As DCGM exporter writes it in the label modelName."""
    framebuffer_mib: int
    idle_w: float
    board_w: float
    sm_clock_mhz: int

    @property
    def aliases(self) -> tuple[str, ...]:
        return (self.model_name, self.slug)


@dataclass(frozen=True, slots=True)
class Rack:
    """Nodes of eight GPUs of one kind, as in the real A100 and H800 inventories (alibaba/clusterdata, spot-gpu 2026)."""

    kind: str
    nodes: int
    prefix: str
    gpus_per_node: int = 8

    @property
    def gpus(self) -> int:
        return self.nodes * self.gpus_per_node


@dataclass(frozen=True, slots=True)
class Cluster:
    slug: str
    name: str
    provider: str
    city: str
    country: str
    data_classes: tuple[str, ...]
    certifications: tuple[str, ...]
    confidential_computing: bool
    racks: tuple[Rack, ...]

    def gpus(self, kind: str) -> int:
        return sum(rack.gpus for rack in self.racks if rack.kind == kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(rack.kind for rack in self.racks)


@dataclass(frozen=True, slots=True)
class Share:
    """How many GPUs of a pool (cluster × kind) an authority may promise."""

    authority: str
    cluster: str
    kind: str
    gpus: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What a project already has."""

    cluster: str
    kind: str
    gpus: int


@dataclass(frozen=True, slots=True)
class Project:
    slug: str
    name: str
    stage: str
    data_class: str
    purpose: str
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class Tenant:
    slug: str
    name: str
    kind: str
    country: str
    authority: str
    legal_id: str
    data_class: str
    residency: tuple[str, ...]
    projects: tuple[Project, ...]

    @property
    def email(self) -> str:
        return f"contact@{self.slug}.example"


def namespace(tenant: str, project: str) -> str:
    """The name of a project's environment on every cluster: what exporters write in the label namespace."""
    return f"{tenant}-{project}"[:63].rstrip("-")


@dataclass(frozen=True, slots=True)
class Person:
    """``role`` at ``place``: of an authority, a provider, a tenant; "platform_admin" and "applicant" have no place."""

    email: str
    name: str
    role: str
    place: str = ""
    shown: str = ""
    """Printed with this description beside the password when the demo starts; empty: not printed."""


@dataclass(frozen=True, slots=True)
class Case:
    """An organisation that asks to become a tenant; ``state`` is how far it has come."""

    applicant: str
    authority: str
    organisation: str
    kind: str
    country: str
    legal_id: str
    data_class: str
    residency: tuple[str, ...]
    purpose: str
    state: str
    days_ago: int
    asked: str = ""
    """What the officer asked, where the state is info_requested."""


@dataclass(frozen=True, slots=True)
class Request:
    """A quota request beside those that the quotas above came from; ``state`` is how far it has come."""

    tenant: str
    project: str
    cluster: str
    kind: str
    gpus: int
    months: int
    purpose: str
    state: str
    days_ago: int
    remark: str = ""
    """What the approver wrote: asked, refused or approved with."""
