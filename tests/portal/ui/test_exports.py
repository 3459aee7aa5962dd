import csv
import io
import subprocess
import sys

import openpyxl
import pytest
from django.utils.html import format_html

from portal.core import operation_work
from portal.core.errors import Conflict
from portal.models import AuditEvent, Operation
from portal.ui import exports
from portal.ui.exports import begin_export
from portal.ui.tables import safe_cell
from resources.models import QuotaRequest
from tenants.models import Membership
from tests.factories.people import make_user
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_member, make_project, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("portal.ui.lists.EXPORT_BOUND", 2)
    monkeypatch.setattr("portal.ui.lists.COUNT_BOUND", 2)
    monkeypatch.setattr("portal.ui.keyset.COUNT_BOUND", 2)
    monkeypatch.setattr(exports, "ROWS_A_STEP", 2)
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def house():
    """An owner with five requests, one of them called like a formula; beside them somebody else's."""
    authority = make_authority()
    pool = make_pool(100)
    make_share(pool, authority, 100)
    tenants = [make_tenant(authority=authority, name=name) for name in ("=1+1", "Others")]
    for project in map(make_project, tenants):
        for _each in range(5):
            make_request(project, pool, make_user())
    owner = make_user(time_zone="Europe/Helsinki")
    make_member(tenants[0], "owner", owner)
    return owner, make_staff(authority, "quota_approver"), tenants


def done(work):
    operation_work.run(work.pk)
    work = Operation.objects.get(pk=work.pk)
    assert (work.state, work.trouble) == ("done", "")
    return work


def saved(client, work):
    answer = client.get(f"/operations/{work.public_id}/file/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_large_list_is_written_in_pieces_and_is_the_same_table_as_the_small_one(house, client, monkeypatch):
    owner, _approver, _tenants = house
    client.force_login(owner)
    asked = client.get("/requests/?tab=all&format=csv")
    assert (asked.status_code, asked["Location"]) == (302, "/exports/requests/?tab=all&format=csv")
    assert "too long to wait for" in client.get(asked["Location"]).content.decode()
    began = client.post(asked["Location"])
    work = Operation.objects.get(user=owner)
    assert began["Location"] == f"/operations/{work.public_id}/"
    work = done(work)
    assert (work.done, work.total, work.file_name, work.cursor["number"]) == (5, 5, "requests.csv", 3)
    large = saved(client, work)
    monkeypatch.setattr("portal.ui.lists.EXPORT_BOUND", 10)
    assert large == client.get("/requests/?tab=all&format=csv").content
    rows = list(csv.DictReader(io.StringIO(large.decode())))
    assert [row["Reference"] for row in rows] == [
        row.reference for row in QuotaRequest.objects.filter(tenant__name="=1+1").order_by("-created_at", "-pk")
    ]
    assert {row["Tenant"] for row in rows} == {"'=1+1"}
    acts = AuditEvent.objects.filter(target_public_id=work.public_id).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["operation.begun", "operation.done", "operation.downloaded"]


def test_a_large_workbook_has_the_same_cells_as_the_small_one(house, client, monkeypatch):
    owner, _approver, _tenants = house
    client.force_login(owner)
    work = done(begin_export(acting_user=owner, page="grants", query="", kind="xlsx"))
    assert cells(saved(client, work)) == cells(client.get("/grants/?format=xlsx").content)
    work = done(begin_export(acting_user=owner, page="requests", query="tab=all", kind="xlsx"))
    large = cells(saved(client, work))
    monkeypatch.setattr("portal.ui.lists.EXPORT_BOUND", 10)
    assert large == cells(client.get("/requests/?tab=all&format=xlsx").content)
    assert (len(large), large[1][0]) == (6, ("'=1+1", "s"))


def cells(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content))["portal"]
    return [[(cell.value or "", cell.data_type if cell.value else "") for cell in row] for row in sheet.iter_rows()]


def test_a_cell_that_a_page_draws_is_words_in_a_file(house, client):
    client.force_login(house[0])
    state = client.get("/requests/?tab=all&format=csv&q=0001").content.decode()
    assert "<" not in state
    assert safe_cell(format_html("<b>{}</b><div>{}</div>", "=1 & 2", "later")) == "'=1 & 2 later"


def test_a_list_longer_than_a_workbook_fails_with_the_way_out(house, monkeypatch):
    writer = exports.LARGE["xlsx"]
    monkeypatch.setitem(exports.LARGE, "xlsx", type(writer)(writer.piece, writer.pack, 4))
    work = begin_export(acting_user=house[0], page="requests", query="tab=all", kind="xlsx")
    operation_work.run(work.pk)
    work.refresh_from_db()
    assert work.state == "failed"
    assert work.trouble == "A workbook holds 4 lines at most, and this list has more. Export it as CSV, or narrow it."


def test_the_file_holds_what_its_person_may_see_while_it_is_written(house, client):
    _owner, approver, tenants = house
    stranger = make_user()
    make_member(tenants[1], "member", stranger)
    everything = done(begin_export(acting_user=approver, page="requests", query="tab=all&q=qr", kind="csv"))
    assert everything.done == 10
    own = begin_export(acting_user=stranger, page="requests", query="tab=all", kind="csv")
    assert done(own).done == 5
    client.force_login(stranger)
    assert b"=1+1" not in saved(client, Operation.objects.get(pk=own.pk))
    assert client.get(f"/operations/{everything.public_id}/file/").status_code == 404
    begun = begin_export(acting_user=stranger, page="requests", query="tab=all", kind="csv")
    Membership.objects.filter(user=stranger).delete()
    operation_work.run(begun.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.file_until) == ("failed", None)
    lost = client.get(f"/operations/{own.public_id}/file/")
    assert lost.status_code == 422
    assert "Your rights are not what they were" in lost.content.decode()


def test_what_is_not_theirs_is_not_there(house, client):
    client.force_login(house[0])
    for path in ("/exports/nowhere/", "/exports/requests/?format=pdf", "/exports/audit/?format=xlsx"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert Operation.objects.count() == 0


def test_more_filters_than_it_can_remember_are_refused_and_never_forgotten(house, client):
    client.force_login(house[0])
    query = "&".join(f"tenant=tenant-{n}" for n in range(400))
    assert client.post(f"/exports/requests/?{query}").status_code == 422
    assert Operation.objects.count() == 0


def test_so_many_at_once_and_no_more(house):
    for _each in range(exports.MOST_AT_ONCE):
        begin_export(acting_user=house[0], page="requests", query="", kind="csv")
    with pytest.raises(Conflict, match="3 lists are being written"):
        begin_export(acting_user=house[0], page="requests", query="", kind="csv")


def test_the_api_begins_the_same_work(house, client):
    client.force_login(house[0])
    answer = client.post(
        "/api/v1/operations/lists/", {"page": "requests", "query": "tab=all", "kind": "xlsx"}, "application/json"
    )
    assert answer.status_code == 202
    work = Operation.objects.get(public_id=answer.json()["public_id"])
    assert (done(work).file_name, answer.json()["kind"]) == ("requests.xlsx", "portal.list")
    wrong = client.post("/api/v1/operations/lists/", {"page": "users"}, "application/json")
    assert wrong.status_code == 422


def test_a_worker_that_has_shown_no_page_knows_the_lists():
    asked = (
        "import django; django.setup(); from portal.ui.exports import is_list; print(is_list('requests'), is_list('x'))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]
