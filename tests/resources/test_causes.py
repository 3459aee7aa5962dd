"""Why a pool can promise so little: maintenance is named where it is the cause, and only there."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from resources.errors import NotEnough, OverLine
from resources.models import CapacityPool, Decision
from resources.queries.maintenance import ahead_of_each
from resources.services.bulk import plan
from resources.services.decisions import approve_request
from tests.factories.resources import make_pool, make_request, make_share, make_window, period
from tests.factories.tenants import make_project


def sent(house, amount, **when):
    return make_request(house.project, house.pool, house.owner, amount, **when)


def refusal(house, request, kind=NotEnough, **how):
    with pytest.raises(kind) as caught, transaction.atomic():
        approve_request(acting_user=house.approver, request=request, **how)
    return str(caught.value.sentence)


def test_a_refusal_names_the_maintenance_that_is_why(house):
    make_window(house.pool, 40, start_days=5, days=5)
    said = refusal(house, sent(house, 70))
    assert "can promise 60 more GPUs over this period; this decision needs 70. Maintenance from " in said
    assert "takes 40 away; without it 100 could be promised. Approve up to 60, or choose a time without it." in said


def test_the_same_too_few_without_maintenance_name_none(house):
    approve_request(acting_user=house.approver, request=sent(house, 80, start_days=20, days=10))
    make_window(house.pool, 5, start_days=5, days=5)
    said = refusal(house, sent(house, 30))
    assert "can promise 20 more GPUs over this period; this decision needs 30. Approve up to 20, or" in said
    assert "aintenance" not in said


def test_maintenance_of_the_share_that_is_too_small_is_not_why(house):
    type(house.share).objects.filter(pk=house.share.pk).update(gpus=50)
    make_window(house.pool, 40, start_days=5, days=5)
    assert "aintenance" not in refusal(house, sent(house, 55))


def test_what_only_interrupts_is_never_why(house):
    make_window(house.pool, 90, start_days=5, days=5, effect="interrupts")
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=80)
    assert "aintenance" not in refusal(house, sent(house, 90))


def test_the_policy_line_that_maintenance_lowers_is_explained(house):
    make_window(house.pool, 40, start_days=5, days=5)
    said = refusal(house, sent(house, 57), OverLine)
    assert "57 GPUs pass the policy line of 90 %" in said
    assert "takes 40 away; without it 100 could be promised." in said


def test_several_at_once_say_it_too(house):
    make_window(house.pool, 40, start_days=5, days=5)
    (each,) = plan(house.approver, [sent(house, 70)])
    assert "can promise 60 more over this period; it asks for 70. Maintenance from " in each.why_not


def test_the_review_page_says_it_beside_the_bar(house, client):
    make_window(house.pool, 40, start_days=5, days=5)
    client.force_login(house.approver)
    page = client.get(reverse("request", args=[sent(house, 70).public_id])).content.decode()
    assert "At most 60 can be promised over this period. Maintenance from " in page


def test_each_of_many_has_the_windows_of_its_own_pools_and_time(house, django_assert_num_queries):
    other = make_pool(50)
    mine = make_window(house.pool, 10, start_days=5, days=5)
    make_window(other, 10, start_days=5, days=5)
    whole = make_window(cluster=house.cluster, start_days=8, days=1, effect="interrupts")
    with django_assert_num_queries(1):
        found = ahead_of_each([[(house.pool, *period())], [(house.pool, *period(20, 5))], [(other, *period(0, 3))], []])
    assert found == [[mine, whole], [], [], []]
    with django_assert_num_queries(0):
        assert ahead_of_each([[], []]) == [[], []]


def test_the_bulk_page_shows_the_windows_in_the_time_of_each(house):
    far = make_pool(50)
    make_share(far, house.authority)
    make_window(house.pool, 10, start_days=5, days=5)
    rows = [sent(house, 20), make_request(make_project(house.tenant), far, house.owner, 5)]
    browser = Client()
    browser.force_login(house.approver)
    page = browser.post(reverse("requests-bulk"), {"id": [str(row.public_id) for row in rows]}).content.decode()
    assert "Approve 2 of 2 requests in full?" in page
    assert page.count("data-maintenance") == 1
    assert f"Maintenance of {house.pool}" in page
    assert "It takes capacity away." in page
    assert not Decision.objects.exists()
