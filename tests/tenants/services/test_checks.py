"""Checks from planning to verdict: what is sent has its checks, a killed worker loses and doubles nothing, silence is no yes."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.core.errors import Refused
from portal.core.isolation import role
from portal.core.outbox import claim
from portal.models import AuditEvent, Notification
from tenants import tasks
from tenants.checks.findings import Finding
from tenants.models import ComplianceCheck, OnboardingCase, SanctionsName, Tenant
from tenants.queries.checks import current_of, due, summary, told
from tenants.services import admission, checks, onboarding, sanctions
from tenants.services.answers import keep_answers
from tests.factories.people import make_user
from tests.factories.tenants import (
    case_answers,
    make_authority,
    make_case,
    make_check,
    make_policy,
    make_staff,
    settle_checks,
)

pytestmark = pytest.mark.django_db
EVERYBODYS = {"legal_id", "register", "country", "mail_domain", "duplicate", "sanctions", "end_use", "documents"}
SITE = "https://organisation.test"


def list_file(*names, days_old=0, number="1"):
    made = (timezone.now() - timedelta(days=days_old)).isoformat()
    rows = "".join(f'<sanctionEntity logicalId="{n}"><nameAlias wholeName="{name}"/></sanctionEntity>' for n, name in enumerate(names, 1))  # fmt: skip
    return io.BytesIO(f'<export generationDate="{made}" globalFileId="{number}">{rows}</export>'.encode())


def send(authority=None, **facts):
    """An application through the service, with a VAT number and a site by which all can be in order."""
    facts = {"legal_id": "LU15027442", "website": SITE, "contact_email": "a@organisation.test", **facts}
    answers = case_answers(**facts)
    case = onboarding.draft_case(acting_user=make_user(), authority=authority or make_authority(), facts=answers)
    return onboarding.submit_case(acting_user=case.members.get().user, case=case)


def states(case):
    return {row.key: (row.state, row.finding) for row in current_of(case)}


@pytest.fixture
def registers(settings):
    settings.REGISTER_RECORDED = {}
    return settings.REGISTER_RECORDED


def test_what_is_sent_has_its_checks_in_the_same_moment():
    personal = {"personal_data": "personal", "gdpr_role": "controller", "dpo_name": "A", "dpo_email": "d@x.test"}
    case = send(organisation="Delta", **personal, dpa_signed="no", transfers="no", ethics="no")
    assert EVERYBODYS | {"gdpr_agreement", "dpo"} == set(states(case))
    assert set(states(case).values()) == {("open", ""), ("open", "manual")}
    assert AuditEvent.objects.get(act="check.planned").authority_id == case.authority_id


def test_the_portal_settles_what_it_can_and_leaves_the_rest_open(registers):
    registers["LU15027442"] = {"name": "DELTA, société anonyme"}
    sanctions.load_list(file=list_file("Vostrel Trading House"))
    case = send(organisation="Delta S.A.")
    assert checks.check_case(case.pk) == len(EVERYBODYS)
    found = states(case)
    assert found["register"] == ("open", "register.other_name")
    assert {key for key, (state, _code) in found.items() if state == "passed"} == EVERYBODYS - {"register"}
    assert checks.check_case(case.pk) == 0
    assert due().count() == 0


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({"name": "DELTA"}, ("passed", "register.confirmed")),
        ({"name": "Epsilon"}, ("open", "register.other_name")),
        ({"name": ""}, ("open", "register.nameless")),
        ({"name": "Delta", "live": False}, ("failed", "register.over")),
        (None, ("failed", "register.unknown")),
        ("silent", ("open", "register.silent")),
        (["garbage"], ("open", "register.silent")),
    ],
)
def test_a_register_says_yes_or_no_or_nothing(registers, recorded, expected):
    registers["LU15027442"] = recorded
    case = send(organisation="Delta")
    checks.check_case(case.pk)
    assert states(case)["register"] == expected


def test_a_register_that_is_silent_is_asked_again_and_later_each_time(registers):
    registers["LU15027442"] = "silent"
    case = send(organisation="Delta")
    waits = []
    for _turn in range(7):
        checks.run_due()
        row = ComplianceCheck.objects.get(case=case, key="register")
        assert row.state == "open"
        waits.append(round((row.next_attempt_at - timezone.now()).total_seconds(), -1))
        ComplianceCheck.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    assert waits == [60, 300, 1800, 7200, 21600, 21600, 21600]
    registers["LU15027442"] = {"name": "Delta"}
    checks.run_due()
    assert states(case)["register"][0] == "passed"


def test_no_register_for_the_number_is_not_verified(registers):
    case = send(organisation="Delta")
    checks.check_case(case.pk)
    assert states(case)["register"] == ("open", "register.none")


def test_a_check_that_breaks_stays_open_and_keeps_no_other_from_being_done(monkeypatch):
    case = send(organisation="Delta")
    real = checks.look
    monkeypatch.setattr(checks, "look", lambda row: real(row) if row.key != "country" else 1 / 0)
    assert checks.check_case(case.pk) == len(EVERYBODYS)
    assert states(case)["country"] == ("open", "fault")
    assert states(case)["legal_id"][0] == "passed"
    monkeypatch.undo()
    ComplianceCheck.objects.filter(key="country").update(next_attempt_at=timezone.now())
    checks.run_due()
    assert states(case)["country"][0] == "passed"


def test_a_worker_that_dies_in_the_middle_is_overtaken_and_its_late_result_dropped():
    case = send(organisation="Delta")
    dead = claim(due(), lease_seconds=90, limit=100)
    assert len(dead) == len(EVERYBODYS)
    assert checks.run_due() == 0  # somebody else's, for now
    ComplianceCheck.objects.filter(case=case).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert checks.run_due() == len(EVERYBODYS)
    before = states(case)
    assert [checks.settle_look(row, Finding("failed", "fault")) for row in dead] == [False] * len(dead)
    assert states(case) == before
    settled = AuditEvent.objects.filter(act__in=("check.passed", "check.failed", "check.open"))
    assert settled.count() == len(EVERYBODYS)


def test_a_result_for_facts_that_changed_meanwhile_is_dropped():
    case = send(organisation="Delta")
    old = claim(due().filter(key="sanctions"), lease_seconds=90, limit=1)[0]
    case.organisation, case.answers = "Epsilon", {**case.answers, "organisation": "Epsilon"}
    case.save()
    checks.plan_checks(case=case)
    assert not checks.settle_look(old, Finding("passed", "sanctions.clear"))
    assert states(case)["sanctions"] == ("open", "")


def test_an_answer_looks_again_at_what_changed_and_at_nothing_else():
    case = send(organisation="Delta")
    settle_checks(case)
    officer = make_staff(case.authority)
    admission.ask_applicant(acting_user=officer, case=case, reason="Which number?")
    keep_answers(acting_user=case.submitted_by, case=case, answers={"legal_id": "LU12345613"})
    onboarding.answer_case(acting_user=case.submitted_by, case=case, text="This one.")
    rounds = {row.key: row.round for row in current_of(case)}
    changed = {key for key, number in rounds.items() if number == 2}
    assert changed == {"legal_id", "register", "country", "duplicate"}
    assert {states(case)[key][0] for key in changed} == {"open"}
    assert {row.state for row in ComplianceCheck.objects.filter(case=case, current=False)} == {"passed"}


def test_checks_come_and_go_with_the_answers():
    case = send(organisation="Delta")
    for mandate, there in (("power_of_attorney", True), ("register", False)):
        case.answers = {**case.answers, "mandate": mandate}
        case.save()
        checks.plan_checks(case=case)
        assert ("mandate" in states(case)) is there


def test_approving_is_refused_while_a_required_check_is_not_in_order_and_says_which():
    case = send(organisation="Delta")
    officer = make_staff(case.authority)
    with pytest.raises(Refused, match=r"Entry in the register \(the portal is looking\)") as refused:
        admission.approve_case(acting_user=officer, case=case)
    assert set(refused.value.facts["checks"]) == EVERYBODYS - {"documents"}
    settle_checks(case)
    ComplianceCheck.objects.filter(case=case, key="documents").update(state="failed")  # an optional one
    admission.approve_case(acting_user=officer, case=OnboardingCase.objects.get(pk=case.pk))
    tenant = Tenant.objects.get(case=case)
    assert {row.key for row in current_of(tenant)} == EVERYBODYS


@pytest.mark.parametrize("state", ["open", "failed", "expired"])
def test_approving_is_refused_by_each_state_that_is_not_good(state):
    case = make_case("in_review")
    case.checks.update(state=state)
    with pytest.raises(Refused, match="Entry in the register"):
        admission.approve_case(acting_user=make_staff(case.authority), case=case)
    assert OnboardingCase.objects.get(pk=case.pk).state == "in_review"


def test_approving_plans_what_was_never_planned():
    case = make_case("in_review")
    case.checks.all().delete()
    with pytest.raises(Refused, match="required checks"):
        admission.approve_case(acting_user=make_staff(case.authority), case=case)


def test_the_sweep_plans_for_applications_from_before():
    case = make_case("submitted")
    draft, over = make_case("draft"), make_case("rejected")
    for each in (case, over):
        each.checks.all().delete()
    tasks.sweep_checks()
    assert case.checks.count() >= len(EVERYBODYS)
    assert (draft.checks.count(), over.checks.count()) == (0, 0)


def test_a_verdict_expires_with_a_notice_before():
    case = make_case("in_review")
    officer = make_staff(case.authority)
    make_policy(case.authority, "checks.notice_days", 10)
    row, now = case.checks.get(), timezone.now()
    moments = ((11, "passed"), (9, "expiring"), (9, "expiring"), (-1, "expired"))
    for days, expected in moments:
        ComplianceCheck.objects.filter(pk=row.pk).update(valid_until=now + timedelta(days=days))
        checks.sweep_validity()
        assert ComplianceCheck.objects.get(pk=row.pk).state == expected
    acts = list(Notification.objects.filter(user=officer).values_list("act", flat=True))
    assert sorted(acts) == ["check.expired", "check.expiring"]
    again = ComplianceCheck.objects.get(case=case, key="register", current=True)
    assert (again.state, again.round) == ("open", 2)  # the portal looks again by itself


def test_a_manual_verdict_that_expires_waits_for_an_officer():
    case = make_case("in_review")
    row = make_check(case, "expiring", key="mandate", valid_until=timezone.now() - timedelta(seconds=1))
    checks.sweep_validity()
    assert ComplianceCheck.objects.get(case=case, key="mandate", current=True).pk == row.pk


def test_the_summary_counts_and_says_why_reds_first():
    case = make_case("in_review")
    make_check(case, "failed", key="country", finding="country.legal_id", facts={"country": "LU", "other": "DE"})
    make_check(case, "open", key="sanctions", finding="sanctions.hit", facts={"names": []})
    make_check(case, "open", key="mandate")
    make_check(case, "failed", key="documents")
    rows = current_of(case)
    found = summary(rows)
    assert [row.key for row in rows] == ["sanctions", "country", "mandate", "documents", "register"]
    assert (found.total, found.good, found.hits, found.failed, found.undecided, found.tone) == (5, 1, 1, 2, 1, "bad")
    assert [sentence.partition(":")[0] for sentence in found.why] == ["Sanctions list", "Countries agree", "Mandate of who signs"]  # fmt: skip


def test_the_applicant_is_told_a_cut_without_anything_internal():
    case = make_case("in_review")
    make_check(case, "failed", key="mail_domain", finding="mail.free", facts={"domain": "gmail.com"})
    make_check(case, "failed", key="mandate", evidence="The notary is unknown", verified_by=make_user())
    make_check(case, "open", key="sanctions", finding="sanctions.hit", facts={"names": ["Vostrel"]})
    make_check(case, "open", key="duplicate", finding="duplicate.found", facts={"others": ["Quillon"]})
    found = {each.key: each for each in told(case)}
    assert set(found) == {"mail_domain", "mandate"}
    assert "gmail.com" in found["mail_domain"].text
    assert "notary" not in str(found)


@pytest.mark.parametrize(("state", "label"), [("in_review", "Being looked at"), ("rejected", "Not settled")])
def test_a_check_of_a_refused_application_is_no_longer_looked_at(state, label):
    case = make_case(state)
    make_check(case, "open", key="mandate")
    assert [each.state_text for each in told(case) if each.key == "mandate"] == [label]


@pytest.mark.parametrize("who", ["tenant", "officer", "worker"])
def test_the_database_shows_checks_to_no_applicant_and_no_tenant(who):
    case = make_case("in_review")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.case_ids', %s, true), set_config('app.tenant_ids', '', true)", [str(case.pk)])  # fmt: skip
        cursor.execute(f"SET LOCAL ROLE {role(who)}")
        cursor.execute("SELECT count(*) FROM tenants_compliancecheck")
        assert cursor.fetchone()[0] == (0 if who == "tenant" else 1)
        cursor.execute("RESET ROLE")


def test_tasks_are_the_services():
    case = send(organisation="Delta")
    tasks.check_case(case.pk)
    assert states(case)["legal_id"][0] == "passed"
    tasks.run_checks()
    tasks.load_sanctions()
    tasks.rescreen()
    assert SanctionsName.objects.count() == 0
