"""A tenant leaves: what follows is read before it is asked for, begun, agreed to or dropped; and its own archive."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import fetch
from portal.ui.forms import PlainForm
from portal.ui.pages import ActionPage
from tenants.lifecycle_forms import DropForm, LeaveForm
from tenants.models import Departure, Tenant
from tenants.queries.leaving import days_of, effects, grouped, wants_second
from tenants.services.archive import export_tenant
from tenants.services.leaving import ask_to_leave, begin_leaving, confirm_leaving, drop_leaving


class Leaving(ActionPage):
    """A page that says what follows, by when."""

    queryset = Tenant.objects.select_related("authority")
    template_name = "tenants/leaving.html"
    form_class: ClassVar[type[PlainForm]] = LeaveForm
    nav = "tenants"
    danger = True

    @property
    def tenant(self) -> Tenant:
        return self.row if isinstance(self.row, Tenant) else self.row.tenant

    def back(self) -> str:
        return reverse("tenant", args=[self.tenant.public_id])

    def crumbs(self) -> Any:
        return [(self.back(), self.tenant.name)]

    def context(self, form: Any) -> dict[str, Any]:
        closes, erased = days_of(self.tenant)
        return {
            "effects": grouped(effects(self.tenant)), "closes_on": closes, "erase_on": erased,
            "second": wants_second(self.tenant), "lede": self.tenant.name,
        }  # fmt: skip


class BeginLeaving(Leaving):
    verb = "decide"
    title = _("Let the tenant leave")
    button = _("Let it leave")
    done = _("Done. Everybody concerned is told.")

    def act(self, form: Any) -> str:
        begin_leaving(acting_user=self.user, tenant=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class AskToLeave(Leaving):
    verb = "manage_members"
    title = _("Ask to leave")
    button = _("Ask to leave")
    done = _("Asked. An officer of your authority begins it; until then nothing changes.")

    def act(self, form: Any) -> str:
        ask_to_leave(acting_user=self.user, tenant=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class ConfirmLeaving(Leaving):
    queryset = Departure.objects.select_related("tenant__authority", "first")  # type: ignore[assignment]
    verb = "decide"
    form_class = PlainForm
    title = _("Agree that the tenant leaves")
    button = _("Agree")
    done = _("Agreed. The tenant is leaving from now on.")

    def act(self, form: Any) -> str:
        confirm_leaving(acting_user=self.user, departure=self.row)
        return self.back()


class DropLeaving(ActionPage):
    queryset = Departure.objects.select_related("tenant__authority")
    verb = "view"
    form_class = DropForm
    title = _("Do not carry it out")
    consequence = _("The tenant stays as it is. Whoever asked for it is told.")
    button = _("Do not carry it out")
    nav = "tenants"

    def allow(self) -> None:
        if self.row.asked_by_id != self.user.pk:
            fetch(Departure.objects.all(), self.user, "decide", pk=self.row.pk)

    def back(self) -> str:
        return reverse("tenant", args=[self.row.tenant.public_id])

    def act(self, form: Any) -> str:
        drop_leaving(acting_user=self.user, departure=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class ArchiveTenant(ActionPage):
    queryset = Tenant.objects.select_related("authority")
    verb = "manage_members"
    title = _("An archive of your own data")
    consequence = _(
        "Every row of the portal that is your organisation’s, the documents of its application and its own record with the proof, in one ZIP. It is made while you go on, kept for 14 days, and saved with your second factor."
    )
    button = _("Make the archive")
    nav = "tenants"

    def back(self) -> str:
        return reverse("tenant", args=[self.row.public_id])

    def crumbs(self) -> Any:
        return [(self.back(), self.row.name)]

    def act(self, form: Any) -> str:
        work = export_tenant(acting_user=self.user, tenant=self.row)
        return reverse("operation", args=[work.public_id])
