"""What templates say again and again: icons, badges, bars, times, links that keep the query."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.db import models
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.core.lands import country_names
from portal.ui import badges, icons, times
from portal.ui.escaping import escaped
from portal.ui.htmx import said
from portal.ui.row_filters import MOST_OPTIONS

register = template.Library()
register.simple_tag(icons.icon, name="icon")
register.simple_tag(badges.badge, name="badge")
register.filter("when", times.when)
register.filter("last_day", times.last_day)
register.filter("moment", times.moment_text)
register.filter("country_names", country_names)


@register.filter
def breakable(text: str) -> SafeString:
    """A text whose addresses break after their “@” where there is no room, instead of anywhere."""
    return format_html_join(mark_safe("@<wbr>"), "{}", ((part,) for part in str(text).split("@")))


@register.filter
def age(moment: datetime | None) -> str:
    return times.age_text(moment) if moment else ""


@register.filter
def clock(moment: datetime | None) -> str:
    return times.clock_text(moment) if moment else ""


@register.simple_tag
def state(row: models.Model) -> SafeString:
    """The row's state as a badge."""
    return badges.state_badge(row.state, row.get_state_display())  # type: ignore[attr-defined]  # stateful rows


@register.filter
def percent_of(part: float | None, whole: float | None) -> float:
    """``part`` of ``whole`` in percent, one decimal, 0 where there is no whole."""
    return round(100 * (part or 0) / whole, 1) if whole else 0.0


@register.simple_tag
def options(field: BoundField) -> SafeString:
    """A filter's choices as check boxes, at most a hundred; what is chosen beyond them stays chosen.

    Built here at once: a widget template for each would cost a list half of its time.
    """
    chosen = [str(value) for value in field.value() or ()]
    shown = _choices(field.field)
    name, key = escaped(field.html_name), escaped(field.auto_id)
    boxes = "".join(
        _box(f"{key}_{n}", name, value, label, checked=value in chosen)
        for n, (value, label) in enumerate(shown[:MOST_OPTIONS])
    )
    known = {value for value, _label in shown[:MOST_OPTIONS]}
    kept = ((field.html_name, value) for value in chosen if value not in known)
    more = _("Only the first %(n)d are listed. Search by name for the others.") % {"n": MOST_OPTIONS}
    return format_html(
        "{}{}{}",
        mark_safe(boxes),  # noqa: S308  # escaped box by box
        format_html_join("", '<input type="hidden" name="{}" value="{}">', kept),
        format_html('<p class="hint">{}</p>', more) if len(shown) > MOST_OPTIONS else "",
    )


def _box(key: str, name: str, value: str, label: str, *, checked: bool) -> str:
    return (
        f'<label for="{key}"><input type="checkbox" id="{key}" name="{name}" value="{escaped(value)}"'
        f"{' checked' if checked else ''}>{escaped(label)}</label>"
    )


def _choices(field: Any) -> list[tuple[str, str]]:
    """Value and label of each choice; of rows only as many as are listed, and one more to know that there are more."""
    if offered := getattr(field, "offered", None):
        return list(offered())
    rows = getattr(field, "queryset", None)
    if rows is None:
        return [(str(value), str(label)) for value, label in field.choices]
    return [(str(field.prepare_value(row)), field.label_from_instance(row)) for row in rows[: MOST_OPTIONS + 1]]


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.simple_tag
def bar(label: str, *parts: Any, size: str = "", mark: float | None = None) -> SafeString:
    """A bar as SVG. ``parts`` alternate class and end in percent, the longest first; ``class@start`` begins later.

    Percentages are formatted here, with a point: a localised comma would break the attribute.
    """
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    drawn = []
    for name, value in pairs:
        kind, _, start = str(name).partition("@")
        drawn.append((kind, f"{_clip(float(start or 0)):.2f}", f"{_clip(float(value)):.2f}"))
    rects = format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="100%"/>', drawn)
    line = (
        format_html('<rect class="mark" x="{}%" width="3" height="100%"/>', f"{_clip(float(mark)) - 0.3:.2f}")
        if mark is not None
        else ""
    )
    return format_html(
        '<svg class="bar{}" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/>{}{}</svg>',
        f" bar-{size}" if size else "",
        label,
        rects,
        line,
    )


def _clip(percent: float) -> float:
    return min(100.0, max(0.0, percent))


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: Any) -> str:
    """The page's query string with ``changes`` put in; None takes a key out, and so does leaving the page's cut."""
    query = said(context["request"])
    query.pop("at", None)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """The day of a moment in the reader's zone, without its time."""
    return times.when(timezone.localtime(value).date() if isinstance(value, datetime) else value)


@register.filter
def label_head(label: object) -> str:
    """The first line of a choice's label, written "Head|what it means"."""
    return str(label).partition("|")[0]


@register.filter
def label_tail(label: object) -> str:
    return str(label).partition("|")[2]
