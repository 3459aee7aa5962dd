from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories.people import make_user
from tests.factories.resources import make_cluster, make_operator, make_pool, make_provider, make_share
from tests.factories.tenants import make_authority, make_member, make_project, make_staff, make_tenant


def make_house(gpus=100, **cluster: Any):
    """One of everybody around one pool: who asks, who decides, who runs it."""
    authority = make_authority()
    tenant = make_tenant(authority=authority)
    provider = make_provider()
    pool = make_pool(gpus, cluster=make_cluster(provider=provider, **cluster))
    return SimpleNamespace(
        authority=authority,
        approver=make_staff(authority, "quota_approver"),
        second=make_staff(authority, "quota_approver"),
        auditor=make_staff(authority, "auditor"),
        tenant=tenant,
        owner=make_member(tenant, "owner"),
        member=make_member(tenant, "member"),
        project=make_project(tenant),
        provider=provider,
        operator=make_operator(provider, make_user()),
        cluster=pool.cluster,
        pool=pool,
        share=make_share(pool, authority),
    )


@pytest.fixture
def house(db):
    return make_house()
