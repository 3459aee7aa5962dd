"""Conditions of grants: part of the decision, said to be met by the tenant, found met by nobody of it, never silent."""

from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from portal.core import files
from portal.core.errors import MovedMeanwhile, PortalError, Refused, UnlawfulMove
from portal.models import AuditEvent, Notification
from resources import states
from resources.models import Decision, Grant, GrantCondition, QuotaRequest
from resources.services.appeals import appeal_request
from resources.services.condition_watch import sweep_conditions
from resources.services.conditions import (
    Condition,
    confirm_met,
    lift_condition,
    say_met,
    send_back_condition,
    what_is_wrong,
)
from resources.services.decisions import (
    approve_request,
    ask_for_changes,
    confirm_request,
    reject_request,
    send_back_request,
    take_back_request,
)
from resources.services.grants import revoke_grant
from resources.services.placing import Term
from resources.services.request_documents import attach_document
from resources.services.request_letters import write_letter
from resources.services.requests import withdraw_request
from tenants.errors import FourEyes
from tenants.models import Authority, PolicyRule
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_member, make_policy, make_staff
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
PAPER, USE = "Hand in the data-protection assessment", "Use at least 60 % of it"
State = GrantCondition.State


def today(house):
    return timezone.localtime(timezone.now(), ZoneInfo(house.authority.time_zone)).date()


def in_days(house, days, text=PAPER):
    return Condition(text, today(house) + timedelta(days=days))


def granted(house, *conditions, amount=10, days=60):
    request = make_request(house.project, house.pool, house.owner, amount, days=days)
    approve_request(acting_user=house.approver, request=request, conditions=conditions or [in_days(house, 10)])
    Notification.objects.all().delete()
    return request


def one(**facts):
    rows = GrantCondition.objects.select_related("tenant", "request__tenant", "request__authority", "decision")
    return rows.get(**facts)


def seen():
    return list(GrantCondition.objects.order_by("pk").values_list("text", "state"))


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("act", flat=True))


def make_overdue(condition):
    """Its day passes, as the clock says to the sweep."""
    sweep_conditions(condition.due_at + timedelta(minutes=1))
    condition.refresh_from_db()


def test_an_approval_with_conditions_grants_at_once_and_they_are_open(house):
    request = granted(house, in_days(house, 10), in_days(house, 30, USE))
    assert request.state == "approved"
    assert Grant.objects.get().amount == 10
    assert seen() == [(PAPER, "open"), (USE, "open")]
    acts = AuditEvent.objects.filter(act__startswith="request.condition_").order_by("pk")
    assert [each.act.rpartition("_")[2] for each in acts] == ["set", "set", "holds", "holds"]
    assert acts[0].reason == PAPER


def test_its_day_ends_on_the_clocks_of_the_authority_that_sets_it(house):
    Authority.objects.filter(pk=house.authority.pk).update(time_zone="Europe/Helsinki")
    house.authority.refresh_from_db()
    granted(house, Condition(PAPER, today(house) + timedelta(days=10)))
    after = today(house) + timedelta(days=11)
    assert one().due_at == datetime(after.year, after.month, after.day, tzinfo=ZoneInfo("Europe/Helsinki"))


@pytest.mark.parametrize(
    ("conditions", "field", "said"),
    [
        ([("  ", 5)], "condition_text_1", "Write what has to be done"),
        ([("x" * 501, 5)], "condition_text_1", "at most 500 characters"),
        ([("A report", 0)], "condition_due_1", "not in the future"),
        ([("A report", -3)], "condition_due_1", "not in the future"),
        ([("A report", 31)], "condition_due_1", "before this day"),
        ([("A report", 5), ("a  REPORT", 9)], "condition_text_2", "here already"),
        ([(f"Report {n}", 5) for n in range(11)], "condition_text_11", "More than 10"),
    ],
)
def test_what_nobody_could_meet_is_refused_with_a_sentence_at_its_field(house, conditions, field, said):
    request = make_request(house.project, house.pool, house.owner, days=30)
    rows = [in_days(house, days, text) for text, days in conditions]
    with pytest.raises(Refused) as refusal:
        approve_request(acting_user=house.approver, request=request, conditions=rows)
    assert (refusal.value.field, said in str(refusal.value)) == (field, True)
    assert not Decision.objects.exists()


