"""Times as people read them: in their own zone, with the zone's name, and with their age."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.ui.escaping import escaped

MINUTE, HOUR, DAY = 60, 3600, 86400


def age_text(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, or how long until: "12 s ago", "in 3 days"."""
    seconds = int(((now or timezone.now()) - moment).total_seconds())
    size = abs(seconds)
    unit = next((unit for unit in (DAY, HOUR, MINUTE) if size >= unit), 1)
    return _age(size // unit, unit, get_language(), past=seconds >= 0)


@lru_cache(maxsize=4096)
def _age(n: int, unit: int, _language: str | None, *, past: bool) -> str:
    """Kept: a list says the same few ages again and again."""
    if unit == DAY:
        span = ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
    else:
        words = {1: _("%(n)d s"), MINUTE: _("%(n)d min"), HOUR: _("%(n)d h")}
        span = words[unit] % {"n": n}
    return _("%(span)s ago") % {"span": span} if past else _("in %(span)s") % {"span": span}


def moment_text(moment: datetime) -> str:
    """Date, time and zone: "23 Nov 2026, 08:12 CET"."""
    local = timezone.localtime(moment)
    return f"{_day_text(local)}, {local:%H:%M} {local.tzname()}"


def clock_text(moment: datetime, now: datetime | None = None) -> str:
    """The time of day with its zone, "08:12 CET"; with the date where it is more than half a day away."""
    if abs((now or timezone.now()) - moment) > timedelta(hours=12):
        return moment_text(moment)
    local = timezone.localtime(moment)
    return f"{local:%H:%M} {local.tzname()}"


def _day_text(day: date) -> str:
    """As the format "j M Y" writes it, without working that format out again for each cell of a list."""
    return f"{day.day} {_month(day.month, get_language())} {day.year:04d}"


@lru_cache(maxsize=512)
def _month(number: int, _language: str | None) -> str:
    return str(MONTHS_3[number]).title()


def when(moment: datetime | date | None) -> SafeString | str:
    """The time as an element that machines can read too, its age in the title."""
    if moment is None:
        return "–"
    if not isinstance(moment, datetime):
        return _day(moment, get_language())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), age_text(moment), moment_text(moment)
    )


@lru_cache(maxsize=4096)
def _day(day: date, _language: str | None) -> SafeString:
    """Kept: a list shows the same few days again and again."""
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), _day_text(day))


def dated(moment: datetime) -> SafeString:
    """The time with its age beneath, as lists show it; the age is put into words once."""
    age, text = escaped(age_text(moment)), escaped(moment_text(moment))
    return mark_safe(  # noqa: S308  # both escaped above
        f'<time datetime="{moment.isoformat()}" title="{age}">{text}</time><div class="sub">{age}</div>'
    )


def last_day(ends_at: datetime) -> date:
    """The last day of a period whose end is exclusive, in the reader's zone."""
    return timezone.localtime(ends_at - timedelta(microseconds=1)).date()
