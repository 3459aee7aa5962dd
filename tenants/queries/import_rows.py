"""What a row of a file of tenants would do here: make a tenant, change nothing, or be refused in clear words.

The trial and the run ask the same question, so what the trial says is what the run does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries

from portal.core.errors import Refused
from portal.models import User
from tenants.import_sheets import words_of
from tenants.legal_ids import WrongNumber, recognise
from tenants.models import Authority, DataClass, KindDefaults, OrganisationKind, Tenant
from tenants.queries.defaults import defaults_in_force

NEW, SAME, DIFFERS, WRONG = "new", "same", "differs", "wrong"
COMPARED = ("name", "kind", "country", "data_class", "residency", "contact_email")
LONGEST_NAME, LONGEST_ID = 200, 60
TWIN = "_twin"
"""Key of a kept row: the number of an earlier row with the same legal id."""


@dataclass(frozen=True)
class Plan:
    """What one row does. ``sentences`` say what is wrong with it, or differs."""

    place: int
    outcome: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    owner_email: str = ""
    owner_name: str = ""
    recertify_on: date | None = None
    sentences: tuple[str, ...] = ()


class _Wrong(Exception):
    """What is wrong with a cell, as a sentence."""


def key_of(legal_id: str) -> str:
    """A number as it is compared; what cannot be a number is compared as it stands."""
    try:
        return recognise(legal_id).number
    except WrongNumber:
        return legal_id.strip()


def plans(authority: Authority, rows: Iterable[tuple[int, dict[str, str]]]) -> list[Plan]:
    """What each of ``rows`` (number, cells) does, in a handful of queries for all of them."""
    listed = list(rows)
    keys = {key_of(row.get("legal_id", "")) for _place, row in listed} - {""}
    there: dict[str, Tenant] = {}
    for tenant in Tenant.objects.filter(authority=authority, legal_id__in=keys).order_by("pk"):
        if tenant.legal_id not in there or there[tenant.legal_id].state == Tenant.State.CLOSED:
            there[tenant.legal_id] = tenant
    mails = {row.get("owner_email", "").lower() for _place, row in listed} - {""}
    people = {user.email.lower(): user for user in User.objects.filter(email__in=mails)}
    defaults = defaults_in_force(authority)
    return [_plan(place, row, there, people, defaults) for place, row in listed]


def _plan(
    place: int, row: dict[str, str], there: dict[str, Tenant], people: dict[str, User],
    defaults: dict[str, KindDefaults],
) -> Plan:  # fmt: skip
    facts: dict[str, Any] = {}
    sentences: list[str] = []
    for name, read in READERS.items():
        try:
            facts[name] = read(row.get(name, ""))
        except _Wrong as wrong:
            sentences.append(str(wrong))
    name = row.get("name", "")[:200]
    if twin := row.get(TWIN):
        sentences.append(_("Row %(n)s has the same legal id already. Take one of the two out.") % {"n": twin})
    found = there.get(facts.get("legal_id", ""))
    if found is not None and found.state == Tenant.State.CLOSED:
        sentences.append(
            _("%(tenant)s was a tenant here and is closed. It comes back by an application, not by an import.") % {"tenant": found.name}
        )  # fmt: skip
    if not sentences and found is None:
        sentences += _beyond(facts, defaults) + _owner(facts, people)
    if sentences:
        return Plan(place, WRONG, name, sentences=tuple(sentences))
    owner_email, owner_name, day = facts.pop("owner_email"), facts.pop("owner_name"), facts.pop("recertify_on")
    if found is not None:
        differing = tuple(_differences(found, facts))
        return Plan(place, DIFFERS if differing else SAME, name, facts, sentences=differing)
    return Plan(place, NEW, name, facts, owner_email, owner_name, day)


def _beyond(facts: dict[str, Any], defaults: dict[str, KindDefaults]) -> list[str]:
    """The ceiling that the authority set for the kind."""
    ceiling = defaults[facts["kind"]].highest_class
    order = DataClass.values
    if order.index(facts["data_class"]) <= order.index(ceiling):
        return []
    told = {"kind": OrganisationKind(facts["kind"]).label, "most": DataClass(ceiling).label}
    return [_("For “%(kind)s” this authority admits data up to “%(most)s”. Lower the data class, or set the defaults of the kind higher first.") % told]  # fmt: skip


def _owner(facts: dict[str, Any], people: dict[str, User]) -> list[str]:
    email = facts["owner_email"]
    if not email:
        return []
    person = people.get(email)
    if person is None and not facts["owner_name"]:
        return [_("Nobody signs in with %(email)s yet. Write the person’s name into the column owner_name.") % {"email": email}]  # fmt: skip
    if person is not None and not person.is_active:
        return [
            _("The account of %(email)s is closed, so it can own no tenant. Name another owner.") % {"email": email}
        ]
    return []


def _differences(tenant: Tenant, facts: dict[str, Any]) -> list[str]:
    found = []
    for name in COMPARED:
        have, told = getattr(tenant, name), facts[name]
        have = sorted(have) if isinstance(have, list) else str(have)
        if have != told:
            label = Tenant._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # plain columns
            found.append(
                _("%(fact)s is “%(here)s” here and “%(there)s” in the file; it was left as it is.")
                % {"fact": str(label).capitalize(), "here": _shown(have), "there": _shown(told)}
            )
    return found


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _name(value: str) -> str:
    if not value:
        raise _Wrong(_("The name is missing. Write the organisation’s full name."))
    if len(value) > LONGEST_NAME:
        raise _Wrong(_("The name has more than 200 characters. Shorten it."))
    return value


def _legal_id(value: str) -> str:
    if not value:
        raise _Wrong(
            _("The legal id is missing. Write the number under which a public register knows the organisation.")
        )
    try:
        found = recognise(value).number
    except WrongNumber as wrong:
        raise _Wrong(str(wrong)) from None
    if len(found) > LONGEST_ID:
        raise _Wrong(_("The legal id has more than 60 characters. Write the number alone."))
    return found


def _one_of(value: str, choices: list[Any], what: str) -> str:
    low = value.strip().lower()
    for key, label in choices:
        if low in {key.lower(), str(label).lower(), key.replace("_", " ")}:
            return str(key)
    raise _Wrong(
        _("“%(value)s” is no %(what)s. Write one of: %(known)s.")
        % {"value": value, "what": what, "known": ", ".join(key for key, _label in choices)}
    )


def _country(value: str) -> str:
    code = countries.alpha2(value.upper()) or countries.by_name(value)
    if not code:
        raise _Wrong(_("“%(value)s” is no country. Write its two letters, such as LU.") % {"value": value})
    return str(code)


def _residency(value: str) -> list[str]:
    return sorted({_country(part) for part in words_of(value)})


def _mail(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise _Wrong(_("“%(value)s” is no e-mail address. Write one such as office@organisation.eu.") % {"value": value}) from None  # fmt: skip
    return value


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _Wrong(_("“%(value)s” is no day. Write it as 2027-03-31.") % {"value": value}) from None
    if day <= timezone.localdate():
        raise _Wrong(
            _("%(value)s is past. Write the day on which its facts are to be looked at next.") % {"value": value}
        )
    return day


def readable(name: str, value: Any) -> Any:
    """One fact of a tenant as it is kept; raises Refused with what is wrong, at its field."""
    try:
        return READERS[name](", ".join(value) if isinstance(value, list | tuple) else str(value).strip())
    except _Wrong as wrong:
        raise Refused(str(wrong), field=name) from None


READERS: dict[str, Any] = {
    "name": _name,
    "legal_id": _legal_id,
    "kind": lambda value: _one_of(value, OrganisationKind.choices, _("kind of organisation")),
    "country": _country,
    "contact_email": _mail,
    "data_class": lambda value: _one_of(value, DataClass.choices, _("data class")),
    "residency": _residency,
    "owner_email": lambda value: _mail(value).lower() if value else "",
    "owner_name": lambda value: value[:150],
    "recertify_on": _day,
}
