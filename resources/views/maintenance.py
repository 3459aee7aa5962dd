"""Maintenance windows: the list, one with whom it affects, announcing, changing, ending and cancelling."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may
from portal.core.errors import Forbidden, PortalError, Refused
from portal.ui.forms import PlainForm, put_error
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage, Page, Text
from resources.forms.maintenance import CancelForm, WindowForm, initial_of
from resources.maintenance_tables import MaintenanceFilters, MaintenanceTable
from resources.models import Cluster, MaintenanceWindow
from resources.queries.maintenance import WITH_NAMES, consequences, tile_of_maintenance
from resources.services import maintenance as service
from tenants.models import Tenant

State = MaintenanceWindow.State


class MaintenanceList(ListPage):
    keeps_views = "maintenance"
    queryset = MaintenanceWindow.objects.select_related(*WITH_NAMES)
    table_class = MaintenanceTable
    filterset_class = MaintenanceFilters
    nav = "maintenance"
    title = gettext_lazy("Maintenance")
    lede = gettext_lazy("When GPUs are out, how many, and what it means for promises")
    noun = gettext_lazy("windows")
    search_hint = gettext_lazy("Cluster, GPU kind, reason")
    tabs = (
        Tab(
            "ahead", gettext_lazy("Running and to come"),
            lambda rows, _user: rows.filter(state__in=MaintenanceWindow.OPEN),
        ),
        Tab("over", gettext_lazy("Over"), lambda rows, _user: rows.filter(state=State.DONE)),
        Tab("cancelled", gettext_lazy("Cancelled"), lambda rows, _user: rows.filter(state=State.CANCELLED)),
        Tab("all", gettext_lazy("All")),
    )  # fmt: skip
    sorts: ClassVar[dict[str, Sort]] = {
        "next": Sort("starts_at"), "newest": Sort("created_at", descending=True),
    }  # fmt: skip
    sort_labels: ClassVar[dict[str, Text]] = {
        "next": gettext_lazy("Next first"), "newest": gettext_lazy("Newest first"),
    }  # fmt: skip
    create: ClassVar[tuple[str, Text] | None] = ("maintenance-new", gettext_lazy("Announce maintenance"))
    empty = Empty(
        gettext_lazy("No maintenance is announced"),
        gettext_lazy("What the operator of a cluster announces stands here, and stays after its end."),
        icon="settings",
        url="maintenance-new",
        action=gettext_lazy("Announce maintenance"),
    )

    def may_create(self) -> bool:
        return Cluster.objects.visible_to(self.user, "edit").exists()


class MaintenanceDetail(DetailPage):
    queryset = MaintenanceWindow.objects.select_related(*WITH_NAMES)
    template_name = "resources/maintenance.html"
    nav = "maintenance"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("maintenance"), gettext_lazy("Maintenance"))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": _("Maintenance of %(what)s") % {"what": self.row}}

    def context(self, row: Any) -> dict[str, Any]:
        edits = may(self.user, "edit", row)
        return {
            "seen": consequences(row, self.user), "may_change": edits and row.is_open,
            "may_cancel": edits and row.state == State.ANNOUNCED, "may_end": edits and row.state == State.RUNNING,
            "whole": edits or Cluster.objects.visible_to(self.user, "watch").filter(pk=row.cluster_id).exists(),
        }  # fmt: skip


class MaintenanceMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(MaintenanceWindow.objects.all(), self.user, public_id=public_id)
        return HttpResponse(status=204) if request.GET.get("seen") == row.face else HttpResponseClientRefresh()


class WindowPage(FormPage):
    """Two steps: what is announced, then the same with what follows from it; only what was looked at is announced."""

    form_class = WindowForm
    template_name = "resources/maintenance_form.html"
    nav = "maintenance"
    button = gettext_lazy("See what follows")
    last: ClassVar[Text] = gettext_lazy("Announce it")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("maintenance"), gettext_lazy("Maintenance"))]

    def act(self, form: Any) -> str | HttpResponse:
        if not form.was_seen:
            return self.weighed(form)
        return reverse("maintenance-window", args=[self.write(form.facts()).public_id])

    def write(self, facts: dict[str, Any]) -> MaintenanceWindow:
        raise NotImplementedError

    def weighed(self, form: Any) -> HttpResponse:
        """The form again, with what would follow; what stands against it is said now already."""
        window = form.window()
        try:
            service.weigh(window)
        except PortalError as error:
            if isinstance(error, Forbidden):
                raise
            put_error(form, error)
            return self.show(form, status=error.status)
        return self.show_seen(form, window)

    def show_seen(self, form: Any, window: MaintenanceWindow) -> HttpResponse:
        self.seen = {"seen": consequences(window, self.user), "digest": form.digest(), "window": window}
        return self.show(form)

    def context(self, form: Any) -> dict[str, Any]:
        found = getattr(self, "seen", {})
        return {**found, **({"button": self.last} if found else {})}


class MaintenanceNew(WindowPage):
    title = gettext_lazy("Announce maintenance")
    lede = gettext_lazy("Whoever holds GPUs meanwhile, and the approvers who promise them, are told once.")
    done = gettext_lazy("Announced. Those affected were told.")

    def allow(self) -> None:
        if Cluster.objects.visible_to(self.user, "edit").exists():
            return
        if self.user.is_platform_admin:
            raise Refused(_("Maintenance is of a cluster, and there is none yet. Add the cluster first."))
        raise Forbidden

    def write(self, facts: dict[str, Any]) -> MaintenanceWindow:
        return service.announce_maintenance(acting_user=self.user, **facts)


class MaintenanceChange(WindowPage):
    queryset = MaintenanceWindow.objects.select_related(*WITH_NAMES)
    title = gettext_lazy("Change the maintenance")
    lede = gettext_lazy("Who was told, and whoever it concerns now, is told of the change.")
    last = gettext_lazy("Change it")
    done = gettext_lazy("Changed. Those affected were told.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [*super().crumbs(), (reverse("maintenance-window", args=[self.row.public_id]), str(self.row))]

    def allow(self) -> None:
        if not self.row.is_open:
            raise Refused(_("This maintenance is over. Announce another one instead."))

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def write(self, facts: dict[str, Any]) -> MaintenanceWindow:
        return service.change_maintenance(acting_user=self.user, window=self.row, **facts)


class OnWindow(ActionPage):
    queryset = MaintenanceWindow.objects.select_related(*WITH_NAMES)
    verb = "edit"
    nav = "maintenance"

    def back(self) -> str:
        return reverse("maintenance-window", args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("maintenance"), gettext_lazy("Maintenance")), (self.back(), str(self.row))]


class MaintenanceCancel(OnWindow):
    form_class = CancelForm
    title = gettext_lazy("Cancel the maintenance")
    consequence = gettext_lazy(
        "It does not take place, and its GPUs can be promised again. Who was told of it is told."
    )
    button = gettext_lazy("Cancel the maintenance")
    done = gettext_lazy("Cancelled. Those affected were told.")
    danger = True

    def act(self, form: Any) -> str:
        service.cancel_maintenance(acting_user=self.user, window=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class MaintenanceEnd(OnWindow):
    form_class = PlainForm
    title = gettext_lazy("End the maintenance now")
    consequence = gettext_lazy("Its GPUs are back from now on. Who was told of it is told.")
    button = gettext_lazy("End it now")
    done = gettext_lazy("Ended. Those affected were told.")

    def act(self, form: Any) -> str:
        service.end_maintenance(acting_user=self.user, window=self.row)
        return self.back()


class TenantMaintenance(DetailPage):
    """The part of the tenant's home that says when its GPUs are out."""

    queryset = Tenant.objects.all()
    template_name = "resources/_tenant_maintenance.html"

    def context(self, row: Any) -> dict[str, Any]:
        return {"tile": tile_of_maintenance(row, self.user), "tenant": row}
