from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, SetupCode, User
from tenants.services.setup import MOST_FAILURES, issue_code, open_portal
from tests.factories.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db
PERSON = {"email": "Root@Example.test", "full_name": "Ada Admin", "password": PASSWORD}


def test_open_portal_with_the_code_makes_an_administrator_who_can_sign_in(client):
    code = issue_code()
    user = open_portal(code=code.lower().replace("-", " "), **PERSON)
    assert (user.email, user.is_platform_admin) == ("root@example.test", True)
    assert client.login(email="root@example.test", password=PASSWORD)
    assert set(AuditEvent.objects.values_list("act", flat=True)) == {"person.created", "portal.opened"}
    assert SetupCode.objects.get().used_at is not None


def test_open_portal_twice_is_refused():
    code = issue_code()
    open_portal(code=code, **PERSON)
    with pytest.raises(Conflict):
        open_portal(code=code, **{**PERSON, "email": "second@example.test"})
    assert User.objects.count() == 1


def test_open_portal_with_a_wrong_code_is_counted_until_no_code_helps():
    code = issue_code()
    for left in range(MOST_FAILURES - 1, -1, -1):
        with pytest.raises(Refused) as refusal:
            open_portal(code="AAAA-AAAA-AAAA-AAAA", **PERSON)
        assert f"{left} tries" in str(refusal.value)
    with pytest.raises(Refused) as refusal:
        open_portal(code=code, **PERSON)
    assert refusal.value.code == "tenants.setup_code_spent"
    assert User.objects.count() == 0


def test_open_portal_with_a_weak_password_costs_no_try():
    code = issue_code()
    with pytest.raises(Refused) as refusal:
        open_portal(code=code, **{**PERSON, "password": "short"})
    assert (refusal.value.field, SetupCode.objects.get().failures) == ("password", 0)
    open_portal(code=code, **PERSON)


def test_issue_code_makes_older_codes_worthless_and_keeps_no_code_in_the_clear():
    old, new = issue_code(), issue_code()
    assert SetupCode.objects.count() == 1
    assert new.replace("-", "") not in SetupCode.objects.get().code_hash
    with pytest.raises(Refused):
        open_portal(code=old, **PERSON)
    open_portal(code=new, **PERSON)


def test_issue_code_once_somebody_has_an_account_gives_none(capsys):
    make_user()
    assert issue_code() is None
    with pytest.raises(CommandError):
        call_command("first_run_code")


def test_first_run_code_prints_one_that_works(capsys):
    call_command("first_run_code")
    open_portal(code=capsys.readouterr().out.strip(), **PERSON)
