"""What follows from a tenant's leaving, said before: when, how many of what, and what stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.registry import Effect, leave_effects
from tenants.models import Departure, PolicyRule, Tenant
from tenants.queries.policies import policy


def departure_of(tenant: Tenant) -> Departure | None:
    """The departure that is not over, or the one that closed it."""
    rows = Departure.objects.filter(tenant=tenant).exclude(state=Departure.State.DROPPED)
    return rows.select_related("first", "second", "asked_by").first()


def days_of(tenant: Tenant) -> tuple[date, date]:
    """(closes on, data erased on) if it began to leave today."""
    closes = timezone.localdate() + timedelta(days=policy(tenant.authority_id, PolicyRule.Key.LEAVING_DAYS))
    return closes, closes + timedelta(days=policy(tenant.authority_id, PolicyRule.Key.RETENTION_DAYS))


def wants_second(tenant: Tenant) -> bool:
    return policy(tenant.authority_id, PolicyRule.Key.LEAVING_SECOND) > 0


def effects(tenant: Tenant) -> list[Effect]:
    """Everything that follows, of all apps."""
    return [each for contributed in leave_effects for each in contributed(tenant)]


def grouped(found: Iterable[Effect]) -> list[tuple[str, list[str]]]:
    """The sentences by when it happens, in that order."""
    labels = {
        "begin": _("At once"),
        "close": _("When it is closed"),
        "erase": _("When its data is erased"),
        "keep": _("What stays"),
    }  # fmt: skip
    by_time: dict[str, list[str]] = {key: [] for key in labels}
    for each in found:
        by_time[each.when].append(each.sentence)
    return [(label, by_time[key]) for key, label in labels.items() if by_time[key]]
