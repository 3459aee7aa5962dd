from __future__ import annotations

import pytest
from celery import current_app
from django.core import mail

from portal.core.access import granted
from tenants import tasks
from tenants.models import Membership
from tests.factories.people import make_user
from tests.factories.tenants import end_silently, make_member, make_tenant


def test_the_timetable_wakes_tasks_that_exist():
    assert {line["task"] for line in tasks.TIMETABLE.values()} <= set(current_app.tasks)


@pytest.mark.django_db
def test_sweep_memberships_takes_back_what_ended_twice_without_harm():
    tenant = make_tenant()
    member = make_member(tenant)
    end_silently(Membership.objects.get(user=member))
    tasks.sweep_memberships()
    tasks.sweep_memberships()
    assert [row for row in granted("tenants.Tenant") if row[0] == tenant.pk] == []


@pytest.mark.django_db
def test_send_welcome_mails_a_link_on_the_address_it_was_given():
    user = make_user("nora@authority.test", language="de")
    tasks.send_welcome(user.pk, "https://portal.test/")
    assert [message.to for message in mail.outbox] == [["nora@authority.test"]]
    assert "https://portal.test/accounts/password/reset/key/" in mail.outbox[0].body
