"""Show 3 of the audit: what somebody who owns the database changes is found, and named."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from portal.core import audit
from portal.core.trail import chain, checkpoints, formats, reading, verifying, witnesses
from portal.core.trail.words import sentence
from portal.migrations import _audit_chain as sql
from portal.models import AuditCheckpoint, AuditEntry, AuditEvent, AuditHead, AuditVerification
from tests.portal.core.ground import make_tenant
from tests.portal.core.trail.conftest import as_owner, chained, write

pytestmark = pytest.mark.django_db


def faults(**options):
    return [(f.stream, f.seq, f.code) for f in verifying.verify(**options).faults]


def stream_of(tenant):
    return f"tenant:{tenant.pk}"


def sealed():
    checkpoints.seal()
    witnesses.hand_over()


def rewrite(cursor, stream, since, change):
    """What a patient owner does: change an entry, and hash everything after it again."""
    cursor.execute(
        "SELECT n.position, n.seq, n.payload, n.event_id FROM portal_auditentry n WHERE stream = %s AND seq >= %s"
        " ORDER BY seq", [stream, since],
    )  # fmt: skip
    rows = cursor.fetchall()
    cursor.execute("SELECT prev FROM portal_auditentry WHERE stream = %s AND seq = %s", [stream, since])
    prev = bytes(cursor.fetchone()[0])
    for position, seq, text, event in rows:
        payload = text
        if seq == since:
            cursor.execute("UPDATE portal_auditevent SET after = %s WHERE id = %s", [json.dumps(change), event])
            cursor.execute("SELECT portal_audit_payload(e) FROM portal_auditevent e WHERE id = %s", [event])
            (payload,) = cursor.fetchone()
        found = chain.link(prev, seq, payload)
        cursor.execute(
            "UPDATE portal_auditentry SET prev = %s, hash = %s, payload = %s WHERE position = %s",
            [prev, found, payload, position],
        )
        before, prev = prev, found
    cursor.execute("UPDATE portal_audithead SET prev = %s, hash = %s WHERE stream = %s", [before, prev, stream])


def test_a_trail_that_nobody_touched_is_whole(tenants):
    sealed()
    report = verifying.verify()
    assert (report.faults, report.entries, report.streams, report.checkpoint) == ([], 18, 3, 1)


def test_an_edited_event_is_found(tenants):
    entry = AuditEntry.objects.get(stream=stream_of(tenants[0]), seq=7)
    with as_owner() as cursor:
        cursor.execute("UPDATE portal_auditevent SET reason = 'nicer' WHERE id = %s", [entry.event_id])
    assert faults() == [(entry.stream, 7, "event_edited")]


def test_an_edited_entry_is_found(tenants):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE portal_auditentry SET payload = replace(payload, 'changed', 'praised') WHERE stream = %s AND seq = 4",
            [stream_of(tenants[0])],
        )
    assert faults() == [(stream_of(tenants[0]), 4, "edited")]


def test_an_event_and_its_entry_changed_alike_are_found(tenants):
    entry = AuditEntry.objects.get(stream=stream_of(tenants[0]), seq=5)
    with as_owner() as cursor:
        cursor.execute("UPDATE portal_auditevent SET reason = 'nicer' WHERE id = %s", [entry.event_id])
        cursor.execute(
            "UPDATE portal_auditentry n SET payload = portal_audit_payload(e) FROM portal_auditevent e"
            " WHERE e.id = n.event_id AND n.position = %s",
            [entry.pk],
        )
    assert faults() == [(entry.stream, 5, "edited")]


def test_a_deleted_entry_is_found(tenants):
    entry = AuditEntry.objects.get(stream=stream_of(tenants[0]), seq=6)
    with as_owner() as cursor:
        cursor.execute("DELETE FROM portal_auditentry WHERE position = %s", [entry.pk])
        cursor.execute("DELETE FROM portal_auditevent WHERE id = %s", [entry.event_id])
    assert faults() == [(entry.stream, 6, "missing")]


def test_a_deleted_event_is_found(tenants):
    entry = AuditEntry.objects.get(stream=stream_of(tenants[0]), seq=6)
    with as_owner() as cursor:
        cursor.execute("DELETE FROM portal_auditevent WHERE id = %s", [entry.event_id])
    assert faults() == [(entry.stream, 6, "event_gone")]


def test_an_event_put_in_past_the_chain_is_found(tenants):
    one, _two = tenants
    with as_owner():
        AuditEvent.objects.create(
            act="tenant.praised", source="page", target_type="tenants.Tenant", target_id=one.pk, tenant_id=one.pk,
            authority_id=one.authority_id,
        )  # fmt: skip
    assert faults() == [(stream_of(one), 10, "unchained")]


def test_an_entry_put_in_between_is_found(tenants):
    """Everything after it moves up by one, as somebody would who cannot hash it all again."""
    one, _two = tenants
    stream = stream_of(one)
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE portal_auditentry SET seq = -seq - 1, position = -position WHERE stream = %s AND seq > 5", [stream]
        )
        cursor.execute(
            "UPDATE portal_auditentry SET seq = -seq, position = 1000 - position WHERE stream = %s AND seq < 0",
            [stream],
        )
        event = AuditEvent.objects.create(
            act="tenant.praised", source="page", target_type="tenants.Tenant", target_id=one.pk, tenant_id=one.pk,
            authority_id=one.authority_id,
        )  # fmt: skip
        cursor.execute("SELECT portal_audit_payload(e) FROM portal_auditevent e WHERE id = %s", [event.pk])
        (payload,) = cursor.fetchone()
        prev = bytes(AuditEntry.objects.get(stream=stream, seq=5).hash)
        cursor.execute(
            "INSERT INTO portal_auditentry (event_id, stream, seq, prev, hash, payload) VALUES (%s, %s, 6, %s, %s, %s)",
            [event.pk, stream, prev, chain.link(prev, 6, payload), payload],
        )
        cursor.execute("UPDATE portal_audithead SET seq = 11 WHERE stream = %s", [stream])
    assert faults() == [(stream, 7, "edited")]


def test_two_entries_exchanged_are_found(tenants):
    stream = stream_of(tenants[0])
    with as_owner() as cursor:
        for old, new in ((3, -8), (8, 3), (-8, 8)):
            cursor.execute("UPDATE portal_auditentry SET seq = %s WHERE stream = %s AND seq = %s", [new, stream, old])
        cursor.execute(
            "UPDATE portal_auditentry n SET position = position + 1000 WHERE stream = %s AND seq > 0", [stream]
        )
        cursor.execute("UPDATE portal_auditentry n SET position = 5000 + seq WHERE stream = %s", [stream])
    assert faults() == [(stream, 3, "edited")]


def test_a_cut_tail_is_found_by_a_checkpoint(tenants):
    stream = stream_of(tenants[0])
    sealed()
    with as_owner() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM portal_auditentry WHERE stream = %s AND seq > 8 RETURNING event_id)"
            " DELETE FROM portal_auditevent WHERE id IN (SELECT event_id FROM gone)",
            [stream],
        )
        cursor.execute(
            "UPDATE portal_audithead h SET seq = 8, hash = n.hash, prev = n.prev FROM portal_auditentry n"
            " WHERE n.stream = h.stream AND n.seq = 8 AND h.stream = %s",
            [stream],
        )
    assert faults() == [(stream, 9, "cut")]


def test_a_stream_that_vanished_is_found_by_a_checkpoint(tenants):
    stream = stream_of(tenants[1])
    sealed()
    with as_owner() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM portal_auditentry WHERE stream = %s RETURNING event_id)"
            " DELETE FROM portal_auditevent WHERE id IN (SELECT event_id FROM gone)",
            [stream],
        )
        cursor.execute("DELETE FROM portal_audithead WHERE stream = %s", [stream])
    assert faults() == [(stream, 1, "cut")]


def test_a_chain_written_anew_is_found_by_a_checkpoint(tenants):
    one, _two = tenants
    sealed()
    write(one, 3)
    sealed()
    with as_owner() as cursor:
        rewrite(cursor, stream_of(one), 11, {"n": "nicer"})
    assert faults() == [(stream_of(one), 13, "rewritten")]
    assert "checkpoint 2 sealed" in sentence(verifying.verify().faults[0])


def test_a_chain_written_anew_is_whole_without_a_checkpoint(tenants):
    """Why there are checkpoints."""
    with as_owner() as cursor:
        rewrite(cursor, stream_of(tenants[0]), 2, {"n": "nicer"})
    assert faults() == []


def test_checkpoints_written_anew_in_the_database_are_found_by_the_file(tenants):
    one, _two = tenants
    sealed()
    with as_owner() as cursor:
        rewrite(cursor, stream_of(one), 2, {"n": "nicer"})
        cursor.execute("DELETE FROM portal_auditcheckpoint")
    checkpoints.seal()
    assert faults() == [(stream_of(one), 10, "rewritten")]


def test_checkpoints_that_somebody_else_signed_are_found(tenants, settings, tmp_path):
    sealed()
    settings.AUDIT_KEY_FILE = tmp_path / "other.pem"
    assert faults() == [("checkpoints", 1, "unsigned_seal")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda told: told | {"changed": told["changed"][:-1]}, "edited_seal"),
        (lambda told: told | {"statement": told["statement"].replace('"number":2', '"number":3')}, "unlinked_seal"),
        (lambda told: told | {"signature": "AAAA"}, "unsigned_seal"),
    ],
)
def test_a_checkpoint_file_that_was_changed_is_found(tenants, settings, change, code):
    sealed()
    write(tenants[0], 1)
    sealed()
    file = settings.AUDIT_CHECKPOINT_FILE
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{json.dumps(change(json.loads(second)))}\n")
    assert [fault.code for fault in verifying.verify().faults] == [code]


def test_an_erased_address_leaves_the_chain_whole(tenants):
    token = audit.address.set("192.0.2.7")
    write(tenants[0], 1)
    audit.address.reset(token)
    event = AuditEvent.objects.latest("pk")
    assert event.address == "192.0.2.7"
    assert event.entry.payload.count(hashlib.sha256(f"{event.address_salt} 192.0.2.7".encode()).hexdigest()) == 1
    AuditEvent.objects.filter(pk=event.pk).update(address=None, address_salt=None)
    assert faults() == []
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE portal_auditevent SET address = '192.0.2.8', address_salt = gen_random_uuid() WHERE id = %s",
            [event.pk],
        )
    assert [code for *_rest, code in faults()] == ["event_edited"]


def test_an_export_is_checked_far_away(tenants, settings, tmp_path):
    sealed()
    file = tmp_path / "export.jsonl"
    lines = [formats.json_lines(line) for line in reading.lines()]
    file.write_text("\n".join([reading.header(complete=True, after=0), *lines, ""]))
    key, seals = settings.AUDIT_KEY_FILE.with_suffix(".pub"), settings.AUDIT_CHECKPOINT_FILE
    settings.AUDIT_KEY_FILE = tmp_path / "nothing"
    report = verifying.verify_export([file], seals, key)
    assert (report.faults, report.entries, report.checkpoint) == ([], 18, 1)
    file.write_text("\n".join([reading.header(complete=True, after=0), *lines[:-1], ""]))
    assert [(f.stream, f.seq, f.code) for f in verifying.verify_export([file], seals, key).faults] == [
        ("site", 3, "cut")
    ]
    file.write_text("\n".join([*lines[:3], lines[3].replace("tenant.changed", "tenant.praised"), *lines[4:], ""]))
    assert [(f.seq, f.code) for f in verifying.verify_export([file], seals, key).faults] == [(4, "edited")]
    file.write_text("\n".join([reading.header(complete=False, after=0), *lines]))
    with pytest.raises(ValueError, match="selection"):
        verifying.verify_export([file], seals, key)


def test_the_command_names_the_first_wrong_entry(tenants, capsys):
    sealed()
    call_command("audit_verify")
    assert "Whole" in capsys.readouterr().out
    one, two = tenants
    with as_owner() as cursor:
        cursor.execute("UPDATE portal_auditentry SET hash = '\\x00' WHERE stream = %s AND seq = 2", [stream_of(one)])
    with pytest.raises(CommandError, match=rf"In the record of {one.name} .* entry 2 was changed"):
        call_command("audit_verify")
    call_command("audit_verify", tenant=two.slug)
    assert "5 entries in 1 streams" in capsys.readouterr().out


def test_what_was_found_is_kept_for_the_page(tenants):
    sealed()
    row = verifying.keep(verifying.verify())
    assert (row.entries, row.checkpoint, row.faults) == (18, 1, [])
    assert AuditVerification.objects.count() == 1


@pytest.mark.parametrize("table", ["portal_auditentry", "portal_audithead", "portal_auditcheckpoint"])
def test_chain_and_checkpoints_are_written_by_the_database_alone(tenants, table):
    sealed()
    with connection.cursor() as cursor:
        for statement in (f"UPDATE {table} SET ctid = ctid", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(Exception, match=r"insert-only|system column"), transaction.atomic():
                cursor.execute(statement)
        with pytest.raises(ProgrammingError, match="insert-only"), transaction.atomic():
            AuditEntry.objects.update(payload="x")
        with pytest.raises(ProgrammingError, match="insert-only"), transaction.atomic():
            AuditHead.objects.update(seq=9)
        with pytest.raises(ProgrammingError, match="insert-only"), transaction.atomic():
            AuditHead.objects.create(stream="x", seq=1, prev=b"", hash=b"")
        with pytest.raises(ProgrammingError, match="insert-only"), transaction.atomic():
            AuditCheckpoint.objects.update(signature=b"")


def test_what_was_recorded_before_there_was_a_chain_is_chained_by_the_migration(db):
    tenant = make_tenant()
    with as_owner() as cursor:
        for number in range(3):
            AuditEvent.objects.create(
                act="tenant.changed", source="page", target_type="tenants.Tenant", target_id=1, tenant_id=tenant.pk,
                after={"n": number},
            )  # fmt: skip
        assert faults() == [(stream_of(tenant), 0, "unchained")]
        cursor.execute(sql.EXISTING)
    assert faults() == []
    assert AuditHead.objects.get().seq == 3
    chained()
