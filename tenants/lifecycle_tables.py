"""The lists of what comes after an admission."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.badges import badge, state_badge
from portal.ui.labels import label
from portal.ui.lists import Filters
from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn
from portal.ui.times import when
from tenants.models import Invitation, OrganisationKind, Recertification


class RecertificationFilters(Filters):
    search_fields = ("tenant__name", "tenant__legal_id")
    kind = django_filters.MultipleChoiceFilter(
        field_name="tenant__kind", label=gettext_lazy("Kind"), widget=forms.CheckboxSelectMultiple,
        choices=OrganisationKind.choices,
    )  # fmt: skip


class RecertificationTable(PortalTable):
    tenant = NameColumn(
        verbose_name=gettext_lazy("Tenant"), url=lambda row: reverse("recertification", args=[row.public_id]),
        sub=lambda row: label(row.tenant, "kind"),
    )  # fmt: skip
    state = StateColumn(verbose_name=gettext_lazy("Status"))
    due_on = TextColumn(verbose_name=gettext_lazy("Due"), css="nowrap")
    authority = TextColumn(verbose_name=gettext_lazy("Authority"), css="hide-s")
    answered_at = WhenColumn(verbose_name=gettext_lazy("Answered"), css="hide-s", default="–")

    def render_due_on(self, record: Recertification) -> SafeString | str:
        if not record.is_overdue:
            return when(record.due_on)
        told = _("Escalated") if record.escalated_at else ""
        late = badge(_("Past its day"), "bad", "clock")
        return format_html('{} {}<div class="sub">{}</div>', when(record.due_on), late, told)

    def value_due_on(self, record: Recertification) -> str:
        return record.due_on.isoformat()


class InvitationFilters(Filters):
    search_fields = ("user__full_name", "user__email")


class InvitationTable(PortalTable):
    user = TextColumn(verbose_name=gettext_lazy("Person"), css="wide fw")
    role = TextColumn(verbose_name=gettext_lazy("Role"), accessor="membership__get_role_display")
    now = TextColumn(verbose_name=gettext_lazy("Status"))
    sent_at = WhenColumn(verbose_name=gettext_lazy("Sent"))
    expires_at = WhenColumn(verbose_name=gettext_lazy("Link works until"), css="hide-s")
    times = TextColumn(verbose_name=gettext_lazy("Times"), css="hide-s")
    acts = TextColumn(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def render_user(self, record: Invitation) -> SafeString:
        return format_html('{}<div class="sub">{}</div>', record.user.get_full_name(), record.user.email)

    def value_user(self, record: Invitation) -> str:
        return record.user.email

    def render_now(self, record: Invitation) -> SafeString:
        return state_badge(record.now, record.now_label)

    def value_now(self, record: Invitation) -> str:
        return record.now

    def render_acts(self, record: Invitation, table: Any) -> SafeString | str:
        over = record.now in {Invitation.State.REVOKED, Invitation.State.ACCEPTED}
        if over or not getattr(table.request, "gives_roles", False):
            return "–"
        links = format_html_join(
            " ", '<a class="btn btn-s" href="{}">{}<span class="vh"> {}</span></a>',
            (
                (reverse(name, args=[record.public_id]), label, record.user)
                for name, label in (("invitation-resend", _("Send again")), ("invitation-revoke", _("Take back")))
            ),
        )  # fmt: skip
        return format_html('<div class="flow">{}</div>', links)
