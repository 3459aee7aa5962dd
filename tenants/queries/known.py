"""Whether the organisation of an application is known here already: told without telling which, or whose."""

from __future__ import annotations

from hashlib import sha256

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.core.isolation import as_worker
from portal.models import User
from tenants.models import OnboardingCase, Tenant
from tenants.queries.names import named
from tenants.queries.policies import OPEN

ABOUT = frozenset({"organisation", "country", "legal_id"})
"""Questions whose answers say which organisation it is."""
MOST_ASKED, AN_HOUR = 20, 3600
"""So many organisations a person is told about in an hour: enough to apply, too few to go through a register."""


def known_here(case: OnboardingCase, reader: User) -> str:
    """One sentence when another tenant or open application has this number, or this name; "" otherwise.

    What the reader writes themselves or belongs to is named on their own pages and left out here.
    """
    number, name = case.legal_id, case.organisation.strip()
    if not case.country or not (number or name) or not _may_ask(reader, f"{case.country}|{number}|{name.casefold()}"):
        return ""
    with as_worker():
        if number and _numbered_alike(case, reader, number):
            said = _("An organisation with this register number is already known here.")
        elif name and _named_alike(case, reader, name):
            said = _("An organisation with this name is already known here.")
        else:
            return ""
    facts = {"authority": case.authority, "address": case.authority.contact_email}
    return f"{said} {_('Ask your colleagues, or %(authority)s (%(address)s), before you send a second application.') % facts}"


def _others(case: OnboardingCase, reader: User) -> tuple[QuerySet[Tenant], QuerySet[OnboardingCase]]:
    """The tenants and open applications of the country that are not the reader's own."""
    tenants = Tenant.objects.filter(country=case.country).exclude(state=Tenant.State.CLOSED)
    cases = OnboardingCase.objects.filter(country=case.country, state__in=OPEN).exclude(pk=case.pk)
    return (
        tenants.exclude(pk=case.tenant_id or 0).exclude(memberships__user=reader),
        cases.exclude(members__user=reader),
    )


def _numbered_alike(case: OnboardingCase, reader: User, number: str) -> bool:
    return any(rows.filter(legal_id=number).exists() for rows in _others(case, reader))


def _named_alike(case: OnboardingCase, reader: User, name: str) -> bool:
    tenants, cases = _others(case, reader)
    return bool(named(tenants, "name", name, most=1) or named(cases, "organisation", name, most=1))


def _may_ask(reader: User, about: str) -> bool:
    """Counts each organisation once; whoever goes through a list of numbers is told nothing any more."""
    asked = f"known:{reader.pk}"
    if cache.add(f"{asked}:{sha256(about.encode()).hexdigest()}", 1, AN_HOUR):
        cache.add(asked, 0, AN_HOUR)
        return bool(cache.incr(asked) <= MOST_ASKED)
    return bool(cache.get(asked, 0) <= MOST_ASKED)
