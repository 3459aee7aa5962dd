"""Lists at the size of a country: 10,000 tenants with 100,000 requests, for everybody who looks at them.

BENCH_TENANTS (10,000 unless said otherwise) with ten requests and one grant each, sent over two years, in every state,
shared out among forty approvers, some of them for any cluster; applications and quotas beside them. All is written by a
few statements. Each line is the CPU of one page of 50 rows (the least of several rounds), beside it the time with the
database and the queries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants.models import Tenant
from tests.bench.bench_pages import deep, measured
from tests.bench.conftest import Score, note
from tests.factories.people import make_user
from tests.factories.resources import make_cluster, make_kind, make_pool, make_provider, make_share
from tests.factories.tenants import make_authority, make_member, make_staff

TENANTS = int(os.environ.get("BENCH_TENANTS", "10000"))
EACH = 10
MANY = min(TENANTS, 2_000)
APPROVERS = 40
GOAL_MS, QUERIES_AT_MOST = 30, 15
ANY = set(range(51))
FILL = (
    """
    INSERT INTO tenants_tenant (public_id, created_at, authority_id, name, slug, kind, country, legal_id, data_class,
                                residency, contact_email, state)
    SELECT gen_random_uuid(), %(now)s - n * interval '1 hour', %(authority)s,
           (ARRAY['Institute', 'University', 'Agency', 'Works'])[1 + n %% 4] || ' ' || n || ' of the North', 'bench-' || n,
           (ARRAY['academia', 'startup', 'industry', 'public_agency'])[1 + n %% 4], 'LU', 'B' || n, 'internal', '{}',
           'x@bench.test', CASE WHEN n %% 50 = 0 THEN 'suspended' ELSE 'active' END
    FROM generate_series(1, %(tenants)s) AS n
    """,
    """
    INSERT INTO tenants_project (public_id, created_at, tenant_id, authority_id, name, slug, purpose, stage, data_class)
    SELECT gen_random_uuid(), %(now)s, id, authority_id, 'Models of weather', 'models', '', 'training', 'internal'
    FROM tenants_tenant WHERE slug LIKE 'bench-%%'
    """,
    """
    INSERT INTO resources_quotarequest (public_id, created_at, tenant_id, authority_id, project_id, reference, revision,
        purpose, stage, mode_answers, change, state, requested_by_id, reviewer_id, submitted_at, due_at, escalated_at,
        decided_at, appealed_after)
    SELECT gen_random_uuid(), %(now)s - (k * %(tenants)s + p.row) * interval '10 minutes', p.tenant_id, p.authority_id, p.id,
           'QR-B' || k || '-' || p.row, 1, 'Weather in the Alps', 'training', '{}', 'new',
           (ARRAY['submitted', 'in_review', 'approved', 'approved', 'rejected', 'info_requested', 'approved',
                  'awaiting_second', 'withdrawn', 'partially_approved'])[1 + (k + p.row) %% 10],
           %(asker)s, CASE WHEN p.row %% 3 = 0 THEN NULL ELSE (%(approvers)s::bigint[])[1 + p.row %% %(staff)s] END,
           %(now)s - (k * %(tenants)s + p.row) * interval '10 minutes',
           %(now)s + (k * 7 + p.row %% 30 - 15) * interval '1 day', NULL, NULL, 0
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS row FROM tenants_project WHERE slug = 'models') AS p
    CROSS JOIN generate_series(0, %(each)s - 1) AS k
    """,
    """
    INSERT INTO resources_requestline (public_id, created_at, tenant_id, authority_id, request_id, revision, cluster_id,
                                       kind_id, pool_id, amount, capped, starts_at, ends_at)
    SELECT gen_random_uuid(), r.created_at, r.tenant_id, r.authority_id, r.id, 1, c.cluster_id, c.kind_id, c.id,
           1 + r.id %% 64, false, r.created_at, r.created_at + interval '180 days'
    FROM resources_quotarequest r
    JOIN resources_capacitypool c ON c.id = (%(pools)s::bigint[])[1 + r.id %% %(count)s] WHERE r.reference LIKE 'QR-B%%'
    """,
    """
    INSERT INTO resources_environment (public_id, created_at, tenant_id, authority_id, project_id, cluster_id, external_name)
    SELECT gen_random_uuid(), %(now)s, tenant_id, authority_id, id,
           (SELECT cluster_id FROM resources_capacitypool WHERE id = (%(pools)s::bigint[])[1 + p.id %% %(count)s]), 'e-' || id
    FROM tenants_project p WHERE slug = 'models'
    """,
    """
    INSERT INTO resources_grant (public_id, created_at, tenant_id, authority_id, environment_id, pool_id, share_id, line_id,
                                 amount, starts_at, ends_at, state)
    SELECT gen_random_uuid(), l.created_at, l.tenant_id, l.authority_id, e.id, l.pool_id, s.id, l.id, l.amount, l.starts_at,
           l.ends_at, CASE WHEN l.ends_at > %(now)s THEN 'active' ELSE 'expired' END
    FROM resources_requestline l JOIN resources_quotarequest r ON r.id = l.request_id
    JOIN resources_environment e ON e.project_id = r.project_id JOIN resources_share s ON s.pool_id = l.pool_id
    WHERE r.state = 'approved' AND r.reference LIKE 'QR-B%%'
    """,
    """
    UPDATE resources_requestline l SET cluster_id = NULL, pool_id = NULL FROM resources_quotarequest r
    WHERE r.id = l.request_id AND r.reference LIKE 'QR-B%%' AND r.state <> 'approved' AND r.id %% 7 = 0
    """,
    """
    INSERT INTO resources_quota (public_id, created_at, tenant_id, authority_id, environment_id, pool_id, wanted, revision,
                                 applied_revision, state, reason, attempts, fence)
    SELECT gen_random_uuid(), %(now)s, e.tenant_id, e.authority_id, e.id, c.id, 4, 1, 1, 'in_force', '', 0, 0
    FROM resources_environment e JOIN resources_capacitypool c ON c.cluster_id = e.cluster_id WHERE e.external_name LIKE 'e-%%'
    """,
)  # fmt: skip
TABLES = (
    "resources_quotarequest", "resources_requestline", "resources_grant", "resources_quota", "resources_environment",
    "tenants_tenant", "tenants_project",
)  # fmt: skip


@pytest.fixture
def people(db: None) -> Iterator[dict[str, Client]]:
    """Browsers of everybody who looks, by what they are."""
    authority, asker, now = make_authority(), make_user(), timezone.now()
    provider = make_provider()
    clusters = [make_cluster(provider=provider, slug=f"bench-{number}") for number in range(12)]
    pools = [make_pool(1_000_000, cluster=cluster, kind=make_kind()) for cluster in clusters]
    for pool in pools:
        make_share(pool, authority, 1_000_000)
    approvers = [make_staff(authority, "quota_approver") for _ in range(APPROVERS)]
    facts = {
        "authority": authority.pk, "tenants": TENANTS, "each": EACH, "now": now, "asker": asker.pk, "staff": APPROVERS,
        "approvers": [each.pk for each in approvers], "pools": [each.pk for each in pools], "count": len(pools),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in FILL:
            cursor.execute(statement, facts)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    yield {name: signed_in(user) for name, user in cast(authority, approvers[0]).items()}


def cast(authority: Any, approver: Any) -> dict[str, Any]:
    """Who looks, by what they are."""
    tenants = [*Tenant.objects.filter(slug__startswith="bench-").order_by("pk")[:MANY]]
    one, many = make_user(), make_user()
    make_member(tenants[0], "owner", one)
    for tenant in tenants:
        make_member(tenant, "member", many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "approver": approver, "auditor": make_staff(authority, "auditor"), "officer": make_staff(authority),
        "owner": one, f"member of {MANY:,}": many,
    }  # fmt: skip


def signed_in(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


PAGES = (
    ("requests, first page", "/requests/?tab=all"),
    ("requests, last page", "/requests/?tab=all&at=last"),
    ("requests, open", "/requests/?tab=open"),
    ("requests, mine", "/requests/?tab=mine"),
    ("requests, late", "/requests/?tab=overdue"),
    ("requests, filtered", "/requests/?tab=all&state=approved"),
    ("requests, of one cluster", "/requests/?tab=all&cluster=bench-1"),
    ("requests, open, of one cluster", "/requests/?tab=open&cluster=bench-1"),
    ("requests, of one tenant", "/requests/?tab=all&tenant=bench-1"),
    ("requests, searched", "/requests/?tab=all&q=institute"),
    ("grants", "/grants/"),
    ("grants, last page", "/grants/?at=last"),
    ("tenants", "/tenants/"),
    ("tenants, last page", "/tenants/?at=last"),
    ("tenants, searched", "/tenants/?q=institute"),
)


def test_lists_cost_the_same_for_everybody_at_any_depth(people: dict[str, Client], score: Score) -> None:
    note("size", f"{TENANTS:,} tenants, {TENANTS * EACH:,} requests, 50 rows a page")
    for who, browser in people.items():
        pages = [*PAGES]
        pages.insert(1, ("requests, deep page", deep(browser, "/requests/?tab=all&size=50", 20)))
        for what, path in pages:
            cpu, wall, queries, _body = measured(browser, path + ("&" if "?" in path else "?") + "size=50", ANY)
            note(f"{who}: {what}", f"{cpu:.1f} ms CPU, {wall:.1f} ms with the database, {queries} queries")
            score(f"{who}: {what}, CPU", cpu, GOAL_MS, "ms", sure=False)
            score(f"{who}: {what}, queries", queries, QUERIES_AT_MOST, "")
