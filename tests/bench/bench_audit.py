"""The audit trail at size: what the chain adds to an append with sixteen writers, and how fast it is checked.

Both kinds of append are the same statement on the same table, each in a transaction of its own, from sixteen
connections to a server that waits for its disk; the plain one has the chain's triggers switched off. BENCH_APPENDS
(per writer and round) and BENCH_ENTRIES (to check) are 200 and 100,000 unless said otherwise.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from portal.core.audit import record
from portal.core.trail import checkpoints, verifying, witnesses
from portal.models import AuditEvent
from tests.bench.conftest import Score, note
from tests.factories.tenants import make_tenant

WRITERS, ROUNDS, TENANTS = 16, 5, 400
APPENDS = int(os.environ.get("BENCH_APPENDS", "200"))
ENTRIES = int(os.environ.get("BENCH_ENTRIES", "100000"))
SWITCH = "ALTER TABLE portal_auditevent {way} TRIGGER audit_note, {way} TRIGGER audit_chain"
FACTS = """'request.approved', now(), 'page', 'resources.QuotaRequest', 'QR-2026-0412', 1, '{"state": "in_review"}',
    '{"state": "approved", "lines": [{"pool": "North, H100 SXM 80 GB", "asked": 64, "granted": 48}]}', 'It fits'"""
COLUMNS = "act, at, source, target_type, target_name, authority_id, before, after, reason, target_id, tenant_id"
ONE = f"INSERT INTO portal_auditevent ({COLUMNS}) VALUES ({FACTS}, %s, %s)"
MANY = f"INSERT INTO portal_auditevent ({COLUMNS}) SELECT {FACTS}, n, n %% {TENANTS} + 1 FROM generate_series(1, %s) n"


@pytest.fixture
def durable(transactional_db: None) -> Iterator[Callable[[], Any]]:
    """Makes connections whose commits wait for the disk, as in production."""
    facts = connection.get_connection_params()
    place = {name: facts[name] for name in ("host", "port", "dbname", "user", "password") if facts.get(name)}
    yield lambda: psycopg.connect(**place, autocommit=True, options="-c synchronous_commit=on")


def appends(connect: Callable[[], Any], tenant_of: Callable[[int, int], int]) -> float:
    """Appends a second of all writers together."""
    writers = [connect() for _ in range(WRITERS)]

    def write(number: int) -> None:
        for n in range(APPENDS):
            writers[number].execute(ONE, [n, tenant_of(number, n)], prepare=True)

    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    seconds = time.perf_counter() - began
    for writer in writers:
        writer.close()
    return WRITERS * APPENDS / seconds


def spread(writer: int, n: int) -> int:
    return (writer * 7919 + n * 31) % TENANTS + 1


def switch(way: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SWITCH.format(way=way))


def test_the_chain_adds_little_to_an_append(durable: Callable[[], Any], score: Score) -> None:
    plain, chained, busy = [], [], []
    for _ in range(ROUNDS):  # by turns, so that whatever else the machine does meets both
        switch("DISABLE")
        plain.append(appends(durable, spread))
        switch("ENABLE")
        chained.append(appends(durable, spread))
        busy.append(appends(durable, lambda _writer, _n: 1))
    ratios = [one / other for one, other in zip(plain, chained, strict=True)]
    note("plain inserts", f"{median(plain):,.0f} a second from {WRITERS} writers")
    note("chained, over tenants", f"{median(chained):,.0f} a second")
    note("chained, one busy tenant", f"{median(busy):,.0f} a second")
    score("plain / chained, bare statements, median of rounds", median(ratios), 1.5, "", sure=False)


def test_the_chain_adds_little_to_what_the_portal_does(durable: Callable[[], Any], score: Score) -> None:
    """The same through ``record``, which is how the portal appends."""
    tenant, count = make_tenant(), 300
    found: dict[str, list[float]] = {"DISABLE": [], "ENABLE": []}
    for _ in range(ROUNDS):
        for way, rates in found.items():
            switch(way)
            began = time.perf_counter()
            for n in range(count):
                with transaction.atomic():
                    record("tenant.changed", acting_user=None, target=tenant, tenant=tenant, after={"n": n})
            rates.append(count / (time.perf_counter() - began))
    note("record", f"plain {median(found['DISABLE']):,.0f} a second, chained {median(found['ENABLE']):,.0f}")
    score("plain / chained, through record", median(found["DISABLE"]) / median(found["ENABLE"]), 1.5, "", sure=False)


def test_the_trail_is_checked_fast(transactional_db: None, settings: Any, tmp_path: Path, score: Score) -> None:
    settings.AUDIT_KEY_FILE, settings.AUDIT_CHECKPOINT_FILE = tmp_path / "key.pem", tmp_path / "checkpoints.jsonl"
    with connection.cursor() as cursor:
        cursor.execute(MANY, [ENTRIES])
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    checkpoints.seal()
    witnesses.hand_over()
    note("sealing", f"{TENANTS} streams in {1000 * (time.perf_counter() - began):.0f} ms")
    report = verifying.verify()
    assert (report.entries, report.faults, AuditEvent.objects.count()) == (ENTRIES, [], ENTRIES)
    note("checked", f"{report.entries:,} entries in {report.seconds:.2f} s: {report.rate:,.0f} a second")
    score("seconds for 50,000 entries", 50_000 / report.rate, 1, "s", sure=False)
