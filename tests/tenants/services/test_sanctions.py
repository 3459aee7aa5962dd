"""The sanctions list in force: whole or not at all, never too old to say yes, and asked again when it changes."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.core.errors import Refused
from portal.models import AuditEvent, Notification
from tenants.models import ComplianceCheck, SanctionsList, SanctionsName
from tenants.queries.checks import current_of
from tenants.services import checks, sanctions
from tenants.services.check_decisions import confirm_check, propose_check
from tests.factories.tenants import make_authority, make_policy, make_staff
from tests.tenants.services.test_checks import list_file, send

pytestmark = pytest.mark.django_db


def screening(case):
    row = next(row for row in current_of(case) if row.key == "sanctions")
    return row.state, row.finding, row.round


def test_a_list_comes_into_force_whole_and_replaces_the_one_before():
    first = sanctions.load_list(file=list_file("Vostrel", "Kesselmark", days_old=3))
    assert (first.entities, first.spellings, first.current) == (2, 2, True)
    second = sanctions.load_list(file=list_file("Orlegrave", number="2"))
    assert list(SanctionsName.objects.values_list("name", flat=True)) == ["Orlegrave"]
    assert list(SanctionsList.objects.filter(current=True)) == [second]
    assert AuditEvent.objects.filter(act="sanctions.loaded").count() == 2


def test_the_same_file_again_changes_nothing():
    text = list_file("Vostrel").getvalue()
    rows = [sanctions.load_list(file=type(list_file())(text)) for _each in range(2)]
    assert rows[0] == rows[1]
    assert AuditEvent.objects.filter(act="sanctions.loaded").count() == 1


@pytest.mark.parametrize("cut", [10, 60, 120, -9])
def test_a_file_that_is_cut_leaves_the_list_in_force(cut):
    kept = sanctions.load_list(file=list_file("Vostrel", days_old=2))
    text = list_file("Kesselmark", "Orlegrave").getvalue()[:cut]
    with pytest.raises(Refused):
        sanctions.load_list(file=type(list_file())(text))
    assert SanctionsList.objects.get() == kept
    assert list(SanctionsName.objects.values_list("name", flat=True)) == ["Vostrel"]


def test_an_older_list_and_an_empty_one_are_not_taken():
    sanctions.load_list(file=list_file("Vostrel", days_old=1))
    with pytest.raises(Refused, match="one in force is of"):
        sanctions.load_list(file=list_file("Kesselmark", days_old=5))
    with pytest.raises(Refused, match="names nobody"):
        sanctions.load_list(file=list_file())


def test_without_a_list_and_with_an_old_one_nothing_was_screened():
    case = send(organisation="Delta")
    checks.check_case(case.pk)
    assert screening(case) == ("open", "sanctions.absent", 1)
    sanctions.load_list(file=list_file("Vostrel", days_old=15))
    sanctions.rescreen()
    checks.run_due()
    assert screening(case) == ("open", "sanctions.stale", 1)
    sanctions.load_list(file=list_file("Vostrel"))
    sanctions.rescreen()
    checks.run_due()
    assert screening(case) == ("passed", "sanctions.clear", 1)
    row = ComplianceCheck.objects.get(case=case, key="sanctions")
    assert row.facts["list_version"] == "1"
    assert row.facts["list_date"] in row.found


@pytest.mark.parametrize("facts", [{"organisation": "VOSTREL Trading House Ltd"}, {"signatory_name": "Vostrel, Trading-House"}, {"kind": "industry", "employees": "12", "sme": "yes", "controlled_abroad": "no", "owners": "Ida Holm\n  Vostrel Trading House AB (60 %)"}])  # fmt: skip
def test_a_hit_tells_the_officers_and_not_the_applicant(facts):
    authority = make_authority()
    officer = make_staff(authority)
    sanctions.load_list(file=list_file("Vostrel Trading House"))
    case = send(authority, **facts)
    checks.check_case(case.pk)
    assert screening(case) == ("open", "sanctions.hit", 1)
    assert set(Notification.objects.filter(act="check.hit").values_list("user", flat=True)) == {officer.pk}
    event = AuditEvent.objects.get(act="check.hit")
    assert "Vostrel" not in str(event.after)


def test_the_threshold_is_policy():
    authority = make_authority()
    make_policy(authority, "sanctions.likeness", 60)
    sanctions.load_list(file=list_file("Vostrel Trading House"))
    near = send(authority, organisation="Vostrol Trade House")
    checks.check_case(near.pk)
    far = send(organisation="Vostrol Trade House")
    checks.check_case(far.pk)
    assert (screening(near)[1], screening(far)[1]) == ("sanctions.hit", "sanctions.clear")


def test_a_new_list_finds_who_is_new_on_it_and_leaves_whoever_was_cleared():
    authority = make_authority()
    officers = [make_staff(authority) for _each in range(2)]
    sanctions.load_list(file=list_file("Vostrel Trading House", days_old=3))
    case, other = (send(authority, organisation=name) for name in ("Vostrel Trading House", "Orlegrave Works"))
    for each in (case, other):
        checks.check_case(each.pk)
    row = ComplianceCheck.objects.get(case=case, key="sanctions")
    row = propose_check(acting_user=officers[0], check=row, reason="Another country")
    confirm_check(acting_user=officers[1], check=row, reason="Seen the extract")
    made = sanctions.load_list(file=list_file("Vostrel Trading House", "Orlegrave Works", number="2"))
    assert sanctions.rescreen() == 1
    assert screening(case) == ("passed", "sanctions.hit", 1)
    assert ComplianceCheck.objects.get(pk=row.pk).facts["list"] == made.pk
    assert screening(other) == ("open", "sanctions.hit", 2)
    assert sanctions.rescreen() == 0


def test_the_command_and_the_setting_load_a_file(tmp_path, settings):
    path = tmp_path / "list.xml"
    path.write_bytes(list_file("Vostrel", days_old=1).getvalue())
    said = StringIO()
    call_command("load_sanctions", str(path), stdout=said)
    assert "1 persons and organisations" in said.getvalue()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_sanctions", str(tmp_path / "none.xml"))
    path.write_text("no list")
    with pytest.raises(CommandError, match="no proper XML"):
        call_command("load_sanctions", str(path))
    settings.SANCTIONS_FILE = str(path)
    assert sanctions.load_configured() is False
    path.write_bytes(list_file("Kesselmark", number="2").getvalue())
    assert sanctions.load_configured() is True
    assert sanctions.load_configured() is False
