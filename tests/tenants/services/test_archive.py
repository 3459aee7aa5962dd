"""The archive of a tenant's own data: everything that is its own, nothing of anybody else, a record that can be checked."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from django.core.management import call_command

from portal.core import isolation, operation_files, operation_work
from portal.core.access import set_grants
from portal.core.errors import Conflict
from portal.core.registry import tenant_tables
from portal.core.trail import checkpoints
from portal.core.walls import TENANT
from portal.models import Operation
from tenants import archive_tables
from tenants.services import archive
from tenants.services.archive import export_tenant
from tests import proof
from tests import world as worlds
from tests.matrix.people import HOUSES

pytestmark = pytest.mark.django_db
GROW = {"portal.Operation", "portal.OperationLine", "tenants.WebhookDelivery"}
"""What goes on growing while an archive is made, and by its being made."""


@pytest.fixture
def world(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return worlds.build()


def made(house):
    work = export_tenant(acting_user=house.owner, tenant=house.tenant)
    operation_work.run(work.pk)
    return Operation.objects.get(pk=work.pk)


def opened(work):
    return zipfile.ZipFile(io.BytesIO(operation_files.result(work).read_bytes()))


def text_of(packed):
    return "\n".join(f"{name}\n{packed.read(name).decode(errors='replace')}" for name in packed.namelist())


def test_archive_holds_every_row_of_the_tenant_and_nothing_of_others(world):
    for key in HOUSES:
        work = made(world.houses[key])
        assert work.state == "done", work.trouble
        packed = opened(work)
        text = text_of(packed)
        assert world.marks(key).search(text)
        for other in (*HOUSES, *world.cases):
            if other != key:
                assert world.marks(other).search(text) is None, f"{other} in the archive of {key}"
        manifest = json.loads(packed.read("manifest.json"))
        for table in tenant_tables:
            if table.label in GROW:
                continue
            own = table.rows(world.houses[key].tenant).count()
            assert manifest["rows"][f"data/{table.label}.jsonl"] == own, table.label
            assert len(packed.read(f"data/{table.label}.jsonl").splitlines()) == own


def test_every_table_behind_the_wall_is_in_the_archive_or_says_why_not():
    behind = {label for label, (_column, within) in isolation.behind.items() if within == TENANT} | {
        "portal.AuditEntry"
    }
    there = {table.label for table in tenant_tables}
    assert behind - there == set(archive_tables.LEFT_OUT)


def test_sums_of_the_manifest_are_those_of_the_files(world):
    packed = opened(made(world.houses["one"]))
    sums = json.loads(packed.read("manifest.json"))["sha256"]
    assert {name: hashlib.sha256(packed.read(name)).hexdigest() for name in sums} == sums
    assert set(packed.namelist()) - set(sums) == {"manifest.json", "README.txt"}


def test_secrets_of_tokens_are_not_in_it(world):
    packed = opened(made(world.houses["one"]))
    (token,) = map(json.loads, packed.read("data/tenants.ApiToken.jsonl").splitlines())
    assert (token["name"], {"digest", "token_key"} & token.keys()) == ("Quillon robot", set())
    assert world.tokens["one"].digest not in text_of(packed)


@pytest.mark.django_db(transaction=True)
def test_record_in_it_is_checked_far_away(world, settings, tmp_path):
    settings.AUDIT_KEY_FILE = tmp_path / "key"
    checkpoints.seal()
    packed = opened(made(world.houses["one"]))
    lines = packed.read("record/audit.jsonl").decode().splitlines()
    assert json.loads(lines[0])["portal_audit_export"] == 1
    streams = {json.loads(line).get("stream") for line in lines[1:]}
    assert streams == {f"tenant:{world.houses['one'].tenant.pk}"}
    file = tmp_path / "record.jsonl"
    file.write_bytes(packed.read("record/audit.jsonl"))
    said = io.StringIO()
    call_command(
        "audit_verify", "--export", str(file), "--key", str(settings.AUDIT_KEY_FILE.with_suffix(".pub")), stdout=said
    )  # fmt: skip
    assert "Checked against checkpoint 1 of" in said.getvalue()
    assert "Whole: every entry is as it was written" in said.getvalue()


def test_worker_that_dies_between_pieces_makes_the_same_archive(world, monkeypatch):
    monkeypatch.setattr(archive, "ROWS_A_STEP", 2)
    house, real, left = world.houses["one"], archive._piece, iter(range(9))

    def dying(*args):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(archive, "_piece", dying)
    work = export_tenant(acting_user=house.owner, tenant=house.tenant)
    with pytest.raises(KeyboardInterrupt):
        operation_work.run(work.pk)
    monkeypatch.setattr(archive, "_piece", real)
    Operation.objects.filter(pk=work.pk).update(lease_until=None)
    operation_work.run(work.pk)
    packed = opened(Operation.objects.get(pk=work.pk))
    for table in tenant_tables:
        lines = packed.read(f"data/{table.label}.jsonl").splitlines()
        assert len(lines) == len(set(lines))
        if table.label not in GROW:
            assert len(lines) == table.rows(house.tenant).count(), table.label


def test_second_archive_while_one_is_made_is_refused(world):
    house = world.houses["one"]
    export_tenant(acting_user=house.owner, tenant=house.tenant)
    with pytest.raises(Conflict):
        export_tenant(acting_user=house.owner, tenant=house.tenant)


def test_owner_no_more_gets_no_archive(world):
    house = world.houses["one"]
    work = export_tenant(acting_user=house.owner, tenant=house.tenant)
    house.tenant.memberships.filter(user=house.owner).update(role="member")
    set_grants(house.tenant, house.owner, {"view_tenant"})
    operation_work.run(work.pk)
    assert Operation.objects.get(pk=work.pk).state == "failed"


def test_file_asks_for_the_second_factor_and_is_nobody_elses(world, signed_in):
    work = made(world.houses["one"])
    address = f"/operations/{work.public_id}/file/"
    browser = signed_in(world.houses["one"].owner)
    answer = browser.get(address)
    assert (answer.status_code, int(answer["Content-Length"])) == (200, work.file_size)
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == work.file_sha256
    proof.password_only(browser, world.houses["one"].owner)
    assert browser.get(address).status_code == 302
    for stranger in ("two owner", "north officer", "one manager", "admin"):
        assert signed_in(world.people[stranger]).get(address).status_code == 404
