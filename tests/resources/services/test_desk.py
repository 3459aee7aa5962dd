"""The queue of requests: whose they are, what is late, what waits for an answer, appeals, several in one go."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent, Notification
from resources.demo import clock
from resources.errors import NoShare
from resources.models import CapacityPool, Decision, Grant, QuotaRequest
from resources.services.appeals import appeal_request
from resources.services.bulk import approve_requests, plan
from resources.services.decisions import approve_request, ask_for_changes, reject_request, take_into_review
from resources.services.desk import assign_request, escalate_requests, reminders, sweep_questions
from resources.services.requests import answer_request
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership
from tests.factories.resources import make_request
from tests.factories.tenants import make_authority, make_member, make_staff


def sent(house, amount=10, **facts):
    return make_request(house.project, house.pool, house.owner, amount, **facts)


def fresh(request):
    return QuotaRequest.objects.select_related("tenant", "project__tenant", "authority").get(pk=request.pk)


# whose it is


def test_a_request_is_given_to_a_colleague_who_is_told(house):
    request = assign_request(acting_user=house.approver, request=sent(house), approver=house.second.public_id)
    assert (request.reviewer, request.state) == (house.second, "submitted")
    assert Notification.objects.filter(act="request.assigned", user=house.second).exists()


def test_it_is_given_to_nobody_who_cannot_decide_it(house):
    stranger = make_staff(make_authority(), "quota_approver")
    near = make_staff(house.authority, "quota_approver")
    make_member(house.tenant, "member", near)
    for person in (stranger, house.auditor, near):
        with pytest.raises(Refused, match="cannot decide"), transaction.atomic():
            assign_request(acting_user=house.approver, request=sent(house), approver=person.public_id)


def test_who_stands_too_near_gives_it_to_nobody(house):
    make_member(house.tenant, "member", house.approver)
    with pytest.raises(FourEyes):
        assign_request(acting_user=house.approver, request=sent(house), approver=house.second.public_id)


# what is late


def test_a_late_request_is_marked_once_and_decides_nothing(house):
    request = sent(house)
    assert escalate_requests() == 0
    QuotaRequest.objects.filter(pk=request.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert (escalate_requests(), escalate_requests()) == (1, 0)
    assert fresh(request).state == "submitted"
    assert AuditEvent.objects.filter(act="request.escalated").count() == 1


# what waits for an answer


def asked(house):
    return ask_for_changes(acting_user=house.approver, request=sent(house), reason="Which data?")


def sweep_after(days):
    with clock.on(timezone.now() + timedelta(days=days)):
        return sweep_questions()


@pytest.mark.parametrize(("days", "told"), [(1, 0), (16, 1), (28, 1)])
def test_a_question_is_recalled_half_way_and_before_its_end(house, days, told):
    request = asked(house)
    assert (sweep_after(days), sweep_after(days)) == (told, 0)
    assert fresh(request).state == "info_requested"
    assert Notification.objects.filter(act="request.reminded", user=house.owner).exists() is bool(told)


def test_a_question_without_an_answer_lapses(house):
    request = asked(house)
    assert sweep_after(31) == 1
    request = fresh(request)
    assert request.state == "lapsed"
    with pytest.raises(UnlawfulMove):
        answer_request(acting_user=house.owner, request=request, text="Now")


def test_reminders_of_a_short_time_come_once():
    now = timezone.now()
    assert len(reminders(now, now + timedelta(days=6))) == 1
    assert len(reminders(now, now + timedelta(days=30))) == 2


# appeals


@pytest.fixture
def refused(house):
    return reject_request(acting_user=house.approver, request=sent(house), reason="Too many")


def test_an_appeal_is_decided_by_other_people(house, refused):
    request = appeal_request(acting_user=house.owner, request=refused, text="The measured use says otherwise")
    assert (request.state, request.reviewer, request.decided_at) == ("appealed", None, None)
    for act in (approve_request, reject_request):
        with pytest.raises(FourEyes, match="Other people have to decide"), transaction.atomic():
            act(acting_user=house.approver, request=fresh(request), reason="Again")
    request = approve_request(acting_user=house.second, request=fresh(request))
    assert (request.state, Grant.objects.count()) == ("approved", 1)


def test_an_appeal_is_told_to_those_who_may_decide_it(house, refused):
    Notification.objects.all().delete()
    appeal_request(acting_user=house.owner, request=refused, text="Please")
    assert [row.user for row in Notification.objects.filter(act="request.appealed")] == [house.second]


def test_an_appeal_that_nobody_may_decide_is_told_to_the_office(house, refused):
    AuthorityMembership.objects.filter(user=house.second).delete()
    Notification.objects.all().delete()
    appeal_request(acting_user=house.owner, request=refused, text="Please")
    assert [row.user for row in Notification.objects.filter(act="request.appealed")] == [house.approver]


def test_an_appeal_is_taken_up_by_others_only(house, refused):
    request = appeal_request(acting_user=house.owner, request=refused, text="Please")
    with pytest.raises(FourEyes), transaction.atomic():
        take_into_review(acting_user=house.approver, request=fresh(request))
    assert take_into_review(acting_user=house.second, request=fresh(request)).state == "in_review"


def test_there_is_one_appeal(house, refused):
    request = appeal_request(acting_user=house.owner, request=refused, text="Please")
    request = reject_request(acting_user=house.second, request=fresh(request), reason="Still")
    with pytest.raises(Refused, match="appealed once"):
        appeal_request(acting_user=house.owner, request=fresh(request), text="Once more")


def test_an_appeal_says_why_and_comes_in_time(house, refused):
    with pytest.raises(Refused, match="Write why"), transaction.atomic():
        appeal_request(acting_user=house.owner, request=refused, text=" ")
    refused.decided_at -= timedelta(days=31)
    with pytest.raises(Refused, match="is over"), transaction.atomic():
        appeal_request(acting_user=house.owner, request=refused, text="Late")


@pytest.mark.parametrize("amount", [10])
def test_what_is_not_refused_is_not_appealed(house, amount):
    with pytest.raises(UnlawfulMove):
        appeal_request(acting_user=house.owner, request=sent(house, amount), text="Please")


# several in one go


def test_each_of_several_is_counted_after_those_before_it(house):
    rows = [sent(house, 40), sent(house, 45), sent(house, 40)]
    plans = plan(house.approver, rows)
    assert [bool(each.why_not) for each in plans] == [False, False, True]
    assert [effect.after for each in plans for effect in each.effects] == [40, 85, 125]
    outcomes = approve_requests(acting_user=house.approver, requests=rows)
    assert [each.done for each in outcomes] == [True, True, False]
    assert "can promise 15 more" in outcomes[2].said
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [40, 45]


def test_past_the_line_or_not_theirs_stays_as_it_was(house):
    make_member(house.tenant, "member", house.second)
    past = approve_requests(acting_user=house.approver, requests=[sent(house, 95)])
    near = approve_requests(acting_user=house.second, requests=[sent(house, 1)])
    assert [each.done for each in (*past, *near)] == [False, False]
    assert not Decision.objects.exists()


def test_one_that_changed_meanwhile_does_not_stop_the_others(house):
    rows = [sent(house, 5), sent(house, 5)]
    approve_request(acting_user=house.second, request=fresh(rows[0]))
    outcomes = approve_requests(acting_user=house.approver, requests=rows)
    assert [each.done for each in outcomes] == [False, True]


def test_a_pool_that_broke_after_the_look_is_counted_again(house):
    rows = [sent(house, 5)]
    assert not plan(house.approver, rows)[0].why_not
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=0)
    assert not approve_requests(acting_user=house.approver, requests=[fresh(rows[0])])[0].done


def test_strangers_decide_none_of_them(house):
    stranger = make_staff(make_authority(), "quota_approver")
    assert not approve_requests(acting_user=stranger, requests=[sent(house)])[0].done
    with pytest.raises(NoShare):
        approve_request(acting_user=stranger, request=sent(house))
