"""Tenants: the list, the one page of a tenant for all who may see it, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may, powers
from portal.core.registry import suspend_effects, tenant_tiles
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage
from tenants.filters import TenantFilters
from tenants.forms import ReasonForm
from tenants.models import Membership, Project, Tenant
from tenants.queries.admitted import tile as tile_of_admission
from tenants.queries.leaving import departure_of
from tenants.queries.people import members_of, stands_in
from tenants.queries.recertification import open_of
from tenants.queries.tenants import why_suspended
from tenants.services.tenants import reactivate_tenant, suspend_tenant
from tenants.tables import TenantTable

SHOWN = 50


class Tenants(ListPage):
    keeps_views = "tenants"
    queryset = Tenant.objects.select_related("authority")
    table_class = TenantTable
    filterset_class = TenantFilters
    title = _("Tenants")
    lede = _("Organisations that an authority has admitted")
    nav = "tenants"
    noun = _("tenants")
    search_hint = _("Name, register number, contact")
    tabs = (
        Tab("active", _("Active"), lambda rows, _user: rows.filter(state=Tenant.State.ACTIVE)),
        Tab("suspended", _("Suspended"), lambda rows, _user: rows.filter(state=Tenant.State.SUSPENDED)),
        Tab("leaving", _("Leaving"), lambda rows, _user: rows.filter(state=Tenant.State.OFFBOARDING)),
        Tab("all", _("All")),
    )
    sorts = {"newest": Sort("created_at", descending=True), "name": Sort("name")}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"newest": _("Newest first"), "name": _("By name")}  # noqa: RUF012 - declared a ClassVar
    empty = Empty(
        _("No tenants here"), _("A tenant appears when an application is approved."), icon="building-community"
    )

    def page_context(self) -> dict[str, Any]:
        brings = "decide_onboarding" in powers(self.user)
        return {**super().page_context(), "actions": [(reverse("imports"), _("Imports"), "table")] if brings else []}


class TenantHome(DetailPage):
    """One page for its members, its authority and whoever else may see it; each sees what is theirs."""

    queryset = Tenants.queryset
    template_name = "tenants/tenant.html"
    nav = "tenants"

    def crumbs(self) -> Any:
        return [(reverse("tenants"), _("Tenants"))] if not stands_in(self.user, self.row) else []

    def context(self, row: Tenant) -> dict[str, Any]:
        decides = may(self.user, "decide", row)
        return {
            "title": row.name,
            "decides": decides,
            "stopped": why_suspended(row),
            "may_manage": may(self.user, "manage_members", row),
            "may_open": may(self.user, "manage_projects", row),
            "may_audit": may(self.user, "audit", row),
            "tiles": [(tile.template_name, tile.context(row, self.user)) for tile in tenant_tiles],
            "members": members_of(row).visible_to(self.user)[:SHOWN],
            "projects": Project.objects.visible_to(self.user).filter(tenant=row).order_by("name", "pk")[:SHOWN],
            "leaving": departure_of(row),
            "look": open_of(row),
            "own": Membership.objects.visible_to(self.user, "end").filter(tenant=row, user=self.user),
        }


class TenantAdmission(DetailPage):
    """The part of the tenant's home that says what its admission left with it."""

    queryset = Tenant.objects.all()
    template_name = "tenants/_tenant_admission.html"

    def context(self, row: Tenant) -> dict[str, Any]:
        return {"tile": tile_of_admission(row, self.user), "tenant": row}


class OnTenant(ActionPage):
    """An officer's act on a tenant, with its reason and what follows from it."""

    queryset = Tenants.queryset
    verb = "decide"
    form_class = ReasonForm
    template_name = "tenants/effects.html"
    nav = "tenants"

    def back(self) -> str:
        return reverse("tenant", args=[self.row.public_id])

    def crumbs(self) -> Any:
        return [(self.back(), self.row.name)]


class SuspendTenant(OnTenant):
    title = _("Suspend the tenant")
    consequence = _(
        "Nothing new of it can start, and it cannot ask for more; jobs that run now may end by themselves. Its people, projects and grants stay as they are."
    )
    button = _("Suspend the tenant")
    danger = True
    done = _("Suspended. The tenant reads your reason on its page.")

    def context(self, form: Any) -> dict[str, Any]:
        return {"effects": [sentence for effect in suspend_effects for sentence in effect(self.row)]}

    def act(self, form: Any) -> str:
        suspend_tenant(acting_user=self.user, tenant=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class ReactivateTenant(OnTenant):
    title = _("Reactivate the tenant")
    consequence = _("Its grants that still run are applied to the clusters again.")
    button = _("Reactivate the tenant")
    done = _("Active again.")

    def act(self, form: Any) -> str:
        reactivate_tenant(acting_user=self.user, tenant=self.row, reason=form.cleaned_data["reason"])
        return self.back()