def test_the_last_day_that_is_granted_may_be_the_day_of_a_condition_and_a_shorter_period_counts(house):
    request = make_request(house.project, house.pool, house.owner, days=30)
    line = request.current_lines.get()
    terms = {line.pk: Term(10, ends_at=line.ends_at - timedelta(days=20))}
    with pytest.raises(Refused) as refusal:
        approve_request(
            acting_user=house.approver, request=request, terms=terms, reason="x", conditions=[in_days(house, 15)]
        )
    assert refusal.value.field == "condition_due_1"
    office = house.authority
    last = timezone.localtime(line.ends_at - timedelta(seconds=1), ZoneInfo(office.time_zone)).date()
    assert what_is_wrong([Condition(PAPER, last)], office, line.ends_at) == []


def test_the_second_person_confirms_them_with_the_step_and_sending_back_drops_them(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    first = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=first, conditions=[in_days(house, 10)])
    assert seen() == [(PAPER, "proposed")]
    confirm_request(acting_user=house.second, request=first)
    assert seen() == [(PAPER, "open")]
    assert one().decision.decider == house.approver
    other = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=other, conditions=[in_days(house, 10, USE)])
    send_back_request(acting_user=house.second, request=other, reason="No")
    assert seen()[1] == (USE, "dropped")


@pytest.mark.parametrize("undo", ["take_back", "reject", "withdraw", "ask"])
def test_what_undoes_the_step_drops_its_conditions(house, undo):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    request = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=request, conditions=[in_days(house, 10)])
    if undo == "reject":
        reject_request(acting_user=house.second, request=request, reason="No")
    else:
        take_back_request(acting_user=house.approver, request=request)
    if undo == "withdraw":
        withdraw_request(acting_user=house.owner, request=request)
    if undo == "ask":
        ask_for_changes(acting_user=house.approver, request=request, reason="Which month?")
    assert seen() == [(PAPER, "dropped")]


def test_a_withdrawn_request_leaves_no_proposal_behind_the_sweep(house):
    """Of two lines one is decided with a condition when the tenant withdraws."""
    other = make_authority()
    approver = make_staff(other, "quota_approver")
    share = make_share(house.pool, other, 50)
    request = make_request(house.project, house.pool, house.owner)
    line = request.current_lines.get()
    approve_request(
        acting_user=approver, request=request, terms={line.pk: Term(4, rest_open=True)}, authority=share.authority,
        reason="Our part", conditions=[in_days(house, 10)],
    )  # fmt: skip
    assert (request.state, seen()) == ("in_review", [(PAPER, "proposed")])
    withdraw_request(acting_user=house.owner, request=request)
    assert sweep_conditions() == 1
    assert seen() == [(PAPER, "dropped")]
    assert sweep_conditions() == 0


def test_two_authorities_attach_their_own_and_each_decides_about_its_own(house):
    other = make_authority()
    approver = make_staff(other, "quota_approver")
    make_share(house.pool, other, 50)
    request = make_request(house.project, house.pool, house.owner)
    line = request.current_lines.get()
    approve_request(
        acting_user=approver, request=request, terms={line.pk: Term(4, rest_open=True)}, authority=other,
        reason="Our part", conditions=[in_days(house, 10)],
    )  # fmt: skip
    approve_request(acting_user=house.approver, request=request, conditions=[in_days(house, 20, USE)])
    assert seen() == [(PAPER, "open"), (USE, "open")]
    assert [row.decision.deciding_authority for row in GrantCondition.objects.order_by("pk")] == [
        other,
        house.authority,
    ]
    mine, theirs = one(text=USE), one(text=PAPER)
    assert list(GrantCondition.objects.visible_to(house.approver, "decide")) == [mine]
    assert list(GrantCondition.objects.visible_to(approver, "decide")) == [theirs]
    write_letter(request.pk)
    body = request.letters.get().body
    assert f"{PAPER}, by" in body
    assert f"set by {other.name}" in body
    assert f"set by {house.authority.name}" not in body


