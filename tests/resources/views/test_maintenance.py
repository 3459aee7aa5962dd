"""The pages of maintenance: announcing in two steps, who is affected, and what the others are shown."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from resources.models import Grant, MaintenanceWindow
from resources.services.decisions import approve_request
from tests.factories.resources import make_draft, make_pool, make_request, make_window, period
from tests.proof import show

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def page(client):
    def page(user):
        client.force_login(user)
        return client

    return page


def text(answer):
    return " ".join(answer.content.decode().split())


def typed(house, start=3, days=2, **facts):
    begins, ends = (each.strftime("%Y-%m-%dT%H:%M") for each in period(start, days))
    return {
        "cluster": house.cluster.public_id, "pool": house.pool.public_id, "gpus": "40", "starts_at": begins,
        "ends_at": ends, "effect": "counts", "reason": "The cooling is replaced", **facts,
    }  # fmt: skip


def grant(house, amount=80):
    request = make_request(house.project, house.pool, house.owner, amount=amount)
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.get(line__request=request)


def test_an_operator_sees_what_follows_before_anything_is_announced(page, house):
    grant(house)
    browser, facts = page(house.operator), typed(house)
    seen = browser.post(reverse("maintenance-new"), facts)
    assert (seen.status_code, MaintenanceWindow.objects.count()) == (200, 0)
    said = text(seen)
    assert "over-promised by 20" in said
    assert "80 GPUs are promised and 60 are left" in said
    assert str(house.tenant) in said
    assert "Announce it" in said
    done = browser.post(reverse("maintenance-new"), {**facts, "seen": seen.context["digest"]})
    window = MaintenanceWindow.objects.get()
    assert done["Location"] == reverse("maintenance-window", args=[window.public_id])
    assert (window.gpus, window.announced_by, window.state) == (40, house.operator, "announced")


def test_what_was_changed_after_looking_is_shown_again_and_not_announced(page, house):
    browser, facts = page(house.operator), typed(house)
    seen = browser.post(reverse("maintenance-new"), facts)
    again = browser.post(reverse("maintenance-new"), {**facts, "gpus": "90", "seen": seen.context["digest"]})
    assert (again.status_code, MaintenanceWindow.objects.count()) == (200, 0)
    assert again.context["digest"] != seen.context["digest"]


@pytest.mark.parametrize(
    ("facts", "status", "words"),
    [
        ({"gpus": "101"}, 422, "has 100 GPUs installed"),
        ({"ends_at": "2020-01-01T00:00"}, 422, "ends before it begins"),
        ({"reason": ""}, 422, "reason"),
        ({"gpus": "many"}, 422, "whole number"),
        ({"starts_at": "yesterday"}, 422, "From"),
    ],
)
def test_what_cannot_be_is_said_before_anything_follows(page, house, facts, status, words):
    answer = page(house.operator).post(reverse("maintenance-new"), typed(house, **facts))
    assert (answer.status_code, MaintenanceWindow.objects.count()) == (status, 0)
    assert words in text(answer)
    assert "data-consequences" not in text(answer)


def test_times_are_those_of_the_persons_clocks_and_a_skipped_hour_is_refused(page, house):
    User.objects.filter(pk=house.operator.pk).update(time_zone="Europe/Luxembourg")
    spring = next_change(house)
    browser = page(User.objects.get(pk=house.operator.pk))
    facts = typed(house, starts_at=f"{spring:%Y-%m-%d}T00:00", ends_at=f"{spring:%Y-%m-%d}T04:00")
    seen = browser.post(reverse("maintenance-new"), facts)
    browser.post(reverse("maintenance-new"), {**facts, "seen": seen.context["digest"]})
    window = MaintenanceWindow.objects.get()
    assert window.ends_at - window.starts_at == timedelta(hours=3)
    skipped = browser.post(reverse("maintenance-new"), {**facts, "starts_at": f"{spring:%Y-%m-%d}T02:30"})
    assert (skipped.status_code, MaintenanceWindow.objects.count()) == (422, 1)


def next_change(_house):
    """The next day on which the clocks of Luxembourg go from two to three."""
    zone, day = ZoneInfo("Europe/Luxembourg"), timezone.now().date()
    while True:
        day += DAY
        begin = datetime(day.year, day.month, day.day, tzinfo=zone)
        if (begin.utcoffset(), (begin + DAY).utcoffset()) == (timedelta(hours=1), timedelta(hours=2)):
            return day


def test_taking_capacity_away_asks_for_the_second_factor_again(page, house):
    browser = show(page(house.operator), house.operator, minutes_ago=20)
    answer = browser.post(reverse("maintenance-new"), typed(house))
    assert (answer.status_code, MaintenanceWindow.objects.count()) != (200, 1)
    assert "data-consequences" not in text(answer)
    assert browser.post(reverse("maintenance-new"), typed(house, effect="interrupts")).status_code == 200


def test_a_window_is_changed_in_the_same_two_steps_and_cancelled_with_a_reason(page, house):
    window, browser = make_window(house.pool, gpus=40, by=house.operator), page(house.operator)
    address = reverse("maintenance-change", args=[window.public_id])
    assert browser.get(address).context["form"].initial["gpus"] == 40
    facts = {name: value for name, value in typed(house, gpus="50").items() if name != "cluster"}
    seen = browser.post(address, facts)
    assert browser.post(address, {**facts, "seen": seen.context["digest"]}).status_code == 302
    window.refresh_from_db()
    assert window.gpus == 50
    cancel = reverse("maintenance-cancel", args=[window.public_id])
    assert browser.post(cancel, {"reason": ""}).status_code == 422
    assert browser.post(cancel, {"reason": "The parts are late"}).status_code == 302
    assert "The parts are late" in text(browser.get(reverse("maintenance-window", args=[window.public_id])))


def test_a_running_one_changes_its_end_alone_and_ends_now(page, house):
    now = timezone.now()
    window = make_window(house.pool, starts_at=now - DAY, ends_at=now + DAY, state="running", by=house.operator)
    browser = page(house.operator)
    form = browser.get(reverse("maintenance-change", args=[window.public_id])).context["form"]
    assert list(form.fields) == ["ends_at", "reason"]
    assert browser.post(reverse("maintenance-end", args=[window.public_id])).status_code == 302
    window.refresh_from_db()
    assert window.state == "done"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_for_one_window_and_three(page, house, rows, django_assert_num_queries):
    for number in range(rows):
        make_window(house.pool, gpus=number + 1, by=house.operator)
    browser = page(house.operator)
    browser.get(reverse("maintenance"))
    with django_assert_num_queries(LIST_QUERIES):
        answer = browser.get(reverse("maintenance"))
    assert len(answer.context["cut"].rows) == rows


LIST_QUERIES = 8


def test_the_list_says_that_there_is_nothing_and_that_nothing_matches(page, house):
    browser = page(house.approver)
    assert "No maintenance is announced" in text(browser.get(reverse("maintenance")))
    make_window(house.pool)
    assert "No maintenance is announced" not in text(browser.get(reverse("maintenance")))
    nothing = text(browser.get(reverse("maintenance"), {"q": "submarine"}))
    assert "Nothing matches" in nothing


def test_an_approver_reads_whom_it_hits_and_the_tenant_only_of_its_own(page, house):
    grant(house)
    window = make_window(house.pool, gpus=40, start_days=3, days=2)
    address = reverse("maintenance-window", args=[window.public_id])
    assert "over-promised by 20" in text(page(house.approver).get(address))
    seen = text(page(house.owner).get(address))
    assert str(house.tenant) in seen
    assert "over-promised" not in seen
    assert str(window.announced_by) not in seen


def test_the_grant_the_tenants_home_the_pool_and_the_capacity_page_say_it(page, house):
    held, window = grant(house), make_window(house.pool, gpus=40, start_days=3, days=2)
    address = reverse("maintenance-window", args=[window.public_id])
    tenant = page(house.owner)
    for name, row in (("grant", held), ("tenant", house.tenant), ("tenant-maintenance", house.tenant)):
        assert address in text(tenant.get(reverse(name, args=[row.public_id])))
    browser = page(house.approver)
    for where in (
        reverse("pool", args=[house.pool.public_id]), reverse("cluster", args=[house.cluster.public_id]),
        reverse("capacity"), reverse("capacity") + "?part=maintenance",
    ):  # fmt: skip
        assert address in text(browser.get(where))


@pytest.mark.parametrize(("effect", "look"), [("counts", "out-counts"), ("interrupts", "out-interrupts")])
def test_the_year_of_a_pool_has_a_band_for_it(page, house, effect, look):
    make_window(house.pool, gpus=40, start_days=3, days=20, effect=effect)
    answer = page(house.approver).get(reverse("pool-timeline", args=[house.pool.public_id]))
    assert [box.kind for box in answer.context["bands"]] == [look]
    assert ("60" in {str(time.most) for time in answer.context["plan"].times}) == (effect == "counts")


def test_the_review_page_and_the_part_beside_a_request_say_it(page, house):
    make_window(house.pool, gpus=40, start_days=3, days=2)
    make_window(house.pool, gpus=10, start_days=3, days=2, effect="interrupts")
    make_window(make_pool(8, cluster=house.cluster), start_days=3, days=2)
    request = make_request(house.project, house.pool, house.owner, amount=70)
    said = text(page(house.approver).get(reverse("request", args=[request.public_id])))
    assert said.count("data-maintenance") == 2
    assert "At most 60 can be promised over this period" in said
    draft = make_draft(house.project, house.pool, house.owner, amount=70)
    offered = text(page(house.owner).get(reverse("request-edit", args=[draft.public_id])))
    assert offered.count("data-maintenance") in {0, 2}


def test_an_open_page_is_told_when_it_moved(page, house):
    grant(house, 10)
    window, browser = make_window(house.pool), page(house.owner)
    address = reverse("maintenance-moved", args=[window.public_id])
    MaintenanceWindow.objects.update(ends_at=F("ends_at") + timedelta(milliseconds=700))
    seen = re.search(
        r"seen=(\w+)", browser.get(reverse("maintenance-window", args=[window.public_id])).content.decode()
    )
    assert seen
    assert browser.get(address, {"seen": seen[1]}).status_code == 204
    for change in ({"starts_at": window.starts_at + DAY / 24}, {"reason": "The pumps as well"}, {"state": "running"}):
        MaintenanceWindow.objects.update(**change)
        assert browser.get(address, {"seen": seen[1]})["HX-Refresh"] == "true"
        MaintenanceWindow.objects.update(**{name: getattr(window, name) for name in change})
        assert browser.get(address, {"seen": seen[1]}).status_code == 204


def test_a_decision_that_is_being_weighed_hears_of_maintenance(page, house):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    said = text(page(house.approver).get(reverse("request", args=[request.public_id])))
    assert "portal:maintenance-changed from:body" in said
