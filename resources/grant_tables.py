"""Columns of the lists of grants and of idle findings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.escaping import over
from portal.ui.tables import NameColumn, NumberColumn, PortalTable, StateColumn, TextColumn, WhenColumn, to
from portal.ui.times import age_text, last_day, when
from resources.models import Grant


class GrantTable(PortalTable):
    pool = NameColumn(
        url=to("grant"),
        sub=lambda row: f"{row.pool.cluster}, {row.environment.project}",
        verbose_name=_("Grant"),
    )
    tenant = TextColumn(verbose_name=_("Tenant"))
    amount = NumberColumn(verbose_name=_("GPUs"))
    state = StateColumn(verbose_name=_("State"))
    starts_at = TextColumn(verbose_name=_("From"), css="nowrap hide-s")
    ends_at = TextColumn(verbose_name=_("Until"), css="nowrap")
    grace_until = TextColumn(visible=False, verbose_name=_("Grace until"))
    budget_hours = NumberColumn(verbose_name=_("GPU-hours"), css="hide-s", default="–")
    share = TextColumn(accessor="share__authority", verbose_name=_("Paid by"), css="hide-s")
    place = TextColumn(accessor="environment__external_name", visible=False, verbose_name=_("Name on the cluster"))

    def render_pool(self, record: Grant, column: NameColumn) -> SafeString:
        return column.render(f"{record.amount} {record.pool.kind}", record)

    def value_pool(self, record: Grant) -> str:
        return str(record.pool)

    def render_starts_at(self, value: Any) -> SafeString | str:
        return when(timezone.localtime(value).date())

    def value_starts_at(self, value: Any) -> str:
        return str(value.isoformat())

    def render_ends_at(self, value: Any, record: Grant) -> SafeString:
        said = age_text(value) if record.counts else ""
        return over(when(last_day(value)), said)

    def value_ends_at(self, value: Any) -> str:
        return str(value.isoformat())

    def value_grace_until(self, value: Any) -> str:
        return value.isoformat() if value else ""


class IdleTable(PortalTable):
    tenant = NameColumn(
        url=to("idle-finding"),
        sub=lambda row: f"{row.grant.pool}, {row.grant.environment.project}",
        verbose_name=_("Tenant"),
    )
    gpus = NumberColumn(verbose_name=_("Idle GPUs"))
    of = NumberColumn(accessor="grant__amount", verbose_name=_("Granted"))
    state = StateColumn(verbose_name=_("State"))
    notices = NumberColumn(verbose_name=_("Notices"), css="hide-s")
    until = WhenColumn(verbose_name=_("Measured until"), css="hide-s")
    created_at = WhenColumn(verbose_name=_("Found"), css="hide-s")
    given_back = NumberColumn(verbose_name=_("Given back"), css="hide-s")
    saved_hours = NumberColumn(verbose_name=_("GPU-hours saved"), css="hide-s")
