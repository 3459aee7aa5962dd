"""The list of webhooks."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn


class WebhookTable(PortalTable):
    name = NameColumn(
        verbose_name=gettext_lazy("Webhook"), url=lambda row: reverse("webhook", args=[row.public_id]),
        sub=lambda row: row.url,
    )  # fmt: skip
    state = StateColumn(verbose_name=gettext_lazy("Status"), empty_values=())
    place = TextColumn(verbose_name=gettext_lazy("Of"))
    delivered_at = WhenColumn(verbose_name=gettext_lazy("Last arrived"), default=gettext_lazy("Never"))

    def value_delivered_at(self, value: Any) -> str:
        return str(value.isoformat()) if value else ""
