"""The columns of the audit record."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from portal.core.notices import targets
from portal.core.trail.formats import is_refusal
from portal.ui.badges import badge
from portal.ui.tables import PortalTable, TextColumn, WhenColumn
from portal.ui.times import moment_text
from tenants import trail_words as words
from tenants.queries.people import names_of
from tenants.queries.tenants import tenant_names


class ActColumn(TextColumn):
    """What was done, as the link to the event; a refusal is marked."""

    css = "wide"

    def render(self, record: Any) -> SafeString:
        mark = badge(gettext_lazy("Refused"), "bad", "ban") if is_refusal(record.act) else ""
        return format_html(
            '<a class="name" href="{}">{}</a> {}',
            reverse("audit-event", args=[record.pk]), words.act_label(record.act), mark,
        )  # fmt: skip

    def value(self, record: Any) -> str:
        return str(record.act)


class TargetColumn(TextColumn):
    """What it was done to, as the link to its page."""

    css = "wide"

    def render(self, record: Any, table: Any) -> SafeString | str:
        name, url = words.target_name(record, table.names), words.target_url(record)
        shown = url and (record.target_type, record.target_public_id) in table.open
        return format_html('<a href="{}">{}</a>', url, name) if shown else name

    def value(self, record: Any, table: Any) -> str:
        return words.target_name(record, table.names)


class ChangeColumn(TextColumn):
    """What the act changed: old and new, fact by fact."""

    css = "wide"
    shown = 3

    def render(self, record: Any, table: Any) -> SafeString | str:
        found = words.changes(record, table.names, moment_text)
        if not found:
            return "–"
        text = "; ".join(map(str, found[: self.shown])) + (" …" if len(found) > self.shown else "")
        return format_html('<span class="sub">{}</span>', text)

    def value(self, record: Any, table: Any) -> str:
        return "; ".join(map(str, words.changes(record, table.names, datetime.isoformat)))


class TrailTable(PortalTable):
    at = WhenColumn(verbose_name=gettext_lazy("When"))
    actor = TextColumn(verbose_name=gettext_lazy("Who"), default=gettext_lazy("The portal"))
    act = ActColumn(verbose_name=gettext_lazy("What"))
    target_name = TargetColumn(verbose_name=gettext_lazy("On what"), empty_values=())
    before = ChangeColumn(verbose_name=gettext_lazy("Before and after"), empty_values=())
    reason = TextColumn(verbose_name=gettext_lazy("Reason"))

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        self.names = words.Names(names_of(words.people_in(data)), tenant_names(words.tenants_in(data)))
        self.events = data
        super().__init__(data, *args, **kwargs)

    @cached_property
    def open(self) -> dict[tuple[str, Any], Any]:
        """What the reader may open; a file of rows has no links and does not ask."""
        return targets(self.events, self.request.user)

    def render_actor(self, value: Any) -> str:
        return str(value)

    def render_reason(self, value: str) -> str:
        return value if len(value) <= 160 else f"{value[:159]}…"  # noqa: PLR2004 - the whole text is on the event's page

    def value_reason(self, value: str) -> str:
        return value
