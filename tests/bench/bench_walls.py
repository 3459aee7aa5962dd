"""What both walls cost on a list of 50 rows: 10,000 tenants, 1,000,000 quotas (BENCH_TENANTS, BENCH_QUOTAS).

Database time as EXPLAIN ANALYZE says it, the median of several runs: the plain list of one tenant by its key, the same
through the first wall, and through both. The plan of the last is printed.
"""

from __future__ import annotations

import os
import statistics
from typing import Any

import pytest
from django.db import connection

from portal.core.isolation import scope
from resources.models import Quota
from tests.bench.conftest import Score, note
from tests.factories.people import make_user
from tests.factories.resources import make_cluster, make_kind
from tests.factories.tenants import make_authority, make_member, make_staff, make_tenant

TENANTS = int(os.environ.get("BENCH_TENANTS", "10000"))
QUOTAS = int(os.environ.get("BENCH_QUOTAS", "1000000"))
RUNS = 9
GOAL_MS = 2.0
FILL = (
    (
        "INSERT INTO tenants_tenant (public_id, created_at, authority_id, name, slug, kind, country, legal_id, data_class, "
        "residency, contact_email, state) SELECT gen_random_uuid(), now(), %(authority)s, 'Tenant ' || n, 'bench-' || n, "
        "'academia', 'LU', 'B' || n, 'internal', '{{}}', 'x@y.test', 'active' FROM generate_series(1, {tenants}) AS n"
    ),
    (
        "INSERT INTO tenants_project (public_id, created_at, tenant_id, authority_id, name, slug, purpose, stage, data_class) "
        "SELECT gen_random_uuid(), now(), id, authority_id, 'Project', 'p', '', 'training', 'internal' FROM tenants_tenant "
        "WHERE slug LIKE 'bench-%%'"
    ),
    (
        "INSERT INTO resources_cluster (public_id, created_at, provider_id, name, slug, city, country, data_classes, "
        "certifications, confidential_computing, driver, driver_settings, collector, collector_settings, collect_seconds, "
        "state, last_error) SELECT gen_random_uuid(), now(), %(provider)s, 'Bench ' || n, 'bench-' || n, 'X', 'LU', "
        "'{{internal}}', '{{}}', false, 'counted', '{{}}', '', '{{}}', 10, 'active', '' FROM generate_series(1, {clusters}) AS n"
    ),
    (
        "INSERT INTO resources_capacitypool (public_id, created_at, cluster_id, kind_id, installed, healthy, reserved, "
        "overcommit, policy_line_percent, count_source) SELECT gen_random_uuid(), now(), id, %(kind)s, 9, 9, 0, 1, 90, 'typed' "
        "FROM resources_cluster WHERE slug LIKE 'bench-%%'"
    ),
    (
        "INSERT INTO resources_environment (public_id, created_at, tenant_id, authority_id, project_id, cluster_id, "
        "external_name) SELECT gen_random_uuid(), now(), p.tenant_id, p.authority_id, p.id, c.id, 'e-' || p.id FROM "
        "tenants_project p CROSS JOIN resources_cluster c WHERE p.slug = 'p' AND c.slug LIKE 'bench-%%'"
    ),
    (
        "INSERT INTO resources_quota (public_id, created_at, tenant_id, authority_id, environment_id, pool_id, wanted, "
        "revision, applied_revision, state, reason, attempts, fence) SELECT gen_random_uuid(), now(), e.tenant_id, "
        "e.authority_id, e.id, q.id, 4, 1, 1, 'in_force', '', 0, 0 FROM resources_environment e JOIN resources_capacitypool q "
        "ON q.cluster_id = e.cluster_id WHERE e.external_name LIKE 'e-%%'"
    ),
)


@pytest.fixture
def many(db: None) -> Any:
    """One tenant's owner, one authority's approver, and everybody else around them."""
    authority = make_authority()
    cluster, kind = make_cluster(), make_kind()
    facts = {"authority": authority.pk, "provider": cluster.provider_id, "kind": kind.pk}
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement.format(tenants=TENANTS, clusters=max(1, QUOTAS // TENANTS)), facts)
        for table in ("tenants_tenant", "tenants_project", "resources_environment", "resources_quota"):
            cursor.execute(f"ANALYZE {table}")
    return authority


def explained(rows: Any) -> tuple[float, list[str]]:
    """Milliseconds of planning and running, and the plan."""
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {sql}", values)
        lines = [line for (line,) in cursor.fetchall()]
    took = {line.split(":")[0].strip(): float(line.split(":")[1].split()[0]) for line in lines if " Time:" in line}
    return took["Planning Time"] + took["Execution Time"], lines


def median(rows: Any) -> tuple[float, list[str]]:
    found = [explained(rows) for _ in range(RUNS)]
    return statistics.median(took for took, _ in found), found[-1][1]


def test_both_walls_on_a_list_of_fifty(many: Any, score: Score) -> None:
    tenant = make_tenant(authority=many)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM resources_quota ORDER BY id DESC LIMIT 1")
        (tenant_id,) = cursor.fetchone()
    tenant = type(tenant).objects.get(pk=tenant_id)
    owner = make_member(tenant, "owner", make_user())
    approver = make_staff(many, "quota_approver")
    note("rows", f"{TENANTS:,} tenants, {Quota.objects.count():,} quotas")

    def listed(user: Any) -> Any:
        return Quota.objects.visible_to(user).order_by("-pk")[:50]

    plain, _plan = median(Quota.objects.filter(tenant=tenant).order_by("-pk")[:50])
    first, _plan = median(listed(owner))
    with scope(owner):
        both, plan = median(listed(owner))
    note("the tenant's list by its key alone", f"{plain:.2f} ms")
    note("through the first wall", f"{first:.2f} ms")
    note("through both", f"{both:.2f} ms; the plan:")
    for line in plan:
        note("", line)
    score("overhead of both walls, a tenant's owner", both - plain, GOAL_MS, "ms of database time")

    plain, _plan = median(Quota.objects.filter(authority=many).order_by("-pk")[:50])
    with scope(approver):
        both, plan = median(listed(approver))
    for line in plan:
        note("", line)
    score("overhead of both walls, an approver of all", both - plain, GOAL_MS, "ms of database time")
