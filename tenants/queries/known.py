"""Whether the organisation of an application is known here already: told without telling which, or whose."""

from __future__ import annotations

from hashlib import sha256

from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.core.isolation import as_worker
from portal.models import User
from tenants.models import OnboardingCase, Tenant
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
        if number and _exists(case, reader, Q(legal_id=number), Q(legal_id=number)):
            said = _("An organisation with this register number is already known here.")
        elif name and _exists(case, reader, Q(name__iexact=name), Q(organisation__iexact=name)):
            said = _("An organisation with this name is already known here.")
        else:
            return ""
    facts = {"authority": case.authority, "address": case.authority.contact_email}
    return f"{said} {_('Ask your colleagues, or %(authority)s (%(address)s), before you send a second application.') % facts}"


def _exists(case: OnboardingCase, reader: User, tenant: Q, other: Q) -> bool:
    tenants = Tenant.objects.filter(tenant, country=case.country).exclude(state=Tenant.State.CLOSED)
    if tenants.exclude(pk=case.tenant_id or 0).exclude(memberships__user=reader).exists():
        return True
    cases = OnboardingCase.objects.filter(other, country=case.country, state__in=OPEN).exclude(pk=case.pk)
    return cases.exclude(members__user=reader).exists()


def _may_ask(reader: User, about: str) -> bool:
    """Counts each organisation once; whoever goes through a list of numbers is told nothing any more."""
    asked = f"known:{reader.pk}"
    if cache.add(f"{asked}:{sha256(about.encode()).hexdigest()}", 1, AN_HOUR):
        cache.add(asked, 0, AN_HOUR)
        return bool(cache.incr(asked) <= MOST_ASKED)
    return bool(cache.get(asked, 0) <= MOST_ASKED)
