"""Times as people read them: in their own zone, with the zone's name, and with their age."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def age_text(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, or how long until: "12 s ago", "in 3 days"."""
    seconds = int(((now or timezone.now()) - moment).total_seconds())
    size = abs(seconds)
    if size < MINUTE:
        span = _("%(n)d s") % {"n": size}
    elif size < HOUR:
        span = _("%(n)d min") % {"n": size // MINUTE}
    elif size < DAY:
        span = _("%(n)d h") % {"n": size // HOUR}
    else:
        days = size // DAY
        span = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return _("%(span)s ago") % {"span": span} if seconds >= 0 else _("in %(span)s") % {"span": span}


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
    return f"{day.day} {MONTHS_3[day.month].title()} {day.year:04d}"


def when(moment: datetime | date | None) -> SafeString | str:
    """The time as an element that machines can read too, its age in the title."""
    if moment is None:
        return "–"
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _day_text(moment))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), age_text(moment), moment_text(moment)
    )


def dated(moment: datetime) -> SafeString:
    """The time with its age beneath, as lists show it; the age is put into words once."""
    age = age_text(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time><div class="sub">{}</div>',
        moment.isoformat(), age, moment_text(moment), age,
    )  # fmt: skip


def last_day(ends_at: datetime) -> date:
    """The last day of a period whose end is exclusive, in the reader's zone."""
    return timezone.localtime(ends_at - timedelta(microseconds=1)).date()
