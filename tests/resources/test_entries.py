"""What the navigation and the home page say to whom."""

import pytest
from django.urls import reverse

from portal.core.registry import nav_entries, policy_effects, setup_steps, suspend_effects
from resources.services.decisions import approve_request
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_draft, make_request

pytestmark = pytest.mark.django_db
OURS = ("capacity", "requests", "clusters", "pools", "shares", "kinds", "providers")


def seen(user):
    return {name for name in OURS if nav_entries[name].visible(user)}


def test_navigation_is_cut_to_the_role(house):
    assert {name: seen(getattr(house, name)) for name in ("owner", "approver", "operator")} == {
        "owner": {"capacity", "requests", "clusters"},
        "approver": {"capacity", "requests", "clusters", "pools", "shares"},
        "operator": {"capacity", "clusters", "pools", "shares", "kinds", "providers"},
    }
    assert seen(make_admin()) == {"capacity", "clusters", "pools", "shares", "kinds", "providers"}
    assert seen(make_user()) == set()


def test_badge_counts_what_this_person_can_decide_now(house):
    make_draft(house.project, house.pool, house.owner)
    make_request(house.project, house.pool, house.owner)
    request = make_request(house.project, house.pool, house.owner, amount=95)
    approve_request(acting_user=house.approver, request=request, reason="Flood")
    count = nav_entries["requests"].count
    assert {name: count(getattr(house, name)) for name in ("approver", "second", "auditor", "owner")} == {
        "approver": 1, "second": 2, "auditor": 0, "owner": 0,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["approver", "auditor", "operator"])
def test_home_of_those_who_watch_capacity_is_the_capacity_page(house, client, name):
    client.force_login(getattr(house, name))
    assert client.get(reverse("home")).headers["Location"] == reverse("capacity")


def test_home_of_a_tenants_owner_is_not_the_capacity_page(house, client):
    client.force_login(house.owner)
    assert client.get(reverse("home")).headers["Location"] == reverse("tenant", args=[house.tenant.public_id])


def test_tenants_home_shows_quotas_and_requests_and_asks(house, client):
    request = make_request(house.project, house.pool, house.owner, amount=20)
    approve_request(acting_user=house.approver, request=request)
    client.force_login(house.owner)
    page = client.get(reverse("tenant", args=[house.tenant.public_id])).content.decode()
    assert request.reference in page
    assert "Ask for GPUs" in page
    assert "20 wished" in page
    client.force_login(house.member)
    part = client.get(reverse("tenant-quotas", args=[house.tenant.public_id])).content.decode()
    assert "20 wished" in part
    assert "Ask for GPUs" not in part


def test_effects_say_who_is_hit(house):
    request = make_request(house.project, house.pool, house.owner, amount=20)
    assert len(policy_effects["requests"](house.authority, "quota.second_person_gpus", 1)) == 1
    approve_request(acting_user=house.approver, request=request)
    assert policy_effects["requests"](house.authority, "quota.second_person_gpus", 1) == []
    assert "20 GPUs" in suspend_effects["grants"](house.tenant)[0]


def test_steps_of_setting_up_are_done_once_there_is_one(house):
    assert {
        name: setup_steps[name].done() for name in ("provider", "kind", "cluster", "pool", "share")
    } == dict.fromkeys(("provider", "kind", "cluster", "pool", "share"), True)
