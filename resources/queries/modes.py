"""Access modes: which an authority offers now, and what they ask."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from resources.models import AccessMode
from resources.models.mode import AccessModeQuerySet
from tenants.models import Authority
from tenants.questions.schema import Questionnaire, Step


def modes_in_force(authority: Authority | int) -> list[AccessMode]:
    """The newest published version of each mode: the authority's own, else the portal's; hidden ones too."""
    authority_id = authority if isinstance(authority, int) else authority.pk
    rows = AccessMode.objects.filter(Q(authority=authority_id) | Q(authority=None), published_at__isnull=False)
    return _newest(rows.order_by("authority_id", "-version"))


def versions_of(authority: Authority) -> AccessModeQuerySet:
    """Every version that the authority made, the newest of each first."""
    return AccessMode.objects.filter(authority=authority).select_related("set_by").order_by("slug", "-version")


def offered_modes(authority: Authority | int) -> list[AccessMode]:
    """Those that may be chosen now, in the order in which they are offered."""
    return [mode for mode in modes_in_force(authority) if mode.offered]


def _newest(rows: Iterable[AccessMode]) -> list[AccessMode]:
    """Of each name the first; the authority's own stand before the portal's, since NULL is sorted last."""
    found: dict[str, AccessMode] = {}
    for row in rows:
        found.setdefault(row.slug, row)
    return sorted(found.values(), key=lambda mode: (mode.position, mode.slug))


def limits_text(mode: AccessMode) -> str:
    """What the mode gives at most and how soon it is decided, in words."""
    parts = []
    if mode.max_gpus:
        parts.append(ngettext("%(n)d GPU", "%(n)d GPUs", mode.max_gpus) % {"n": mode.max_gpus})
    if mode.max_gpu_hours:
        parts.append(_("%(n)s GPU hours") % {"n": f"{mode.max_gpu_hours:,}"})
    if mode.max_months:
        parts.append(ngettext("%(n)d month", "%(n)d months", mode.max_months) % {"n": mode.max_months})
    within = ngettext("decided within %(n)d day", "decided within %(n)d days", mode.service_days)
    most = _("Up to %(limits)s; ") % {"limits": ", ".join(parts)} if parts else ""
    return f"{most}{within % {'n': mode.service_days}}."


def questionnaire_of(mode: AccessMode) -> Questionnaire:
    """What the mode asks, as one step."""
    return Questionnaire((Step("mode", mode.name, mode.about, tuple(mode.asked)),))