def test_the_letter_says_the_conditions_with_their_days_and_so_does_its_print(house):
    request = granted(house, in_days(house, 10))
    write_letter(request.pk)
    letter = request.letters.get()
    day = today(house) + timedelta(days=10)
    assert f"{PAPER}, by {day.day} {day:%B} {day.year}" in " ".join(letter.body.split())
    assert PAPER in " ".join(text_of(bytes(letter.pdf)).split())


def test_the_tenant_says_it_is_met_and_an_approver_finds_it_met(house):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="See page 3 of the plan")
    assert (row.state, row.note, row.said_by) == ("said_met", "See page 3 of the plan", house.owner)
    assert (told(house.approver), told(house.owner)) == (["request.condition_said_met"], [])
    confirm_met(acting_user=house.second, condition=row)
    assert (row.state, row.closed_by) == ("met", house.second)
    assert told(house.owner) == ["request.condition_met"]
    acts = list(row.steps.order_by("pk").values_list("act", "by"))
    assert acts[-2:] == [("said_met", house.owner.pk), ("confirmed", house.second.pk)]


def test_saying_it_is_met_takes_a_note_and_a_document_of_the_same_request(house):
    request = granted(house)
    with pytest.raises(Refused) as refusal:
        say_met(acting_user=house.owner, condition=one(), note="  ")
    assert refusal.value.field == "note"
    other = make_request(house.project, house.pool, house.owner)
    paper = attach_document(acting_user=house.owner, request=other, name="a.txt", content=b"of another")
    with pytest.raises(Refused) as refusal:
        say_met(acting_user=house.owner, condition=one(), note="Here", document=paper)
    assert refusal.value.field == "document"
    mine = attach_document(acting_user=house.owner, request=request, name="b.txt", content=b"the assessment")
    assert say_met(acting_user=house.owner, condition=one(), note="Here", document=mine).document == mine
    with pytest.raises(UnlawfulMove):
        attach_document(acting_user=house.owner, request=request, name="c.txt", content=b"late")
    files.forget(mine.key)


def test_sent_back_it_is_open_again_before_its_day_and_overdue_after_it(house, monkeypatch):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="Done")
    send_back_condition(acting_user=house.approver, condition=row, reason="Page 3 is missing")
    assert (row.state, told(house.owner)) == ("open", ["request.condition_sent_back"])
    say_met(acting_user=house.owner, condition=row, note="Now with page 3")
    later = row.due_at + timedelta(hours=1)
    monkeypatch.setattr("resources.services.conditions.timezone.now", lambda: later)
    send_back_condition(acting_user=house.approver, condition=row, reason="Still not")
    assert row.state == "overdue"


@pytest.mark.parametrize("act", [send_back_condition, lift_condition])
def test_sending_back_and_lifting_take_a_reason(house, act):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="Done")
    with pytest.raises(Refused) as refusal:
        act(acting_user=house.approver, condition=row, reason=" ")
    assert refusal.value.field == "reason"


@pytest.mark.parametrize("act", [confirm_met, send_back_condition, lift_condition])
def test_nobody_of_the_tenant_and_nobody_who_asked_decides_about_it(house, act):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="Done")
    make_staff(house.authority, "quota_approver", house.owner)
    both = make_member(house.tenant, "member", make_staff(house.authority, "quota_approver"))
    for person in (house.owner, both):
        with pytest.raises(FourEyes):
            act(acting_user=person, condition=row, reason="x")
    assert one().state == "said_met"


ACTS = {
    "said_met": lambda house, row: say_met(acting_user=house.owner, condition=row, note="x"),
    "met": lambda house, row: confirm_met(acting_user=house.approver, condition=row),
    "lifted": lambda house, row: lift_condition(acting_user=house.approver, condition=row, reason="x"),
    "open": lambda house, row: send_back_condition(acting_user=house.approver, condition=row, reason="x"),
}


def reach(house, state):
    """A condition in this state, by what leads there."""
    if state in {"proposed", "dropped"}:
        make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
        request = make_request(house.project, house.pool, house.owner)
        approve_request(acting_user=house.approver, request=request, conditions=[in_days(house, 10)])
        if state == "dropped":
            send_back_request(acting_user=house.second, request=request, reason="x")
        return one()
    granted(house)
    row = one()
    if state in {"said_met", "met"}:
        say_met(acting_user=house.owner, condition=row, note="x")
    if state == "met":
        confirm_met(acting_user=house.second, condition=row)
    if state == "lifted":
        lift_condition(acting_user=house.second, condition=row, reason="x")
    if state == "overdue":
        make_overdue(row)
    if state == "ended":
        revoke_grant(acting_user=house.approver, grant=Grant.objects.select_related("share", "pool").get(), reason="x")
        sweep_conditions()
    return one()


