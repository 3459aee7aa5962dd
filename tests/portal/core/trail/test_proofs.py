"""A tenant's own record is shown to be part of what was sealed, far away and without anybody else's."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.core.trail import chain, checkpoints, formats, proofs, reading, verifying
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_operator, make_provider
from tests.factories.tenants import make_authority, make_member, make_staff, make_tenant
from tests.portal.core.trail.conftest import as_owner, chained, write

pytestmark = pytest.mark.django_db


def heads_of(size):
    return {f"tenant:{n}": (n + 1, hashlib.sha256(str(n).encode()).digest()) for n in range(size)}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 100])
def test_every_leaf_leads_to_the_root_and_to_no_other(size):
    heads = heads_of(size)
    for stream, (seq, hash_) in heads.items():
        index, path = chain.path_to_root(heads, stream)
        leaf = chain.leaf(stream, seq, hash_)
        assert chain.root_by_path(leaf, index, size, path) == chain.root(heads)
        assert chain.root_by_path(chain.leaf(stream, seq + 1, hash_), index, size, path) != chain.root(heads)
        assert chain.root_by_path(leaf, index, size, [*path, leaf]) != chain.root(heads)
        if path:
            assert chain.root_by_path(leaf, index, size, path[:-1]) != chain.root(heads)


@pytest.fixture
def house():
    """A tenant with ten events, of which eight are sealed, among other people's."""
    authority = make_authority()
    tenant, other = make_tenant(authority=authority), make_tenant(authority=authority)
    write(tenant, 8)
    write(other, 3)
    checkpoints.seal()
    write(tenant, 2)
    return tenant


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def saved(house, tmp_path, user=None):
    owner = user or make_member(house, "owner")
    chained()
    answer = browser_of(owner).get("/audit/", {"format": "whole", "act": "tenant.suspended"})
    assert answer["Content-Disposition"] == 'attachment; filename="audit-whole.jsonl"'
    file = tmp_path / "whole.jsonl"
    file.write_bytes(answer.content)
    return file


@pytest.fixture
def key(house, settings, tmp_path):
    """The public key as somebody was given it; the other half is not here."""
    path = tmp_path / "given.pub"
    path.write_bytes(settings.AUDIT_KEY_FILE.with_suffix(".pub").read_bytes())
    settings.AUDIT_KEY_FILE = tmp_path / "nothing" / "key.pem"
    return path


def faults(file, key):
    return [(f.stream, f.seq, f.code) for f in verifying.verify_export([file], None, key).faults]


def test_an_owner_saves_the_whole_record_and_checks_it_far_away(house, key, tmp_path, capsys):
    file = saved(house, tmp_path)
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["stream"] for line in told[1:]} == {f"tenant:{house.pk}"}
    assert (told[0]["complete"], told[1]["seq"], [line["seq"] for line in told[2:]]) == (True, 8, [*range(1, 12)])
    report = verifying.verify_export([file], None, key)
    assert (report.faults, report.entries, report.checkpoint) == ([], 11, 1)
    call_command("audit_verify", export=[file], key=key)
    assert "Checked against checkpoint 1" in capsys.readouterr().out


def change(line, **facts):
    return json.dumps(json.loads(line) | facts)


def relinked(lines, since, text):
    """A patient forger's record: one entry changed, and everything after it hashed again."""
    out, prev = lines[:since], None
    for line in lines[since:]:
        told = json.loads(line)
        prev = prev or bytes.fromhex(told["prev"])
        payload = told["payload"].replace(*text)
        hash_ = chain.link(prev, told["seq"], payload)
        out.append(change(line, payload=payload, prev=prev.hex(), hash=hash_.hex()))
        prev = hash_
    return out


