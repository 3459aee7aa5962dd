"""The columns of this app's lists."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.badges import badge
from portal.ui.labels import label
from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn, to
from portal.ui.times import age_text, dated, last_day, when
from tenants.models import OnboardingCase
from tenants.queries.cases import is_late
from tenants.queries.limits import limit_names
from tenants.services.memberships import office_keeping


class DueColumn(TextColumn):
    """By when it is to be decided; paused while the applicant is asked, late when the day has passed."""

    css = "nowrap"

    def render(self, record: OnboardingCase) -> SafeString | str:
        if record.state == OnboardingCase.State.INFO_REQUESTED:
            return format_html('<span class="muted">{}</span>', _("Paused"))
        if record.decided_at or record.due_at is None or record.state in {"withdrawn", "lapsed"}:
            return "–"
        if is_late(record):
            late = badge(_("%(age)s, late") % {"age": age_text(record.due_at)}, "bad", "clock")
            return format_html('{}<div class="sub">{}</div>', late, _("Escalated")) if record.escalated_at else late
        return dated(record.due_at)

    def value(self, value: Any) -> str:
        return str(value.isoformat()) if value else ""


class CaseTable(PortalTable):
    organisation = NameColumn(
        verbose_name=gettext_lazy("Organisation"), url=to("case"),
        sub=lambda row: f"{row.reference}, {label(row, 'kind')}, {row.country.name}",
    )  # fmt: skip
    state = StateColumn(verbose_name=gettext_lazy("Status"))
    authority = TextColumn(verbose_name=gettext_lazy("Authority"), css="hide-s")
    submitted_at = WhenColumn(verbose_name=gettext_lazy("Sent"), css="hide-s")
    due_at = DueColumn(verbose_name=gettext_lazy("Due"), empty_values=())
    officer = TextColumn(verbose_name=gettext_lazy("Officer"), default=gettext_lazy("Nobody"))


class TenantTable(PortalTable):
    name = NameColumn(
        verbose_name=gettext_lazy("Tenant"), url=to("tenant"),
        sub=lambda row: f"{label(row, 'kind')}, {row.country.name}",
    )  # fmt: skip
    state = StateColumn(verbose_name=gettext_lazy("Status"))
    authority = TextColumn(verbose_name=gettext_lazy("Authority"), css="hide-s")
    data_class = TextColumn(verbose_name=gettext_lazy("Data class"))
    created_at = WhenColumn(verbose_name=gettext_lazy("Admitted"), css="hide-s")


class ProjectTable(PortalTable):
    name = NameColumn(verbose_name=gettext_lazy("Project"), url=to("project"), sub=lambda row: row.tenant.name)
    stage = TextColumn(verbose_name=gettext_lazy("Stage"))
    data_class = TextColumn(verbose_name=gettext_lazy("Data class"))
    ends_on = TextColumn(verbose_name=gettext_lazy("Ends on"), css="nowrap")
    created_at = WhenColumn(verbose_name=gettext_lazy("Opened"), css="hide-s")

    def render_ends_on(self, value: Any) -> Any:
        return when(value)

    def render_stage(self, record: Any) -> Any:
        return badge(_("Ended"), "", "lock") if record.ended_at else label(record, "stage")


class RoleActsColumn(tables.Column):  # type: ignore[misc]  # django-tables2 is untyped
    """What the reader may do with a role that has not ended: change, end, or name who stands in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_values=(), exclude_from_export=True, **kwargs)

    def render(self, record: Any, table: Any) -> SafeString | str:
        if record.valid_until is not None and record.valid_until <= timezone.now():
            return badge(_("Ended"))
        request = table.request
        links = format_html_join(
            " ", '<a class="btn btn-s" href="{}">{}<span class="vh"> {}, {}</span></a>',
            (
                (reverse(name, args=[record.public_id]), text, record.user, label(record, "role"))
                for name, text in role_acts(record, request.user, gives=getattr(request, "gives_roles", False))
            ),
        )  # fmt: skip
        return format_html('<div class="flow">{}</div>', links) if links else "–"


def role_acts(record: Any, user: Any, *, gives: bool) -> list[tuple[str, str]]:
    """(name of the page, label) of what ``user`` may do with the role; ``gives``: whether they give roles there."""
    office = office_keeping(record)
    origin = getattr(record, "delegated_from", None)
    acts = []
    if gives and origin is None and record.user_id != user.pk:
        acts.append((office.pages["change"], _("Change")))
    if record.user_id == user.pk and origin is None and record.role in office.delegable:
        acts.append((office.pages["delegate"], _("Delegate")))
    if record.user_id == user.pk:
        acts.append((office.pages["end"], _("Give up the role")))
    elif gives or (origin is not None and origin.user_id == user.pk):
        acts.append((office.pages["end"], _("End the role")))
    return acts


