"""Access modes: which an authority offers now, and what they ask."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from resources.models import AccessMode
from tenants.models import Authority
from tenants.questions.schema import Questionnaire, Step


def modes_in_force(authority: Authority | int) -> list[AccessMode]:
    """The newest published version of each mode: the authority's own, else the portal's; hidden ones too."""
    authority_id = authority if isinstance(authority, int) else authority.pk
    rows = AccessMode.objects.filter(Q(authority=authority_id) | Q(authority=None), published_at__isnull=False)
    return _newest(rows.order_by("authority_id", "-version"))


def offered_modes(authority: Authority | int) -> list[AccessMode]:
    """Those that may be chosen now, in the order in which they are offered."""
    return [mode for mode in modes_in_force(authority) if mode.offered]


def _newest(rows: Iterable[AccessMode]) -> list[AccessMode]:
    """Of each name the first; the authority's own stand before the portal's, since NULL is sorted last."""
    found: dict[str, AccessMode] = {}
    for row in rows:
        found.setdefault(row.slug, row)
    return sorted(found.values(), key=lambda mode: (mode.position, mode.slug))


def questionnaire_of(mode: AccessMode) -> Questionnaire:
    """What the mode asks, as one step."""
    return Questionnaire((Step("mode", mode.name, mode.about, tuple(mode.asked)),))
