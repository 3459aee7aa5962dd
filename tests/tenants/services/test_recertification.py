"""The look back: reminded before its day, escalated after it, confirmed by an owner, closed by an officer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent, Notification
from tenants.errors import FourEyes
from tenants.models import KindDefaults, Recertification, Tenant
from tenants.queries.defaults import months_later
from tenants.services import recertification as looks
from tests.factories.tenants import make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def tenant():
    return make_tenant(name="Old Name", contact_email="old@x.test", residency=["LU"])


@pytest.fixture
def owner(tenant):
    return make_member(tenant, "owner")


@pytest.fixture
def officer(tenant):
    return make_staff(tenant.authority)


@pytest.fixture
def look(tenant, owner, officer):
    return looks.open_round(tenant=tenant)


def told(act):
    return set(Notification.objects.filter(act=act).values_list("user", flat=True))


def test_every_tenant_gets_a_day_by_the_months_of_its_kind(tenant):
    KindDefaults.objects.create(authority=tenant.authority, kind=tenant.kind, recertify_months=6)
    Tenant.objects.filter(pk=tenant.pk).update(created_at=timezone.now() - timedelta(days=10))
    closed = make_tenant(state="closed")
    assert looks.open_missing() == 1
    assert looks.open_missing() == 0
    row = Recertification.objects.get()
    assert (row.tenant, row.due_on) == (tenant, months_later(TODAY() - timedelta(days=10), 6))
    assert not closed.recertifications.exists()


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 30), 1, date(2028, 2, 29)),
        (date(2026, 11, 28), 24, date(2028, 11, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_later_stays_within_the_month(day, months, later):
    assert months_later(day, months) == later


def test_reminders_come_at_sixty_thirty_and_seven_days_once_each(look, owner, officer):
    heard = []
    for left in range(70, -1, -1):
        looks.remind(look.due_on - timedelta(days=left))
        count = AuditEvent.objects.filter(act="recertification.due").count()
        if count != len(heard):
            heard.append(left)
    assert heard == [60, 30, 7]
    assert told("recertification.due") == {owner.pk, officer.pk}


def test_late_start_reminds_once_and_not_three_times(look):
    assert looks.remind(look.due_on - timedelta(days=5)) == 1
    assert looks.remind(look.due_on - timedelta(days=5)) == 0


def test_past_its_day_it_is_escalated_once_and_moves_not(look, owner, officer):
    after = look.due_on + timedelta(days=1)
    assert (looks.remind(after), looks.remind(after)) == (1, 0)
    look.refresh_from_db()
    assert (look.state, look.escalated_at is not None) == ("open", True)
    assert told("recertification.escalated") == {owner.pk, officer.pk}


def test_tenant_that_leaves_is_not_reminded(look, tenant):
    Tenant.objects.filter(pk=tenant.pk).update(state="offboarding")
    assert looks.remind(look.due_on) == 0


def test_owner_corrects_and_the_officer_takes_it_over(look, tenant, owner, officer):
    facts = {"name": "New Name", "contact_email": "old@x.test", "residency": ["FR", "LU"]}
    looks.answer_recertification(acting_user=owner, recertification=look, facts=facts, note="We merged.")
    tenant.refresh_from_db()
    assert tenant.name == "Old Name", "nothing changes before the officer"
    look.refresh_from_db()
    assert (look.state, look.proposed) == ("answered", {"name": "New Name", "residency": ["FR", "LU"]})
    looks.close_recertification(acting_user=officer, recertification=look)
    tenant.refresh_from_db()
    assert (tenant.name, tenant.residency) == ("New Name", ["FR", "LU"])
    following = Recertification.objects.open().get()
    assert following.due_on == months_later(TODAY(), 24)
    event = AuditEvent.objects.get(act="tenant.changed")
    assert (event.before["name"], event.after["name"], event.actor) == ("Old Name", "New Name", officer)


def test_wrong_correction_is_refused_at_its_field(look, owner):
    with pytest.raises(Refused) as refusal:
        looks.answer_recertification(acting_user=owner, recertification=look, facts={"legal_id": "LU12345614"})
    assert refusal.value.field == "legal_id"


def test_officer_sends_it_back_and_the_owner_answers_again(look, owner, officer):
    looks.answer_recertification(acting_user=owner, recertification=look, facts={})
    looks.send_back_recertification(acting_user=officer, recertification=look, remark="And the address?")
    assert told("recertification.sent_back") == {owner.pk}
    looks.answer_recertification(acting_user=owner, recertification=look, facts={"contact_email": "new@x.test"})
    look.refresh_from_db()
    assert (look.state, look.proposed) == ("answered", {"contact_email": "new@x.test"})


def test_closing_what_no_owner_confirmed_needs_a_remark(look, officer):
    with pytest.raises(Refused):
        looks.close_recertification(acting_user=officer, recertification=look)
    looks.close_recertification(acting_user=officer, recertification=look, remark="Seen in the register today.")
    look.refresh_from_db()
    assert (look.state, look.closed_by) == ("closed", officer)


def test_member_of_the_tenant_closes_nothing(look, tenant, officer):
    make_member(tenant, "member", officer)
    with pytest.raises(FourEyes):
        looks.close_recertification(acting_user=officer, recertification=look, remark="x")


def test_closed_is_closed(look, owner, officer):
    looks.close_recertification(acting_user=officer, recertification=look, remark="x")
    with pytest.raises(UnlawfulMove):
        looks.answer_recertification(acting_user=owner, recertification=look, facts={})


def test_another_day_begins_the_reminders_anew(look, officer):
    looks.remind(look.due_on + timedelta(days=1))
    day = TODAY() + timedelta(days=40)
    looks.set_due(acting_user=officer, recertification=look, due_on=day, reason="The office moves.")
    look.refresh_from_db()
    assert (look.due_on, look.reminded, look.escalated_at) == (day, [], None)
    assert looks.remind() == 1


@pytest.mark.parametrize(("day", "reason"), [(0, "x"), (30, "")])
def test_another_day_lies_ahead_and_has_a_reason(look, officer, day, reason):
    with pytest.raises(Refused):
        looks.set_due(
            acting_user=officer, recertification=look, due_on=TODAY() + timedelta(days=day), reason=reason
        )  # fmt: skip


def test_every_pair_of_states():
    moves = Recertification.moves
    assert {(a, b) for a in moves.states for b in moves.states if moves.lawful(a, b)} == {
        ("open", "answered"), ("open", "closed"), ("answered", "open"), ("answered", "closed"),
    }  # fmt: skip