class RoleColumn(TextColumn):
    """The role; beneath it the limit, and for whom it is held."""

    def render(self, record: Any) -> SafeString:
        more = []
        if getattr(record, "gpu_limit", None):
            more.append(_("up to %(n)d GPUs per decision") % {"n": record.gpu_limit})
        if clusters := getattr(record, "only_clusters", None):
            more.append(_("only on %(clusters)s") % {"clusters": limit_names(clusters)})
        if getattr(record, "delegated_from", None):
            more.append(_("stands in for %(person)s") % {"person": record.delegated_from.user})
        below = format_html('<div class="sub">{}</div>', ", ".join(more)) if more else ""
        return format_html("{}{}", label(record, "role"), below)

    def value(self, record: Any) -> str:
        return str(record.role)


class UntilColumn(WhenColumn):
    """The last day of a role, in the reader's zone."""

    def render(self, value: Any) -> SafeString:
        return format_html('{}<div class="sub">{}</div>', when(last_day(value)), age_text(value))


class RoleTable(PortalTable):
    user = TextColumn(verbose_name=gettext_lazy("Person"), css="wide fw")
    role = RoleColumn(verbose_name=gettext_lazy("Role"))
    valid_from = WhenColumn(verbose_name=gettext_lazy("Since"), css="hide-s")
    valid_until = UntilColumn(verbose_name=gettext_lazy("Until"), default=gettext_lazy("No end"))
    given_by = TextColumn(verbose_name=gettext_lazy("Given by"), css="hide-s", default=gettext_lazy("The portal"))
    acts = RoleActsColumn(verbose_name=gettext_lazy("Change"))

    def render_user(self, record: Any) -> SafeString:
        return format_html('{}<div class="sub">{}</div>', record.user.get_full_name(), record.user.email)

    def value_user(self, record: Any) -> str:
        return str(record.user.email)


class StaffTable(RoleTable):
    authority = TextColumn(verbose_name=gettext_lazy("Authority"))

    class Meta:
        sequence = ("user", "role", "authority", "valid_from", "valid_until", "given_by", "acts")

    def before_render(self, request: Any) -> None:
        request.gives_roles = request.user.is_platform_admin


class TokenTable(PortalTable):
    name = TextColumn(verbose_name=gettext_lazy("Token"), css="wide fw")
    state = StateColumn(verbose_name=gettext_lazy("Status"), empty_values=())
    place = TextColumn(verbose_name=gettext_lazy("Valid for"))
    scopes = TextColumn(verbose_name=gettext_lazy("May"))
    expires_at = UntilColumn(verbose_name=gettext_lazy("Until"))
    last_used_at = WhenColumn(verbose_name=gettext_lazy("Last used"), default=gettext_lazy("Never"))
    acts = TextColumn(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def render_name(self, record: Any) -> SafeString:
        networks = _("only from %(networks)s") % {"networks": ", ".join(record.networks)} if record.networks else ""
        below = ", ".join(part for part in (record.user.get_full_name(), networks) if part)
        return format_html('{}<div class="sub">{}</div>', record.name, below)

    def value_name(self, record: Any) -> str:
        return str(record.name)

    def render_scopes(self, record: Any) -> str:
        return ", ".join(record.scopes)

    def render_last_used_at(self, record: Any) -> SafeString:
        return format_html('{}<div class="sub">{}</div>', when(record.last_used_at), record.last_used_from or "")

    def value_last_used_at(self, value: Any) -> str:
        return str(value.isoformat()) if value else ""

    def render_acts(self, record: Any) -> SafeString | str:
        if record.state != "active":
            return "–"
        return format_html(
            '<a class="btn btn-s" href="{}">{}<span class="vh"> {}</span></a>',
            reverse("token-revoke", args=[record.public_id]), _("Revoke"), record.name,
        )  # fmt: skip


class AuthorityTable(PortalTable):
    name = NameColumn(
        verbose_name=gettext_lazy("Authority"), url=to("authority"),
        sub=lambda row: f"{row.country.name}{', ' if row.region else ''}{row.region}",
    )  # fmt: skip
    contact_email = TextColumn(verbose_name=gettext_lazy("Contact address"))
    time_zone = TextColumn(verbose_name=gettext_lazy("Time zone"), css="hide-s")
    created_at = WhenColumn(verbose_name=gettext_lazy("Registered"), css="hide-s")