def test_what_was_changed_cut_or_written_anew_shows(house, key, tmp_path):
    file = saved(house, tmp_path)
    head, proof, *lines = file.read_text().splitlines()
    stream = f"tenant:{house.pk}"

    def with_(proof=proof, lines=lines):
        file.write_text("\n".join([head, proof, *lines, ""]))
        return faults(file, key)

    assert with_() == []
    assert with_(lines=[*lines[:3], lines[3].replace("changed", "praised"), *lines[4:]]) == [(stream, 4, "edited")]
    assert with_(lines=lines[:6]) == [(stream, 7, "cut")]
    assert with_(lines=relinked(lines, 2, ("changed", "praised"))) == [(stream, 8, "rewritten")]
    other_root = json.loads(proof)["statement"].replace('"root":"', '"root":"0')
    assert with_(proof=change(proof, statement=other_root)) == [("checkpoints", 1, "unsigned_seal")]
    assert with_(proof=change(proof, signature=base64.b64encode(b"x" * 64).decode()))[0][2] == "unsigned_seal"
    assert with_(proof=change(proof, hash="00" * 32)) == [("checkpoints", 1, "rootless_seal")]
    assert with_(proof=change(proof, path=[])) == [("checkpoints", 1, "rootless_seal")]
    assert with_(proof=change(proof, stream="tenant:999999")) == [("checkpoints", 1, "rootless_seal")]
    file.write_text("\n".join([head, change(proof, path="x"), *lines, ""]))
    with pytest.raises(CommandError, match="no proof"):
        call_command("audit_verify", export=[file], key=key)


def test_the_owner_of_the_database_cannot_make_a_proof_for_another_past(house, key, settings, tmp_path):
    """The chain is rewritten and sealed anew with a key of theirs: the tenant's key does not fit it."""
    with as_owner() as cursor:
        cursor.execute("DELETE FROM portal_auditcheckpoint")
    checkpoints.seal()
    assert faults(saved(house, tmp_path), key) == [("checkpoints", 1, "unsigned_seal")]


def test_the_api_gives_the_same_proof_before_its_lines(house, key, tmp_path):
    browser = browser_of(make_member(house, "owner"))
    chained()
    proof, lines = browser.get("/api/v1/audit/proof/"), browser.get("/api/v1/audit/export/", {"as": "jsonl"})
    one, two = tmp_path / "proof.jsonl", tmp_path / "lines.jsonl"
    one.write_bytes(proof.content)
    two.write_bytes(lines.content)
    report = verifying.verify_export([one, two], None, key)
    assert (report.faults, report.entries, report.checkpoint) == ([], 11, 1)


def test_the_command_writes_the_proof_of_one_tenant(house, key, settings, tmp_path, capsys):
    file = tmp_path / "of-one.jsonl"
    call_command("audit_export", tenant=house.slug, output=file)
    assert faults(file, key) == []
    assert verifying.verify_export([file], None, key).checkpoint == 1


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        (lambda house: make_member(house, "member"), set()),
        (lambda house: make_member(house, "owner"), {"tenant"}),
        (lambda house: make_staff(house.authority, "auditor"), {"tenant", "authority"}),
        (lambda _house: make_admin(), {"site"}),
        (lambda _house: make_operator(make_provider(), make_user()), set()),
    ],
)
def test_whole_records_are_those_that_one_reads_from_end_to_end(house, who, kinds):
    write(house, 1)
    make_staff(house.authority)
    make_admin()
    person = who(house)
    checkpoints.seal()
    answer = browser_of(person).get("/api/v1/audit/proof/")
    told = [json.loads(line) for line in answer.content.decode().splitlines()]
    assert {line["stream"].partition(":")[0] for line in told[1:]} <= kinds
    if "tenant" in kinds:
        assert f"tenant:{house.pk}" in {line["stream"] for line in told[1:]}


def test_a_proof_tells_nothing_of_others(house, tmp_path):
    """Beside the own record it holds hashes of others' heads, and sums over all that stand in every checkpoint."""
    _head, line, *_lines = saved(house, tmp_path).read_text().splitlines()
    told = json.loads(line)
    assert set(told) == {proofs.MARK, "stream", "seq", "hash", "index", "path", "statement", "signature"}
    assert all(len(each) == 64 for each in told["path"])
    assert {
        "version", "number", "at", "position", "streams", "entries", "root", "changed", "key", "previous",
    } == set(json.loads(told["statement"]))  # fmt: skip
    assert formats.FORMATS.keys() == {"jsonl", "ocsf", "cef", "syslog"}
    assert list(reading.lines(streams=set())) == []
