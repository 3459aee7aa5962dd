import pytest

from portal.core.access import fetch
from portal.core.errors import Conflict, Forbidden, NotFound, Refused, UnlawfulMove
from portal.models import AuditEvent
from resources.errors import NotOffered
from resources.models import QuotaRequest
from resources.services.decisions import ask_for_changes
from resources.services.requests import (
    Wish,
    answer_request,
    change_draft,
    draft_request,
    submit_request,
    withdraw_request,
)
from tenants.errors import NotOpen
from tests.factories.people import make_user
from tests.factories.resources import make_cluster, make_draft, make_pool, make_request, make_share, period
from tests.factories.tenants import make_policy, make_project, make_staff, make_tenant


def wish(pool, amount=10, start_days=0, days=30):
    return Wish(pool, amount, *period(start_days, days))


def test_submit_a_draft_starts_the_clock_of_its_authority(house):
    make_policy(house.authority, "decision.days", 4)
    request = submit_request(acting_user=house.owner, request=make_draft(house.project, house.pool, house.owner))
    assert request.state == "submitted"
    assert (request.due_at - request.submitted_at).days == 4
    assert AuditEvent.objects.filter(act="request.submitted", tenant_id=house.tenant.pk, actor=house.owner).exists()


def test_submit_twice_is_unlawful(house):
    request = make_request(house.project, house.pool, house.owner)
    with pytest.raises(UnlawfulMove):
        submit_request(acting_user=house.owner, request=request)


@pytest.mark.parametrize(
    ("cluster", "tenant", "project"),
    [
        ({"data_classes": ["public"]}, {}, {"data_class": "confidential"}),
        ({"country": "FI"}, {"residency": ["LU", "FR"]}, {}),
        ({"state": "maintenance"}, {}, {}),
    ],
)
def test_draft_on_a_cluster_that_may_not_host_it_is_refused(house, cluster, tenant, project):
    owner = make_user()
    project = make_project(make_tenant(authority=house.authority, **tenant), **project)
    pool = make_pool(cluster=make_cluster(**cluster))
    make_share(pool, house.authority)
    with pytest.raises(NotOffered):
        draft_request(acting_user=owner, project=project, purpose="x", wishes=[wish(pool)])


def test_draft_on_a_pool_nobody_may_promise_from_is_refused(house):
    with pytest.raises(NotOffered):
        draft_request(acting_user=house.owner, project=house.project, purpose="x", wishes=[wish(make_pool())])


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"amount": 0}, "amount"), ({"amount": 101}, "amount"), ({"days": 0}, "until"), ({"start_days": -60}, "until")],
)
def test_draft_of_what_cannot_be_is_refused_at_its_field(house, facts, field):
    with pytest.raises(Refused) as refusal:
        draft_request(acting_user=house.owner, project=house.project, purpose="x", wishes=[wish(house.pool, **facts)])
    assert refusal.value.field == field


def test_draft_for_a_suspended_tenant_is_refused(house):
    house.project.tenant.state = "suspended"
    with pytest.raises(NotOpen):
        draft_request(acting_user=house.owner, project=house.project, purpose="x", wishes=[wish(house.pool)])


def test_change_a_draft_replaces_its_lines(house):
    request = make_draft(house.project, house.pool, house.owner)
    change_draft(
        acting_user=house.owner, request=request, project=house.project, purpose="More", wishes=[wish(house.pool, 7)]
    )
    assert [line.amount for line in request.current_lines] == [7]


def test_change_what_was_sent_is_refused(house):
    request = make_request(house.project, house.pool, house.owner)
    with pytest.raises(Conflict):
        change_draft(
            acting_user=house.owner, request=request, project=house.project, purpose="", wishes=[wish(house.pool)]
        )


def test_answer_makes_a_new_revision_and_moves_the_due_date(house):
    request = make_request(house.project, house.pool, house.owner, amount=40)
    ask_for_changes(acting_user=house.approver, request=request, reason="Fewer?")
    due = request.due_at
    answer_request(acting_user=house.owner, request=request, text="Yes, 30", wishes=[wish(house.pool, 30)])
    assert (request.state, request.revision) == ("in_review", 2)
    assert request.due_at > due
    assert [line.amount for line in request.current_lines] == [30]
    assert request.lines.count() == 2
    assert request.answers.get().text == "Yes, 30"


def test_withdraw_before_the_decision_ends_it(house):
    request = make_request(house.project, house.pool, house.owner)
    withdraw_request(acting_user=house.owner, request=request)
    assert request.state == "withdrawn"


def test_draft_is_seen_by_its_tenant_alone(house):
    request = make_draft(house.project, house.pool, house.owner)
    seen = {
        name: QuotaRequest.objects.visible_to(getattr(house, name)).filter(pk=request.pk).exists()
        for name in ("owner", "member", "approver", "auditor", "operator")
    }
    assert seen == {"owner": True, "member": True, "approver": False, "auditor": False, "operator": False}


def test_sent_request_is_seen_by_approvers_of_every_share_and_decided_by_approvers_alone(house):
    other = make_staff(make_tenant().authority, "quota_approver")
    make_share(house.pool, other.authoritymemberships.get().authority, 0)
    request = make_request(house.project, house.pool, house.owner)
    for person in (house.approver, other):
        assert fetch(QuotaRequest.objects.all(), person, "decide", pk=request.pk) == request
    for person in (house.auditor, house.owner, house.member):
        with pytest.raises(Forbidden):
            fetch(QuotaRequest.objects.all(), person, "decide", pk=request.pk)
    for person in (house.operator, make_user(), make_user(is_platform_admin=True)):
        with pytest.raises(NotFound):
            fetch(QuotaRequest.objects.all(), person, pk=request.pk)
