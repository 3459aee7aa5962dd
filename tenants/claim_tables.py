"""The list of mappings from claims to roles."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.badges import badge
from portal.ui.tables import PortalTable, TextColumn, WhenColumn


class EndColumn(tables.Column):  # type: ignore[misc]  # django-tables2 is untyped
    """The way to end a mapping that is in force."""

    page = "claim-end"

    def render(self, record: Any) -> SafeString | str:
        if record.ended_at is not None:
            return badge(_("Ended"))
        url = reverse(self.page, args=[record.public_id])
        return format_html(
            '<a class="btn btn-s" href="{}">{}<span class="vh"> {}</span></a>', url, _("End the mapping"), record
        )


class ClaimTable(PortalTable):
    claim = TextColumn(verbose_name=gettext_lazy("Claim"), css="wide fw")
    provider = TextColumn(verbose_name=gettext_lazy("Identity provider"), css="hide-s")
    anchor_name = TextColumn(verbose_name=gettext_lazy("Where"))
    role = TextColumn(verbose_name=gettext_lazy("Role"))
    made_by = TextColumn(verbose_name=gettext_lazy("Made by"), css="hide-s")
    created_at = WhenColumn(verbose_name=gettext_lazy("Since"), css="hide-s")
    end = EndColumn(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def before_render(self, request: Any) -> None:
        if not request.user.is_platform_admin:
            self.columns.hide("end")

    def render_role(self, record: Any) -> str:
        return str(record.role_name)

    def render_claim(self, record: Any) -> str:
        return f"{record.claim} = {record.value}"

    def value_claim(self, record: Any) -> str:
        return f"{record.claim} = {record.value}"


class EndOfTenants(EndColumn):
    page = "tenant-claim-end"


class TenantClaimTable(ClaimTable):
    anchor_name = None  # type: ignore[assignment]  # takes the column away
    end = EndOfTenants(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def before_render(self, request: Any) -> None:
        if not request.gives_roles:
            self.columns.hide("end")
