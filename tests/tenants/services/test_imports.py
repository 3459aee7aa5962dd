"""Tenants that a site brings along: columns, a trial that tells what the run does, and a second run that does nothing."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from portal.core import operation_work
from portal.core.access import may
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, Operation, User
from portal.ui.operations import _report
from tenants.import_sheets import read_sheet, template
from tenants.models import Invitation, KindDefaults, Membership, Recertification, Tenant
from tenants.services import imports
from tenants.services.documents import sweep_file
from tenants.services.imports import run_import, try_import, upload_import
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_staff, make_tenant

pytestmark = pytest.mark.django_db
HEAD = "name,legal_id,kind,country,contact_email,data_class,residency,owner_email,owner_name"
GOOD = "Haff University,LU12345613,academia,LU,office@haff.example,internal,LU FR,ida@haff.example,Ida Berg"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path


@pytest.fixture
def office():
    return make_authority()


@pytest.fixture
def officer(office):
    return make_staff(office)


def bring(officer, office, *lines, head=HEAD):
    return upload_import(
        acting_user=officer, authority=office, name="sites.csv", content="\n".join([head, *lines]).encode()
    )


def done(work):
    operation_work.run(work.pk)
    return Operation.objects.get(pk=work.pk)


def taken(officer, office, *lines, **more):
    """Tried and taken over; both works as they ended."""
    batch = bring(officer, office, *lines)
    trial = done(try_import(acting_user=officer, batch=batch))
    return trial, done(run_import(acting_user=officer, batch=batch, **more))


def said(work):
    return [(line.place, line.tone, line.text) for line in work.lines.exclude(place=0).order_by("place")]


def snapshot():
    """Every row that an import could touch, as it is."""
    kinds = (Tenant, Membership, User, Recertification, Invitation)
    return {kind: list(kind._base_manager.order_by("pk").values()) for kind in kinds}


def test_trial_says_what_the_run_does_and_changes_nothing(officer, office):
    batch = bring(officer, office, GOOD, "Wrong Works,LU12345614,academia,LU,x@y.example,internal,,,")
    before = snapshot()
    trial = done(try_import(acting_user=officer, batch=batch))
    assert (trial.state, trial.tally) == ("done", {"new": 1, "wrong": 1})
    assert snapshot() == before
    run = done(run_import(acting_user=officer, batch=batch))
    assert (run.state, run.tally) == ("done", {"new": 1, "wrong": 1})
    assert [tone for _place, tone, _text in said(trial)] == [tone for _place, tone, _text in said(run)]


def test_run_makes_the_tenant_its_owner_and_its_day(officer, office):
    taken(officer, office, GOOD)
    tenant = Tenant.objects.get()
    assert (tenant.name, tenant.legal_id, tenant.residency, tenant.state) == (
        "Haff University", "LU12345613", ["FR", "LU"], "active",
    )  # fmt: skip
    owner = User.objects.get(email="ida@haff.example")
    assert may(owner, "manage_members", tenant)
    assert Recertification.objects.get().due_on > timezone.localdate() + timedelta(days=700)
    acts = AuditEvent.objects.filter(tenant_id=tenant.pk).values_list("act", "actor", "source")
    assert ("tenant.imported", officer.pk, "task") in list(acts)


@pytest.mark.parametrize("invite", [False, True])
def test_owner_without_an_account_is_mailed_when_the_officer_wants_it(officer, office, invite):
    taken(officer, office, GOOD, invite_owners=invite, site="https://portal.test/")
    row = Invitation.objects.get()
    assert (row.times, row.now) == ((1, "open") if invite else (0, "unsent"))
    assert mail.outbox == []  # that is a task's work, woken after the commit


def test_second_run_of_the_same_file_changes_nothing(officer, office):
    taken(officer, office, GOOD)
    before = snapshot()
    trial, run = taken(officer, office, GOOD)
    assert (trial.tally, run.tally) == ({"same": 1}, {"same": 1})
    assert snapshot() == before


def test_tenant_that_differs_is_left_and_told(officer, office):
    taken(officer, office, GOOD)
    before = snapshot()
    _trial, run = taken(officer, office, GOOD.replace("internal", "public"))
    assert said(run) == [
        (1, "warn", "Data class is “internal” here and “public” in the file; it was left as it is.")
    ]  # fmt: skip
    assert snapshot() == before


def test_key_is_the_legal_id_within_the_authority(officer, office):
    make_tenant(legal_id="LU12345613", name="Of another authority")
    _trial, run = taken(officer, office, GOOD.replace("LU12345613", "lu 123.456-13"))
    assert run.tally == {"new": 1}
    assert Tenant.objects.filter(legal_id="LU12345613").count() == 2


def test_two_rows_of_one_legal_id_are_told_before(officer, office):
    trial, run = taken(officer, office, GOOD, GOOD.replace("Haff University", "Twin"))
    assert said(trial)[1] == (2, "bad", "Row 1 has the same legal id already. Take one of the two out.")
    assert (run.tally, Tenant.objects.count()) == ({"new": 1, "wrong": 1}, 1)


def test_tenant_that_left_does_not_come_back_by_an_import(officer, office):
    make_tenant(authority=office, legal_id="LU12345613", name="Haff University", state="closed")
    trial, _run = taken(officer, office, GOOD)
    assert said(trial)[0][2].startswith("Haff University was a tenant here and is closed.")


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (0, "", "The name is missing. Write the organisation’s full name."),
        (
            1,
            "LU12345614",
            "LU12345614 looks like a VAT number of LU, but its digits do not fit the rule of that country.",
        ),
        (1, "", "The legal id is missing."),
        (2, "castle", "“castle” is no kind of organisation. Write one of: public_agency, regional_authority,"),
        (3, "Atlantis", "“Atlantis” is no country. Write its two letters, such as LU."),
        (4, "nobody", "“nobody” is no e-mail address."),
        (5, "secret", "“secret” is no data class. Write one of: public, internal, confidential, restricted."),
        (6, "LU XX", "“XX” is no country."),
        (7, "ida@", "“ida@” is no e-mail address."),
        (8, "", "Nobody signs in with ida@haff.example yet. Write the person’s name into the column owner_name."),
    ],
)
def test_wrong_cell_is_a_sentence_and_stops_no_other_row(officer, office, column, value, sentence):
    cells = GOOD.split(",")
    cells[column] = value
    trial, run = taken(officer, office, ",".join(cells), GOOD.replace("LU12345613", "B 99881"))
    assert said(trial)[0][2].startswith(sentence)
    assert said(run)[0][1:] == said(trial)[0][1:]
    assert run.tally == {"new": 1, "wrong": 1}


def test_class_above_the_ceiling_of_the_kind_is_wrong(officer, office):
    KindDefaults.objects.create(authority=office, kind="academia", highest_class="public")
    trial, _run = taken(officer, office, GOOD)
    assert said(trial)[0][2].startswith("For “University or research” this authority admits data up to “Public”.")


def test_officer_as_the_owner_of_a_row_is_told_in_the_run(officer, office):
    User.objects.filter(pk=officer.pk).update(email="ida@haff.example")
    _trial, run = taken(officer, office, GOOD)
    assert said(run) == [(1, "bad", "Nobody gives a role to themselves. Ask another person who may give roles here.")]
    assert not Tenant.objects.exists()


def test_json_is_read_like_csv(officer, office):
    row = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | {"residency": ["LU", "FR"], "floor": 3}
    for told in ([row], {"tenants": [row]}):
        sheet = read_sheet("x.json", json.dumps(told).encode())
        assert (sheet.rows[0]["residency"], sheet.ignored) == ("LU, FR", ["floor"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no row"),
        (b"name,kind\nA,academia", "lacks the columns legal_id, country, contact_email, data_class"),
        ("n\xe4me".encode("latin-1"), "is not in UTF-8"),
        (b"[1, 2]", "no list of objects"),
        (b'[{"name": ', "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"a\0b", "is no text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF, not a table as text"),
        (b"%PDF-1.4\nall of it is ASCII", "is a PDF, not a table as text"),
        (b"PK\x03\x04\x14\x00\x06\x00", "is a workbook or an archive, not a table as text"),
    ],
)
def test_file_that_cannot_be_read_says_why(officer, office, content, sentence):
    with pytest.raises(Refused, match=sentence):
        upload_import(acting_user=officer, authority=office, name="x.csv", content=content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_headings_of_other_sites_are_understood(delimiter):
    text = delimiter.join(["Organisation", "VAT", "Type", "Country", "E-Mail", "Contact", "Data class", "Note"])
    sheet = read_sheet("x.csv", ("\ufeff" + text + "\r\n" + delimiter.join("abcdefgh")).encode())
    assert sorted(sheet.columns) == ["contact_email", "country", "data_class", "kind", "legal_id", "name"]


def test_report_holds_no_formula(officer, office):
    trial, _run = taken(officer, office, '"=HYPERLINK(""http://x"")",LU12345613,academia,LU,a@b.example,internal,,,')
    rows = list(csv.reader(io.StringIO("".join(_report(trial)))))
    assert [row[2] for row in rows[1:]] == ['\'=HYPERLINK("http://x")']


def test_apostrophe_that_guards_a_cell_is_taken_off_again():
    rows = read_sheet("x.csv", f"{HEAD}\n'=Firm,LU1,a,b,c,d,e,f,g".encode()).rows
    assert rows[0]["name"] == "=Firm"


def test_template_is_a_file_that_can_be_taken_over(officer, office):
    batch = upload_import(acting_user=officer, authority=office, name="t.csv", content=template().encode())
    assert done(try_import(acting_user=officer, batch=batch)).tally == {"new": 1}


def test_run_before_a_trial_is_refused(officer, office):
    with pytest.raises(Refused, match=r"Try “sites\.csv” first"):
        run_import(acting_user=officer, batch=bring(officer, office, GOOD))


def test_run_while_one_runs_is_refused(officer, office):
    batch = bring(officer, office, GOOD)
    done(try_import(acting_user=officer, batch=batch))
    run_import(acting_user=officer, batch=batch)
    with pytest.raises(Conflict, match="is being worked on"):
        run_import(acting_user=officer, batch=batch)


def test_officer_who_lost_the_role_ends_the_import(officer, office):
    batch = bring(officer, office, GOOD)
    done(try_import(acting_user=officer, batch=batch))
    work = run_import(acting_user=officer, batch=batch)
    officer.authoritymemberships.update(valid_until=timezone.now())
    work = done(work)
    assert (work.state, Tenant.objects.count()) == ("failed", 0)
    assert "is no onboarding officer of" in work.trouble


def test_run_that_dies_between_rows_goes_on_without_doubling(officer, office, monkeypatch):
    monkeypatch.setitem(imports.ROWS_A_STEP, imports.KIND, 2)
    lines = [f"Site {n},B {1000 + n},industry,LU,s{n}@x.example,internal,,o{n}@x.example,Owner {n}" for n in range(7)]
    batch = bring(officer, office, *lines)
    done(try_import(acting_user=officer, batch=batch))
    work = run_import(acting_user=officer, batch=batch)
    real, left = imports.import_tenant, iter(range(3))

    def dying(**facts):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(**facts)

    monkeypatch.setattr(imports, "import_tenant", dying)
    with pytest.raises(KeyboardInterrupt):
        operation_work.run(work.pk)
    assert (Tenant.objects.count(), Operation.objects.get(pk=work.pk).cursor["row"]) == (2, 2)
    monkeypatch.setattr(imports, "import_tenant", real)
    Operation.objects.filter(pk=work.pk).update(lease_until=None)
    work = done(work)
    assert (work.state, work.tally, Tenant.objects.count(), Membership.objects.count()) == ("done", {"new": 7}, 7, 7)
    assert [place for place, _tone, _text in said(work)] == [1, 2, 3, 4, 5, 6, 7]


def test_file_of_an_import_is_no_orphan(officer, office):
    batch = bring(officer, office, GOOD)
    sweep_file(batch.key)
    assert done(try_import(acting_user=officer, batch=batch)).state == "done"


def test_stranger_sees_no_import(officer, office):
    batch = bring(officer, office, GOOD)
    seen = type(batch).objects.all()
    assert list(seen.visible_to(officer)) == [batch]
    assert list(seen.visible_to(make_user())) == []
