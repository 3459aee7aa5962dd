"""What an authority gives tenants of each kind when they are admitted."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from tenants.models import Authority, KindDefaults, OrganisationKind


def defaults_in_force(authority: Authority) -> dict[str, KindDefaults]:
    """Kind → the newest version; kinds that the authority never set have the portal's own, which are not saved."""
    rows = KindDefaults.objects.filter(authority=authority).order_by("kind", "-version").distinct("kind")
    found = {row.kind: row for row in rows.select_related("set_by")}
    return {
        kind: found.get(kind) or KindDefaults(authority=authority, kind=kind, version=0)
        for kind in OrganisationKind.values
    }  # fmt: skip


def defaults_of(authority: Authority, kind: str) -> KindDefaults:
    row = KindDefaults.objects.filter(authority=authority, kind=kind).order_by("-version").first()
    return row or KindDefaults(authority=authority, kind=kind, version=0)


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def next_look(authority: Authority, kind: str, since: date | None = None) -> date:
    """When the facts of a tenant of this kind are to be looked at again."""
    return months_later(since or timezone.localdate(), defaults_of(authority, kind).recertify_months)