@pytest.mark.parametrize(("old", "new"), list(product(states.CONDITION.states, ACTS)))
def test_each_act_is_lawful_from_the_states_of_the_table_and_refused_from_all_others(house, old, new):
    row = reach(house, old)
    assert row.state == old
    lawful = states.CONDITION.lawful(old, new) and (old, new) != (
        "proposed",
        "open",
    )  # a decision does that, not an act
    if lawful:
        ACTS[new](house, row)
        assert one().state == new
        return
    with pytest.raises((UnlawfulMove, MovedMeanwhile)):
        ACTS[new](house, row)
    assert one().state == old


def test_two_approvers_at_once_settle_it_once(house):
    granted(house)
    say_met(acting_user=house.owner, condition=one(), note="Done")
    first, second = one(), one()
    confirm_met(acting_user=house.approver, condition=first)
    with pytest.raises(MovedMeanwhile):
        lift_condition(acting_user=house.second, condition=second, reason="x")
    assert one().state == "met"


def test_reminders_go_out_seven_days_and_one_before_each_once(house):
    granted(house, in_days(house, 20))
    due = one().due_at
    sweeps = [due - timedelta(days=days, hours=-1) for days in (9, 7, 6, 3, 1)]
    assert [sweep_conditions(at) for at in sweeps] == [0, 1, 0, 0, 1]
    assert told(house.owner) == ["request.condition_reminded"]  # the second is one row until the first is read
    assert (told(house.approver), one().state) == ([], "open")


def test_past_its_day_it_is_overdue_once_both_sides_are_told_and_nothing_is_taken(house):
    granted(house)
    row = one()
    make_overdue(row)
    assert sweep_conditions(row.due_at + timedelta(days=30)) == 0
    assert (row.state, Grant.objects.get().state) == ("overdue", "active")
    assert told(house.owner) == told(house.approver) == ["request.condition_overdue"]
    assert told(house.member) == []
    event = AuditEvent.objects.get(act="request.condition_overdue")
    assert (event.actor, event.before["state"], event.after["state"]) == (None, "open", "overdue")


def test_what_was_said_to_be_met_does_not_become_overdue_while_it_waits_for_the_approver(house):
    granted(house)
    row = say_met(acting_user=house.owner, condition=one(), note="Done")
    assert sweep_conditions(row.due_at + timedelta(days=2)) == 0
    assert one().state == "said_met"


def test_it_is_over_when_nothing_of_the_grant_is_left(house):
    granted(house)
    revoke_grant(acting_user=house.approver, grant=Grant.objects.select_related("share", "pool").get(), reason="x")
    assert sweep_conditions() == 1
    assert (one().state, sweep_conditions()) == ("ended", 0)


def test_a_refused_and_appealed_request_may_be_granted_with_conditions_by_others(house):
    request = make_request(house.project, house.pool, house.owner)
    reject_request(acting_user=house.approver, request=request, reason="Full")
    appeal_request(acting_user=house.owner, request=request, text="Look again")
    approve_request(
        acting_user=house.second, request=QuotaRequest.objects.get(pk=request.pk), conditions=[in_days(house, 9)]
    )
    assert seen() == [(PAPER, "open")]


def test_an_approval_of_another_pool_keeps_the_conditions_with_its_own_request(house):
    granted(house)
    pool = make_pool(50)
    make_share(pool, house.authority)
    other = make_request(house.project, pool, house.owner)
    approve_request(acting_user=house.approver, request=other)
    assert GrantCondition.objects.filter(request=other).count() == 0


def test_nothing_is_said_of_a_tenant_that_is_not_active(house):
    granted(house)
    type(house.tenant).objects.filter(pk=house.tenant.pk).update(state="suspended")
    with pytest.raises(PortalError):
        say_met(acting_user=house.owner, condition=one(), note="Done")
