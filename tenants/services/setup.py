"""Opening an empty installation: a code on the console lets the first administrator in, once."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.locks import hold
from portal.models import SetupCode, User
from tenants.services.people import create_person

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is mistaken for something else
GROUPS, GROUP_LENGTH = 4, 4
MOST_FAILURES = 10


def is_empty() -> bool:
    """Whether nobody has an account yet, so that the first-run page is the only thing that makes sense."""
    return not User.objects.exists()


@transaction.atomic
def issue_code() -> str | None:
    """A fresh code to print on the console, making older ones worthless; None once anybody has an account."""
    hold("setup", 0)
    if not is_empty():
        return None
    groups = ("".join(secrets.choice(ALPHABET) for _i in range(GROUP_LENGTH)) for _g in range(GROUPS))
    code = "-".join(groups)
    SetupCode.objects.all().delete()
    SetupCode.objects.create(code_hash=make_password(_plain(code)))
    return code


def open_portal(*, code: str, email: str, full_name: str, password: str) -> User:
    """Make the first administrator. A wrong code is counted even though nothing else of the act remains."""
    _use(code)
    with transaction.atomic():
        hold("setup", 0)
        if not is_empty():
            raise _taken()
        user = create_person(
            acting_user=None, email=email, full_name=full_name, password=password, is_platform_admin=True
        )
        SetupCode.objects.filter(used_at=None).update(used_at=timezone.now())
        record("portal.opened", acting_user=user, target=user, after={"user": user.pk})
    return user


def _use(code: str) -> None:
    if not is_empty():
        raise _taken()
    # counted before it is looked at, so that guesses sent all at once are counted too
    valid = SetupCode.objects.filter(used_at=None, failures__lt=MOST_FAILURES)
    row = valid.order_by("-pk").first()
    if row is None or not valid.filter(pk=row.pk).update(failures=F("failures") + 1):
        raise Refused(
            _("No code is valid any more. Start the portal again: it prints a new code on its console."),
            code="tenants.setup_code_spent",
            field="code",
        )
    if not check_password(_plain(code), row.code_hash):
        raise Refused(
            _("This is not the code on the console. Compare it letter by letter; %(left)d tries are left.")
            % {"left": MOST_FAILURES - row.failures - 1},
            code="tenants.setup_code_wrong",
            field="code",
        )
    SetupCode.objects.filter(pk=row.pk).update(failures=F("failures") - 1)


def _plain(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())


def _taken() -> Conflict:
    return Conflict(
        _("This portal has been opened already. Sign in, or ask an administrator for an account."),
        code="tenants.already_open",
    )
