"""Nothing is decided without a trace: where the audit record cannot be written nothing happens, and people are told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from portal.core.isolation import role
from portal.models import AuditEvent
from resources.models import Decision, Grant
from tenants.models import CaseDecision, Tenant
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_case, make_member, make_project, make_staff, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = f"CURRENT_USER, {role('tenant')}, {role('officer')}, {role('worker')}"
NO_INSERT = (f"REVOKE INSERT ON portal_auditevent FROM {WRITERS}", f"GRANT INSERT ON portal_auditevent TO {WRITERS}")
NO_CHAIN = (
    "ALTER TABLE portal_auditentry ADD CONSTRAINT nothing CHECK (position < 0) NOT VALID",
    "ALTER TABLE portal_auditentry DROP CONSTRAINT nothing",
)


@pytest.fixture(params=[NO_INSERT, NO_CHAIN], ids=["the event is not taken", "the chain is not taken"])
def mute(request):
    """A function after which the record takes nothing any more."""
    away, back = request.param

    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield lambda: run(away)
    run(back)


def browser_of(user):
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def post(browser, page, data):
    if page.startswith("/api/"):
        return browser.post(page, data, content_type="application/json")
    return browser.post(page, data)


def told(answer):
    assert answer.status_code == 503
    assert "nothing is decided without a trace" in answer.content.decode()


@pytest.mark.parametrize("door", ["/applications/{}/decide/", "/api/v1/applications/{}/approve/"])
def test_an_application_is_not_decided(mute, door):
    case = make_case("in_review")
    browser = browser_of(make_staff(case.authority, "onboarding_officer"))
    before = AuditEvent.objects.count()
    mute()
    told(post(browser, door.format(case.public_id), {"confirmed": "1", "outcome": "approve", "reason": "x"}))
    case.refresh_from_db()
    assert (case.state, CaseDecision.objects.count(), Tenant.objects.count()) == ("in_review", 0, 0)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("door", ["/requests/{}/decide/", "/api/v1/requests/{}/approve/"])
def test_a_request_is_not_decided(mute, door):
    authority = make_authority()
    pool = make_pool(100)
    make_share(pool, authority)
    tenant = make_tenant(authority=authority)
    request = make_request(make_project(tenant), pool, make_member(tenant, "owner"), 10)
    browser = browser_of(make_staff(authority, "quota_approver"))
    mute()
    told(post(browser, door.format(request.public_id), {"decision": "approve", "reason": "x", "confirmed": "1"}))
    request.refresh_from_db()
    assert (request.state, Decision.objects.count(), Grant.objects.count()) == ("submitted", 0, 0)
