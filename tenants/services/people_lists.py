"""Many people at once: a list of addresses, names and roles, with a report of each row."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.errors import Conflict, PortalError, Refused
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Tenant
from tenants.roles import TenantRole
from tenants.services.people import add_member

MOST = 300
HEADINGS = {"email": "email", "e-mail": "email", "mail": "email", "address": "email", "name": "name",
            "full_name": "name", "role": "role"}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one row. ``tone``: "good" (role given), "same" (held it already), "bad" (left out)."""

    place: int
    email: str
    tone: str
    text: str


@deciding
def add_members(*, acting_user: User, tenant: Tenant, text: str, site: str) -> list[Outcome]:
    """Give each person of a CSV a role; who has no account is invited. A row that is wrong stops no other, and
    of several about one person the first counts.
    """
    first: dict[str, int] = {}
    report = []
    for place, row in enumerate(read_people(text), start=1):
        earlier = first.setdefault(row.get("email", "").casefold() or str(place), place)
        report.append(_one(acting_user, tenant, place, row, site) if earlier == place else _twice(place, row, earlier))
    return report


def read_people(text: str) -> list[dict[str, str]]:
    """Rows of "email, name, role"; the first line may be headings. Raises Refused when the whole cannot be read."""
    text = text.lstrip("\ufeff")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise Refused(_("The list cannot be read as CSV (%(error)s).") % {"error": error}, field="people") from None
    if not lines:
        raise Refused(_("The list is empty. Write one person a line: address, name, role."), field="people")
    columns = [HEADINGS.get(cell.strip().lower(), "") for cell in lines[0]]
    if "email" in columns:
        lines = lines[1:]
    else:
        columns = ["email", "name", "role"]
    if len(lines) > MOST:
        raise Refused(
            _("The list has %(n)d people; %(most)d at once is the most. Split it.") % {"n": len(lines), "most": MOST},
            field="people",
        )
    return [
        {column: cell.strip() for column, cell in zip(columns, line, strict=False) if column} for line in lines
    ]  # fmt: skip


def _twice(place: int, row: dict[str, str], earlier: int) -> Outcome:
    """A person stands in a list once: of two roles nobody can say which was meant."""
    email = row.get("email", "")
    said = _("Row %(row)d names %(email)s already, so this row was left out. Write each person once.")
    return Outcome(place, email, "bad", said % {"row": earlier, "email": email})


def _one(acting_user: User, tenant: Tenant, place: int, row: dict[str, str], site: str) -> Outcome:
    """One row. It answers alike for people with and without an account: a list is no way to learn who has one."""
    email = row.get("email", "")
    try:
        role = _role(row.get("role", ""))
        validate_email(email)
        if not row.get("name", ""):
            raise Refused(_("Write the person’s name, too."))
        with transaction.atomic():
            add_member(
                acting_user=acting_user, tenant=tenant, email=email, role=role, full_name=row["name"], site=site,
                tells=False,
            )  # fmt: skip
    except ValidationError:
        return Outcome(place, email, "bad", _("“%(value)s” is no e-mail address.") % {"value": email})
    except Conflict as error:
        held = error.code == "tenants.role_held"
        return Outcome(place, email, "same" if held else "bad", str(error))
    except PortalError as error:
        return Outcome(place, email, "bad", str(error))
    return Outcome(
        place, email, "good",
        _("Is %(role)s now; whoever has no account gets a mail.") % {"role": TenantRole(role).label},
    )  # fmt: skip


def _role(text: str) -> str:
    low = text.strip().lower().replace(" ", "_")
    for value, label in TenantRole.choices:
        if low in {value, str(label).lower().replace(" ", "_")}:
            return str(value)
    if not low:
        return str(TenantRole.MEMBER)
    raise Refused(
        _("“%(role)s” is no role. Write one of: %(known)s.") % {"role": text, "known": ", ".join(TenantRole.values)}
    )
