"""Pages at size: the CPU of a list, users of 1, 20 and 2,000 tenants, the deep page against the first, and queries.

BENCH_TENANTS (2,000 unless said otherwise; 10,000 is LIVE's size) with ten requests each. PostgreSQL's time is not in
the CPU of the page, and is printed beside it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.models import QuotaRequest, RequestLine
from tenants.models import Project, Tenant
from tests.bench.conftest import Score, note
from tests.factories.people import make_user
from tests.factories.resources import make_pool, make_share
from tests.factories.tenants import make_authority, make_member, make_staff

TENANTS = int(os.environ.get("BENCH_TENANTS", "2000"))
REQUESTS = 10 * TENANTS
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "25"))
SHOWN = {10, 50}
"""Rows on a page: a whole one, or all that a member of one tenant has."""
QUERIES_AT_MOST = 15
"""What the list takes for an approver; a peer needs 14 (LIVE.md)."""


@pytest.fixture
def people(db: None) -> Iterator[dict[str, Any]]:
    """Browsers of an approver who sees everything, and of members of 1, 20 and 2,000 tenants."""
    authority, asker, now = make_authority(), make_user(), timezone.now()
    whose: dict[str, Any] = {
        "kind": "academia",
        "country": "LU",
        "data_class": "internal",
        "contact_email": "x@bench.test",
    }
    tenants = Tenant.objects.bulk_create(
        Tenant(authority=authority, name=f"Tenant {n}", slug=f"tenant-{n}", **whose) for n in range(TENANTS)
    )
    projects = Project.objects.bulk_create(
        Project(tenant=t, authority=authority, name="Models", slug="models", stage="training", data_class="internal")
        for t in tenants
    )
    made = QuotaRequest.objects.bulk_create(
        (
            QuotaRequest(
                tenant=project.tenant,
                authority=authority,
                project=project,
                reference=f"QR-{n}",
                purpose="x",
                state="submitted",
                submitted_at=now,
                due_at=now + timedelta(days=n % 30),
                reviewer=asker if n % 3 else None,
                requested_by=asker,
            )
            for project, n in zip((*projects * 10, *projects[:1] * 50), count(), strict=False)
        ),
        batch_size=5_000,
    )
    for n, row in enumerate(made):
        row.created_at = now - timedelta(seconds=n)
    QuotaRequest.objects.bulk_update(made, ["created_at"], batch_size=5_000)
    pools = [make_pool(1_000) for _ in range(3)]
    for pool in pools:
        make_share(pool, authority, 1_000)
    RequestLine.objects.bulk_create(
        (
            RequestLine(
                tenant_id=row.tenant_id, authority=authority, request=row, cluster=pools[n % 3].cluster,
                kind=pools[n % 3].kind, pool=pools[n % 3], amount=8, starts_at=now, ends_at=now + timedelta(days=90),
            )
            for n, row in enumerate(made)
        ),
        batch_size=5_000,
    )  # fmt: skip
    users = {"all, as an approver": make_staff(authority, "quota_approver")}
    for size in (1, 20, min(TENANTS, 2_000)):
        users[f"{size} tenants"] = user = make_user()
        for tenant in tenants[:size]:
            make_member(tenant, "owner", user)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browsers = {name: Client() for name in users}
    for name, user in users.items():
        browsers[name].force_login(user)
    yield browsers


def measured(browser: Client, path: str, shown: set[int] = SHOWN) -> tuple[float, float, int, str]:
    """(CPU ms of a page, ms with the database, queries, body) of some rounds after a warm one.

    Of the CPU the least, as what else the machine does can only add to it; of the time with the database the median.
    ``shown``: how many rows there may be.
    """
    browser.get(path)
    cpu, wall = [], []
    for _ in range(ROUNDS):
        cpu_began, wall_began = time.process_time(), time.perf_counter()
        answer = browser.get(path)
        cpu.append(1000 * (time.process_time() - cpu_began))
        wall.append(1000 * (time.perf_counter() - wall_began))
        assert answer.status_code == 200
    assert answer.content.decode().count('class="name"') in shown
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    return min(cpu), sorted(wall)[ROUNDS // 2], len(queries), answer.content.decode()


def deep(browser: Client, path: str, pages: int = 40) -> str:
    """The address ``pages`` further on, following "older"."""
    address = path
    for _ in range(pages):
        found = re.findall(r'href="(\?[^"]*\bat=[^"]*)"', browser.get(address).content.decode())
        if not found:
            break
        address = path.partition("?")[0] + found[-2 if len(found) > 1 else -1].replace("&amp;", "&")
    return address


def test_a_list_stays_cheap_for_everybody_at_any_depth(people: dict[str, Client], score: Score) -> None:
    note("size", f"{TENANTS} tenants, {REQUESTS} requests, 50 rows a page")
    path, found = "/requests/?tab=all&size=50", {}
    for name, browser in people.items():
        cpu, wall, queries, _body = measured(browser, path)
        found[name] = (cpu, wall)
        note(name, f"{cpu:.1f} ms CPU, {wall:.1f} ms with the database, {queries} queries")
        score(f"list, CPU of a page, {name}", cpu, 30, "ms", sure=False)
        score(f"list, queries, {name}", queries, QUERIES_AT_MOST, "")
    members = [wall for name, (_cpu, wall) in found.items() if name.endswith("tenants")]
    score("slowest / fastest of users of 1, 20, 2,000 tenants", max(members) / min(members), 3, "")
    everything = people["all, as an approver"]
    for name, far in (("deep page", deep(everything, path)), ("last page", f"{path}&at=last")):
        cpu, wall, queries, _body = measured(everything, far)
        note(name, f"{far}: {cpu:.1f} ms CPU, {wall:.1f} ms, {queries} queries")
        score(f"list, CPU of the {name}", cpu, 30, "ms", sure=False)
        score(f"list, queries, {name}", queries, QUERIES_AT_MOST, "")
        score(f"{name} / first page", wall / found["all, as an approver"][1], 2, "")
