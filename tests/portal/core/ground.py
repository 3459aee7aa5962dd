"""Rows for tests of the ground, written plainly: the services stand above it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import Any

from django.db import connection

from portal.core.access import set_grants
from portal.models import User
from resources.models import CapacityPool, Cluster, Environment, GPUKind, Provider, Quota
from tenants.models import Authority, AuthorityMembership, Membership, Project, Tenant
from tenants.roles import AUTHORITY_GRANTS, TENANT_GRANTS

numbers = count(1)


def make_person(**fields: Any) -> User:
    return User.objects.create_user(f"person{next(numbers)}@example.org", **fields)


def make_authority() -> Authority:
    number = next(numbers)
    return Authority.objects.create(
        name=f"Authority {number}", slug=f"authority-{number}", country="LU", contact_email="office@example.org"
    )


def make_tenant(authority: Authority | None = None, **fields: Any) -> Tenant:
    number = next(numbers)
    facts = {
        "authority": authority or make_authority(),
        "name": f"Tenant {number}",
        "slug": f"tenant-{number}",
        "kind": "industry",
        "country": "LU",
        "data_class": "internal",
        "contact_email": "desk@example.org",
    }
    return Tenant.objects.create(**facts | fields)


def make_member(tenant: Tenant, role: str = "owner", user: User | None = None, **period: datetime | None) -> User:
    """A person with that role: the membership and the grants that follow from it."""
    user = user or make_person()
    Membership.objects.create(user=user, tenant=tenant, authority=tenant.authority, role=role, **period)
    set_grants(tenant, user, TENANT_GRANTS[role])
    return user


def make_staff(authority: Authority, role: str, **period: datetime | None) -> User:
    user = make_person()
    AuthorityMembership.objects.create(user=user, authority=authority, role=role, **period)
    set_grants(authority, user, AUTHORITY_GRANTS[role])
    return user


def make_quota() -> Quota:
    """A quota of an environment of its own, on a pool of its own."""
    number = next(numbers)
    tenant = make_tenant()
    whose = {"tenant": tenant, "authority": tenant.authority}
    project = Project.objects.create(name="P", slug="p", stage="training", data_class="public", **whose)
    provider = Provider.objects.create(
        name=f"Provider {number}", slug=f"provider-{number}", country="LU", contact_email="desk@example.org"
    )
    cluster = Cluster.objects.create(
        provider=provider, name=f"Cluster {number}", slug=f"c-{number}", city="Bissen", country="LU"
    )
    kind = GPUKind.objects.create(slug=f"kind-{number}", vendor="NVIDIA", name=f"Kind {number}", memory_gib=80)
    pool = CapacityPool.objects.create(cluster=cluster, kind=kind, installed=8, healthy=8)
    place = Environment.objects.create(project=project, cluster=cluster, external_name=f"e-{number}", **whose)
    return Quota.objects.create(environment=place, pool=pool, **whose)


def at_once(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """What ``work`` returned, or the error it raised, for each item; all begin together, each on its own connection."""
    todo = list(items)
    gate = threading.Barrier(len(todo))

    def one(item: Any) -> Any:
        gate.wait()
        try:
            return work(item)
        except Exception as error:  # noqa: BLE001 - the error is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(todo)) as threads:
        return list(threads.map(one, todo))
