"""The numbers of the menu: what of findings and conditions waits for an approver, asked for both in one query."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from portal.models import User
from resources.models import Grant, GrantCondition
from resources.queries.badges import CONDITIONS, IDLE, beside
from resources.services.conditions import say_met
from resources.services.decisions import approve_request
from tests.factories.resources import make_finding, make_request
from tests.factories.tenants import make_authority, make_staff
from tests.resources.services.test_conditions import granted


def waits(user):
    """The two numbers, for somebody who was just read."""
    fresh = User.objects.get(pk=user.pk)
    return beside(fresh, IDLE), beside(fresh, CONDITIONS)


def badge(user, url_name):
    browser = Client()
    browser.force_login(user)
    page = browser.get(reverse("capacity")).content.decode()
    found = re.search(rf'<a[^>]*href="{reverse(url_name)}"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert found
    return re.sub("[^0-9]", "", re.sub("<[^>]+>", " ", found[1]))


def test_counts_what_the_person_can_decide_about(house):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 5))
    finding = make_finding(Grant.objects.get(), state="justified")
    granted(house)
    assert waits(house.approver) == (1, 0)
    say_met(acting_user=house.owner, condition=GrantCondition.objects.get(), note="Here it is")
    assert waits(house.approver) == (1, 1)
    assert (badge(house.approver, "idle-findings"), badge(house.approver, "grant-conditions")) == ("1", "1")
    assert (badge(house.auditor, "idle-findings"), badge(house.auditor, "grant-conditions")) == ("", "")
    type(finding).objects.filter(pk=finding.pk).update(state="notified")
    assert waits(house.approver) == (0, 1)
    assert waits(make_staff(make_authority(), "quota_approver")) == (0, 0)


def test_both_numbers_are_one_query(house, django_assert_num_queries):
    user = User.objects.get(pk=house.approver.pk)
    beside(user, IDLE)
    with django_assert_num_queries(1):
        user = User.objects.filter(pk=house.approver.pk).get()
    with django_assert_num_queries(1):
        assert (beside(user, IDLE), beside(user, CONDITIONS)) == (0, 0)
