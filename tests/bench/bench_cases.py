"""The officers' queue at size: CPU and queries of its first and its last page, with every column that officers see.

BENCH_CASES (10,000 unless said otherwise) applications of one authority, sent over a year, in every state an officer
sees, shared out among twenty officers, a fifth of them late. PostgreSQL's time is not in the CPU and is printed beside.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants.models import OnboardingCase, Tenant
from tenants.queries.names import named
from tests.bench.bench_pages import measured
from tests.bench.conftest import Score, note
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_staff

CASES = int(os.environ.get("BENCH_CASES", "10000"))
OFFICERS = 20
QUERIES = 7
"""As tests/tenants/views/test_cases.py counts them for one row and for three."""
STATES = ("submitted", "in_review", "in_review", "info_requested", "awaiting_second", "appealed")
KINDS = ("academia", "startup", "industry", "public_agency", "health")
COUNTRIES = ("SE", "DE", "FR", "IT", "LU", "PL", "GR")


@pytest.fixture
def officer(db: None) -> Iterator[Client]:
    """An officer's browser, where there is much to do."""
    authority, applicant, now = make_authority(), make_user(), timezone.now()
    officers = [make_staff(authority) for _ in range(OFFICERS)]
    rows = []
    for n in range(CASES):
        sent = now - timedelta(hours=n)
        rows.append(
            OnboardingCase(
                authority=authority, reference=f"ON-{n}", organisation=f"Organisation {n} of the North", legal_id=f"HRB {n}",
                kind=KINDS[n % len(KINDS)], country=COUNTRIES[n % len(COUNTRIES)], data_class="internal",
                contact_email="x@bench.test", state=STATES[n % len(STATES)], submitted_at=sent, submitted_by=applicant,
                due_at=sent + timedelta(days=300), officer=officers[n % OFFICERS] if n % 7 else None,
                escalated_at=now if n % 5 == 0 else None,
            )
        )  # fmt: skip
    OnboardingCase.objects.bulk_create(rows, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client()
    browser.force_login(officers[0])
    yield browser


def test_the_queue_costs_the_same_on_its_first_and_its_last_page(officer: Client, score: Score) -> None:
    note("size", f"{CASES} applications, {OFFICERS} officers, 50 rows a page")
    walls = []
    for name, query in (
        ("first page", "tab=open"), ("last page", "tab=open&at=last"), ("newest first", "tab=all&sort=newest"),
        ("newest first, last page", "tab=all&sort=newest&at=last"), ("mine", "tab=mine"), ("late", "tab=overdue"),
        ("searched", "tab=all&q=north"),
    ):  # fmt: skip
        cpu, wall, queries, body = measured(officer, f"/applications/?{query}&size=50")
        assert body.count('class="name"') == 50
        note(name, f"{cpu:.1f} ms CPU, {wall:.1f} ms with the database, {queries} queries")
        score(f"queue, CPU of a page, {name}", cpu, 30, "ms", sure=False)
        score(f"queue, queries, {name}", queries, QUERIES, "")
        walls.append(wall)
    score("last page / first page, with the database", walls[1] / walls[0], 2, "")


def test_another_spelling_of_a_name_is_found_among_all_tenants(db: None, score: Score) -> None:
    """What the page of a case and the applicant's own form ask of the names of all tenants of a country."""
    authority = make_authority()
    parts = ("Institut für", "Centre of", "Universität", "Hafen", "Agence de la", "Szpital", "Δήμος")
    Tenant.objects.bulk_create(
        [
            Tenant(
                authority=authority, name=f"{parts[n % len(parts)]} Ørsted {n} GmbH", slug=f"t-{n}", kind="academia", country="DE",
                data_class="internal", contact_email="x@bench.test",
            )
            for n in range(CASES)
        ],
        batch_size=2_000,
    )  # fmt: skip
    rows = Tenant.objects.filter(country="DE")
    for when, goal in (("first asked", 1500), ("asked again", 100)):
        began = time.process_time()
        found = named(rows, "name", "INSTITUT FUR ORSTED 7 gmbh")
        score(f"one name among {CASES}, {when}", 1000 * (time.process_time() - began), goal, "ms CPU", sure=False)
        assert len(found) == 1
