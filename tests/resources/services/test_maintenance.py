"""Maintenance windows: announced, changed, ended and cancelled by whoever runs the cluster, told once to whom it concerns."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import MovedMeanwhile, Refused, UnlawfulMove
from portal.core.proof import Proof, SecondFactorTooOld, shown
from portal.core.states import advance
from portal.models import AuditEvent, Notification
from resources import states
from resources.models import Grant, MaintenanceWindow
from resources.queries.maintenance import consequences, tile_of_maintenance
from resources.queries.outages import promisable_at
from resources.services import maintenance
from resources.services.decisions import approve_request
from tenants.models import PolicyRule, WebhookDelivery
from tenants.services.webhooks import create_webhook
from tests.factories.resources import make_pool, make_request, make_share, make_window, period
from tests.factories.tenants import make_authority, make_member, make_policy, make_project, make_staff, make_tenant

DAY = timedelta(days=1)


def announce(house, start=3, days=2, **facts):
    begins, ends = period(start, days)
    fields = {
        "cluster": house.cluster, "pool": house.pool, "gpus": 40, "starts_at": begins, "ends_at": ends,
        "effect": "counts", "reason": "The cooling is replaced",
    }  # fmt: skip
    return maintenance.announce_maintenance(acting_user=house.operator, **{**fields, **facts})


def grant(house, amount=80, project=None, owner=None, **facts):
    request = make_request(project or house.project, house.pool, owner or house.owner, amount=amount, **facts)
    approve_request(acting_user=house.approver, request=request)
    Notification.objects.all().delete()
    return Grant.objects.get(line__request=request)


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("act", flat=True))


def test_those_who_hold_gpus_meanwhile_and_those_who_promise_them_are_told_once_however_many_grants(house):
    manager = make_member(house.tenant, "project_manager")
    grant(house, 30)
    grant(house, 20)
    elsewhere = make_staff(make_authority(), "quota_approver")
    window = announce(house)
    for person in (house.owner, manager, house.approver, house.second):
        assert told(person) == ["maintenance.announced"]
    for person in (house.member, house.auditor, house.operator, elsewhere):
        assert told(person) == []
    assert Notification.objects.filter(target_public_id=window.public_id).count() == 4


def test_who_holds_nothing_in_that_time_is_not_told(house):
    grant(house, 30, days=3)
    announce(house, start=3)
    assert told(house.owner) == []
    announce(house, start=2)
    assert told(house.owner) == ["maintenance.announced"]


def test_a_grant_in_its_grace_is_held_and_told_of(house):
    make_policy(house.authority, PolicyRule.Key.GRACE_DAYS, 5)
    held = grant(house, 30, days=3)
    assert held.grace_until
    announce(house, starts_at=held.ends_at, ends_at=held.grace_until)
    assert told(house.owner) == ["maintenance.announced"]


def test_the_record_of_each_tenant_and_authority_has_it_and_webhooks_get_one_message_each(house):
    other = make_tenant(authority=house.authority)
    owner = make_member(other, "owner")
    grant(house, 30)
    grant(house, 20, project=make_project(other), owner=owner)
    for person, place in ((house.owner, house.tenant), (owner, other), (house.approver, house.authority)):
        create_webhook(acting_user=person, place=place, name="x", url="https://x.example/")
    announce(house)
    events = AuditEvent.objects.filter(act="maintenance.announced").order_by("pk")
    assert sorted((event.tenant_id or 0, event.authority_id or 0) for event in events) == sorted([
        (0, 0), (0, house.authority.pk), (house.tenant.pk, house.authority.pk), (other.pk, house.authority.pk),
    ])  # fmt: skip
    assert {event.provider_id for event in events} == {house.provider.pk}
    sent = WebhookDelivery.objects.filter(act="maintenance.announced")
    assert sorted(sent.values_list("webhook__name", flat=True)) == ["x", "x", "x"]
    assert sent.values("webhook").distinct().count() == 3


def test_a_window_after_the_promise_says_when_and_by_how_much_and_takes_nothing(house):
    held = grant(house, 80)
    window = announce(house, start=3, days=2)
    (over,) = consequences(window, house.operator).over
    assert (over.time.since, over.time.until, over.time.over, over.before) == (
        window.starts_at,
        window.ends_at,
        20,
        False,
    )
    held.refresh_from_db()
    assert (held.state, held.amount) == ("active", 80)
    (again,) = consequences(announce(house, start=4, days=3, gpus=10), house.operator).over
    assert (again.time.since, again.time.until, again.time.over, again.before) == (
        window.ends_at - DAY, window.ends_at, 30, True,
    )  # fmt: skip


def test_what_only_interrupts_leaves_promises_and_still_tells(house):
    grant(house, 80)
    window = announce(house, gpus=None, effect="interrupts")
    assert consequences(window, house.operator).over == ()
    assert promisable_at([house.pool], window.starts_at) == {house.pool.pk: 100}
    assert told(house.owner) == ["maintenance.announced"]
    more = make_request(house.project, house.pool, house.owner, amount=10)
    approve_request(acting_user=house.approver, request=more)
    more.refresh_from_db()
    assert more.state == "approved"


def test_what_takes_capacity_asks_for_a_fresh_second_factor_and_what_interrupts_does_not(house):
    old = shown.set(Proof(None))
    try:
        with pytest.raises(SecondFactorTooOld):
            announce(house)
        window = announce(house, effect="interrupts")
        with pytest.raises(SecondFactorTooOld):
            maintenance.change_maintenance(acting_user=house.operator, window=window, effect="counts")
        maintenance.cancel_maintenance(acting_user=house.operator, window=window, reason="Not needed")
        counting = make_window(house.pool)
        for act in (maintenance.cancel_maintenance, maintenance.end_maintenance):
            with pytest.raises(SecondFactorTooOld):
                act(
                    acting_user=house.operator, window=counting, **({"reason": "x"} if "cancel" in act.__name__ else {})
                )
        with pytest.raises(SecondFactorTooOld):
            maintenance.change_maintenance(acting_user=house.operator, window=counting, effect="interrupts")
    finally:
        shown.reset(old)


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"gpus": 101}, "gpus", "has 100 GPUs installed"),
        ({"gpus": 0}, "gpus", "Enter 1 to 100"),
        ({"gpus": 4, "pool": None}, "gpus", "of one pool"),
        ({"ends_at": "start"}, "ends_at", "ends before it begins"),
        ({"ends_at": "before"}, "ends_at", "ends before it begins"),
        ({"reason": "  "}, "reason", "Say why"),
        ({"start": -5, "days": 2}, "ends_at", "over already"),
        ({"start": -5, "days": 9}, "starts_at", "more than a day ago"),
        ({"days": 1200}, "ends_at", "three years"),
        ({"pool": "strange"}, "pool", "of another cluster"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_tells_nobody(house, facts, field, words):
    grant(house)
    begins, _ends = period(3, 2)
    wished = dict(facts)
    if wished.get("ends_at"):
        wished["ends_at"] = begins if wished["ends_at"] == "start" else begins - DAY
    if wished.get("pool") == "strange":
        wished["pool"] = make_pool(8)
    with pytest.raises(Refused, match=words) as refusal:
        announce(house, **wished)
    assert refusal.value.field == field
    assert (MaintenanceWindow.objects.count(), told(house.owner)) == (0, [])


def test_a_change_is_recorded_with_before_and_after_and_tells_those_of_before_too(house):
    grant(house, 30, days=10)
    window = announce(house, start=3, days=2)
    Notification.objects.all().delete()
    begins, ends = period(20, 2)
    maintenance.change_maintenance(acting_user=house.operator, window=window, starts_at=begins, ends_at=ends)
    assert told(house.owner) == ["maintenance.changed"]
    event = AuditEvent.objects.filter(act="maintenance.changed", actor=house.operator).order_by("pk").first()
    assert sorted(event.before) == sorted(event.after) == ["ends_at", "starts_at"]
    assert tile_of_maintenance(house.tenant, house.owner)["notices"] == []


def test_nothing_changed_tells_nobody(house):
    grant(house)
    window = announce(house)
    Notification.objects.all().delete()
    maintenance.change_maintenance(acting_user=house.operator, window=window, gpus=40, reason=window.reason)
    assert (told(house.owner), AuditEvent.objects.filter(act="maintenance.changed").count()) == ([], 0)


def test_the_clock_begins_and_ends_it_once(house):
    window = announce(house, start=3, days=2)
    assert maintenance.turn_maintenance(window.starts_at - timedelta(seconds=1)) == 0
    assert maintenance.turn_maintenance(window.starts_at) == 1
    assert maintenance.turn_maintenance(window.starts_at) == 0
    window.refresh_from_db()
    assert window.state == "running"
    assert maintenance.turn_maintenance(window.ends_at) == 1
    window.refresh_from_db()
    assert window.state == "done"
    acts = AuditEvent.objects.filter(authority_id=house.authority.pk, target_id=window.pk, tenant_id=None).order_by(
        "pk"
    )
    assert [event.act for event in acts if event.act.startswith("maintenance")] == [
        "maintenance.announced", "maintenance.running", "maintenance.done",
    ]  # fmt: skip


def test_a_sweep_that_comes_late_catches_up(house):
    window = announce(house, start=3, days=2)
    maintenance.turn_maintenance(window.ends_at + DAY)
    window.refresh_from_db()
    assert window.state == "done"


def test_once_begun_only_the_end_changes_and_it_can_end_now(house):
    window = announce(house, starts_at=timezone.now() - timedelta(hours=2))
    assert window.state == "running"
    with pytest.raises(Refused, match="has begun"):
        maintenance.change_maintenance(acting_user=house.operator, window=window, gpus=50)
    with pytest.raises(Refused, match="has begun"):
        maintenance.cancel_maintenance(acting_user=house.operator, window=window, reason="x")
    later = maintenance.change_maintenance(acting_user=house.operator, window=window, ends_at=window.ends_at + DAY)
    assert later.ends_at == window.ends_at + DAY
    ended = maintenance.end_maintenance(acting_user=house.operator, window=window)
    assert ended.state == "done"
    assert promisable_at([house.pool], timezone.now()) == {house.pool.pk: 100}
    with pytest.raises(Refused, match="is over"):
        maintenance.change_maintenance(acting_user=house.operator, window=window, reason="Another")


def test_cancelled_gives_the_gpus_back_and_says_why_to_those_who_were_told(house):
    grant(house, 30)
    window = announce(house)
    Notification.objects.all().delete()
    cancelled = maintenance.cancel_maintenance(acting_user=house.operator, window=window, reason="The parts are late")
    assert (cancelled.state, cancelled.cancelled_because) == ("cancelled", "The parts are late")
    assert told(house.owner) == ["maintenance.cancelled"]
    assert promisable_at([house.pool], window.starts_at) == {house.pool.pk: 100}
    with pytest.raises((Refused, UnlawfulMove, MovedMeanwhile)):
        maintenance.cancel_maintenance(acting_user=house.operator, window=window, reason="Again")


@pytest.mark.parametrize("new", states.MAINTENANCE.states)
@pytest.mark.parametrize("old", states.MAINTENANCE.states)
def test_every_move_is_lawful_or_refused_by_the_table(house, old, new):
    window = make_window(house.pool, state=old, cancelled_because="x" if old == "cancelled" else "")
    if states.MAINTENANCE.lawful(old, new):
        advance(window, new, **({"cancelled_because": "x"} if new == "cancelled" else {}))
        assert window.state == new
        return
    with pytest.raises(UnlawfulMove):
        advance(window, new)


def test_the_tenants_home_says_how_many_of_its_gpus_are_concerned(house):
    make_share(make_pool(50, cluster=house.cluster), house.authority)
    grant(house, 30)
    grant(house, 20, start_days=20, days=5)
    window = announce(house, start=3, days=2, pool=None, gpus=None)
    (notice,) = tile_of_maintenance(house.tenant, house.owner)["notices"]
    assert (notice.window, notice.gpus) == (window, 30)
    assert tile_of_maintenance(house.tenant, make_member(make_tenant(), "owner"))["notices"] == []
