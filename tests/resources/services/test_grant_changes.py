"""What a tenant does with its own grants: give back, move, ask for more, for longer, for elsewhere."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent, Notification
from resources.errors import NotOffered
from resources.models import CapacityPool, Grant, GrantNotice, Quota, QuotaRequest
from resources.queries.measured import use_of_pool
from resources.services.decisions import approve_request
from resources.services.grant_changes import release_grant, transfer_grant
from resources.services.requests import send_request
from resources.services.turning import turn_grants
from resources.services.wishes import Wish
from tests.factories.resources import make_cluster, make_pool, make_request, make_share, measure
from tests.factories.tenants import make_authority, make_project, make_staff, make_tenant

pytestmark = pytest.mark.django_db
COUNTING = Grant.COUNTING


@pytest.fixture
def grant(house):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=20))
    return Grant.objects.select_related("environment__project", "pool__cluster", "tenant", "authority", "share").get()


def counting():
    return list(Grant.objects.filter(state__in=COUNTING).order_by("pk").values_list("amount", "supersedes_id"))


def wanted(project):
    return sum(Quota.objects.filter(environment__project=project).values_list("wanted", flat=True))


def test_some_given_back_leave_a_smaller_grant_in_its_place_and_the_quota_follows(house, grant):
    release_grant(acting_user=house.owner, grant=grant, gpus=5, reason="Done early")
    assert counting() == [(15, grant.pk)]
    assert wanted(house.project) == 15
    grant.refresh_from_db()
    assert (grant.state, grant.amount) == ("superseded", 20)
    event = AuditEvent.objects.get(act="grant.released")
    assert (event.after["released"], event.reason, event.actor) == (5, "Done early", house.owner)


def test_approvers_of_the_authority_that_pays_hear_of_what_is_given_back_early(house, grant):
    stranger = make_staff(make_authority(), "quota_approver")
    Notification.objects.all().delete()
    release_grant(acting_user=house.owner, grant=grant, gpus=5, reason="Done early")
    told = Notification.objects.filter(act="grant.released").values_list("user", flat=True)
    assert set(told) == {house.member.pk, house.approver.pk, house.second.pk}
    assert stranger.pk not in told


def test_all_given_back_leaves_nothing(house, grant):
    assert release_grant(acting_user=house.owner, grant=grant, gpus=20) is None
    assert counting() == []
    assert wanted(house.project) == 0


def test_given_back_from_a_day_on_it_ends_then(house, grant):
    at = timezone.now() + timedelta(days=10)
    release_grant(acting_user=house.owner, grant=grant, gpus=5, at=at)
    rows = Grant.objects.filter(state__in=COUNTING).order_by("starts_at").values_list("amount", "ends_at", "state")
    assert list(rows) == [(20, at, "active"), (15, grant.ends_at, "scheduled")]
    assert wanted(house.project) == 20


def test_what_goes_on_with_fewer_is_not_about_to_end(house, grant):
    at = timezone.now() + timedelta(days=10)
    first = release_grant(acting_user=house.owner, grant=grant, gpus=5, at=at)
    turn_grants(at - timedelta(days=1))
    first.refresh_from_db()
    assert first.state == "active"
    assert not GrantNotice.objects.exists()
    turn_grants(at)
    first.refresh_from_db()
    rest = Grant.objects.get(state="active")
    assert (first.state, rest.amount, wanted(house.project)) == ("superseded", 15, 15)
    turn_grants(grant.ends_at - timedelta(days=1))
    rest.refresh_from_db()
    assert rest.state == "expiring"


def test_nothing_is_counted_as_promised_twice_of_the_time_before_it_was_given_back(house):
    request = make_request(house.project, house.pool, house.owner, amount=20, start_days=-40, days=90)
    approve_request(acting_user=house.approver, request=request)
    grant = Grant.objects.select_related("pool").get()
    measure(grant, busy=8, hours=48)
    release_grant(acting_user=house.owner, grant=grant, gpus=5, at=timezone.now() + timedelta(days=10))
    now = timezone.now()
    assert use_of_pool(grant.tenant_id, grant.pool, now - timedelta(days=3), now).promised_hours == 20 * 48


def test_the_page_says_that_it_goes_on_with_fewer_and_the_rest_is_what_can_be_renewed(client, house, grant):
    first = release_grant(acting_user=house.owner, grant=grant, gpus=5, at=timezone.now() + timedelta(days=10))
    client.force_login(house.owner)
    said = client.get(reverse("grant", args=[first.public_id])).content.decode()
    assert "At its end a grant of 15" in said
    assert "change=extension" not in said
    rest = Grant.objects.get(state="scheduled")
    assert "change=extension" in client.get(reverse("grant", args=[rest.public_id])).content.decode()


@pytest.mark.parametrize("gpus", [0, -1, 21, 10**12])
def test_only_what_there_is_can_be_given_back(house, grant, gpus):
    with pytest.raises(Refused, match="Choose from 1 to 20"):
        release_grant(acting_user=house.owner, grant=grant, gpus=gpus)


def test_a_day_that_is_past_gives_nothing_back(house, grant, client):
    with pytest.raises(Refused, match="This day is past"):
        release_grant(acting_user=house.owner, grant=grant, gpus=5, at=timezone.now() - timedelta(days=2))
    client.force_login(house.owner)
    address = reverse("grant-give-back", args=[grant.public_id])
    for day in ("2020-01-01", (timezone.localdate() - timedelta(days=1)).isoformat()):
        answer = client.post(address, {"gpus": "5", "at": day})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["at"])
    assert list(Grant.objects.values_list("amount", "state")) == [(20, "active")]
    assert client.post(address, {"gpus": "5", "at": timezone.localdate().isoformat()}).status_code == 302
    assert list(Grant.objects.counting().values_list("amount", flat=True)) == [15]


def test_giving_back_later_than_the_end_or_twice_is_refused(house, grant):
    with pytest.raises(Refused, match="ends before that by itself"):
        release_grant(acting_user=house.owner, grant=grant, gpus=5, at=grant.ends_at + timedelta(days=1))
    release_grant(acting_user=house.owner, grant=grant, gpus=20)
    with pytest.raises(UnlawfulMove, match="nothing left of it"):
        release_grant(acting_user=house.owner, grant=grant, gpus=1)


@pytest.fixture
def shrunk(house, grant):
    """The grant, on a pool of which fewer GPUs are healthy than it holds alone."""
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=8)
    grant.pool.refresh_from_db()
    return grant


def test_giving_back_works_where_a_pool_shrank_below_its_promises(house, shrunk):
    release_grant(acting_user=house.owner, grant=shrunk, gpus=5)
    assert counting() == [(15, shrunk.pk)]


def test_giving_back_from_a_day_on_works_where_a_pool_shrank_below_its_promises(house, shrunk):
    at = timezone.now() + timedelta(days=10)
    first = release_grant(acting_user=house.owner, grant=shrunk, gpus=5, at=at)
    rows = Grant.objects.filter(state__in=COUNTING).order_by("starts_at").values_list("amount", "ends_at", "state")
    assert list(rows) == [(20, at, "active"), (15, shrunk.ends_at, "scheduled")]
    assert (first.amount, wanted(house.project)) == (20, 20)


def test_a_part_moves_where_a_pool_shrank_below_its_promises(house, shrunk):
    other = make_project(house.tenant)
    transfer_grant(acting_user=house.owner, grant=shrunk, project=other, gpus=5)
    assert counting() == [(15, shrunk.pk), (5, shrunk.pk)]
    assert (wanted(house.project), wanted(other)) == (15, 5)


@pytest.mark.parametrize(("gpus", "rest"), [(20, 0), (8, 12)])
def test_moving_to_another_project_changes_both_quotas_and_takes_nothing_more(house, grant, gpus, rest):
    other = make_project(house.tenant)
    moved = transfer_grant(acting_user=house.owner, grant=grant, project=other, gpus=gpus)
    assert (moved.pool_id, moved.share_id, moved.ends_at) == (grant.pool_id, grant.share_id, grant.ends_at)
    assert (wanted(house.project), wanted(other)) == (rest, gpus)
    assert sum(amount for amount, _of in counting()) == 20
    assert AuditEvent.objects.get(act="grant.transferred").after["moved"] == gpus


def test_moving_out_of_the_tenant_or_where_data_may_not_be_is_refused(house, grant):
    foreign = make_project(make_tenant(authority=house.authority))
    with pytest.raises(Refused, match="between projects of one tenant"):
        transfer_grant(acting_user=house.owner, grant=grant, project=foreign, gpus=5)
    with pytest.raises(Refused, match="between projects of one tenant"):
        transfer_grant(acting_user=house.owner, grant=grant, project=house.project, gpus=5)
    secret = make_project(house.tenant, data_class="restricted")
    with pytest.raises(NotOffered, match="Ask for a transfer"):
        transfer_grant(acting_user=house.owner, grant=grant, project=secret, gpus=5)
    assert counting() == [(20, None)]


def test_a_transfer_that_is_asked_for_takes_from_the_grant_it_came_from(house, grant):
    secret = make_project(house.tenant, data_class="restricted")
    cleared = make_pool(cluster=make_cluster(data_classes=["restricted"]), kind=house.pool.kind)
    make_share(cleared, house.authority)
    wish = Wish(None, 12, timezone.now(), grant.ends_at, kind=house.pool.kind)
    request = send_request(
        acting_user=house.owner, project=secret, purpose="Move", wishes=[wish], change="transfer", grant=grant
    )
    line = request.current_lines.get()
    approve_request(acting_user=house.approver, request=request, placements={line.pk: cleared}, amounts={line.pk: 10},
                    reason="Ten")  # fmt: skip
    assert (wanted(house.project), wanted(secret)) == (10, 10)


@pytest.mark.parametrize(
    ("change", "wish", "sentence"),
    [
        (
            "extension",
            lambda h, g: Wish(h.pool, 20, g.ends_at + timedelta(days=3), g.ends_at + timedelta(days=9)),
            "goes on",
        ),
        ("extension", lambda h, g: Wish(h.pool, 20, g.starts_at, g.ends_at), "lasts longer"),
        ("increase", lambda h, g: Wish(h.pool, 5, g.starts_at, g.ends_at + timedelta(days=1)), "ends with the grant"),
        ("transfer", lambda h, g: Wish(h.pool, 5, g.starts_at, g.ends_at), "another project"),
    ],
)
def test_a_change_that_is_none_is_refused(house, grant, change, wish, sentence):
    with pytest.raises(Refused, match=sentence):
        send_request(acting_user=house.owner, project=house.project, purpose="x", wishes=[wish(house, grant)],
                     change=change, grant=grant)  # fmt: skip


def test_more_and_longer_are_requests_of_their_own_kind(house, grant):
    for change, wish in (
        ("increase", Wish(house.pool, 5, timezone.now(), grant.ends_at)),
        ("extension", Wish(house.pool, 20, grant.ends_at, grant.ends_at + timedelta(days=30))),
    ):
        request = send_request(acting_user=house.owner, project=house.project, purpose="x", wishes=[wish],
                               change=change, grant=grant)  # fmt: skip
        assert (request.change, request.grant_id) == (change, grant.pk)
        approve_request(acting_user=house.approver, request=request)
    assert wanted(house.project) == 25
    assert list(QuotaRequest.objects.order_by("pk").values_list("change", flat=True)) == [
        "new",
        "increase",
        "extension",
    ]


def test_the_pages_give_back_move_and_lead_to_the_request(client, house, grant):
    other, secret = make_project(house.tenant), make_project(house.tenant, data_class="restricted")
    client.force_login(house.owner)
    shown = client.get(reverse("grant", args=[grant.public_id])).content.decode()
    for name in ("grant-give-back", "grant-transfer"):
        address = reverse(name, args=[grant.public_id])
        assert address in shown
        assert client.get(address).status_code == 200
    refused = client.post(reverse("grant-transfer", args=[grant.public_id]), {"project": secret.pk, "gpus": "5"})
    assert refused.status_code == 422
    assert "change=transfer" in refused.content.decode()
    client.post(reverse("grant-transfer", args=[grant.public_id]), {"project": other.pk, "gpus": "5"})
    left = Grant.objects.get(state__in=COUNTING, environment__project=house.project)
    client.post(reverse("grant-give-back", args=[left.public_id]), {"gpus": "half", "reason": ""})
    client.post(reverse("grant-give-back", args=[left.public_id]), {"gpus": "3", "reason": ""})
    assert (wanted(house.project), wanted(other)) == (12, 5)


@pytest.mark.parametrize("who", ["member", "approver", "operator"])
def test_only_who_may_ask_may_give_back_or_move(client, house, grant, who):
    client.force_login(getattr(house, who))
    for name in ("grant-give-back", "grant-transfer"):
        assert client.post(reverse(name, args=[grant.public_id]), {"gpus": "5"}).status_code == 403
    assert counting() == [(20, None)]


def test_machines_give_back_and_move(client, house, grant):
    other = make_project(house.tenant)
    client.force_login(house.owner)
    moved = client.post(
        reverse("api-grant-transfer", args=[grant.public_id]), {"project": str(other.public_id), "gpus": 4},
        content_type="application/json",
    ).json()  # fmt: skip
    assert moved["amount"] == 4
    left = Grant.objects.get(state__in=COUNTING, environment__project=house.project)
    answer = client.post(
        reverse("api-grant-release", args=[left.public_id]), {"gpus": 6}, content_type="application/json"
    )
    assert (answer.status_code, wanted(house.project), wanted(other)) == (200, 10, 4)
