"""Providers and their staff."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import live_now, may
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import DetailPage, FormPage, Text
from resources import filters, tables
from resources.forms.inventory import ProviderForm, StaffForm
from resources.models import Cluster, Provider, ProviderMembership
from resources.services import providers
from resources.views.inventory import BY_NAME, SiteForm
from tenants.services.memberships import give_role
from tenants.services.people import known_person
from tenants.views.roles import ChangeRole, Delegate, EndRole, RolesPage


class ProviderList(ListPage):
    queryset = Provider.objects.prefetch_related("clusters")
    table_class = tables.ProviderTable
    filterset_class = filters.ProviderFilters
    nav = "providers"
    title = _("Providers")
    lede = _("Who runs clusters")
    noun = _("providers")
    search_hint = _("Name, contact")
    sorts: ClassVar[dict[str, Sort]] = BY_NAME
    create: ClassVar[tuple[str, Text] | None] = ("provider-new", _("New provider"))
    empty = Empty(_("No provider yet"), _("Clusters belong to a provider, so begin with one."), icon="building",
                  url="provider-new", action=_("New provider"))  # fmt: skip

    def may_create(self) -> bool:
        return self.user.is_platform_admin


class ProviderDetail(DetailPage):
    queryset = Provider.objects.all()
    template_name = "resources/provider.html"
    nav = "providers"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("providers"), _("Providers"))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": self.row.name, "lede": self.row.country.name}

    def context(self, row: Any) -> dict[str, Any]:
        staff = ProviderMembership.objects.visible_to(self.user).filter(live_now(), provider=row)
        return {
            "clusters": Cluster.objects.visible_to(self.user).filter(provider=row).order_by("name"),
            "staff": staff.select_related("user").order_by("user__full_name", "pk"),
            "may_edit": may(self.user, "edit", row),
        }


class ProviderNew(SiteForm):
    form_class = ProviderForm
    nav = "providers"
    title = _("New provider")
    button = _("Add provider")
    done = _("Added. Give somebody the operator’s role next.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("providers"), _("Providers"))]

    def act(self, form: Any) -> str:
        provider = providers.create_provider(acting_user=self.user, **form.cleaned_data)
        return reverse("provider", args=[provider.public_id])


class ProviderEdit(ProviderNew):
    queryset = Provider.objects.all()
    title = _("Change the provider")
    button = _("Save")
    done = _("Saved.")

    def act(self, form: Any) -> str:
        providers.change_provider(acting_user=self.user, provider=self.row, **form.cleaned_data)
        return reverse("provider", args=[self.row.public_id])


class StaffNew(FormPage):
    queryset = Provider.objects.all()
    form_class = StaffForm
    nav = "providers"
    title = _("Give a role")
    lede = _("Operators change clusters and see what runs on them; they decide nothing.")
    button = _("Give the role")
    done = _("Done. From its first day on the role is in force.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("providers"), _("Providers")), (reverse("provider", args=[self.row.public_id]), self.row.name)]

    def act(self, form: Any) -> str:
        person = known_person(form.cleaned_data["email"], self.user)
        role = form.cleaned_data["role"]
        give_role(acting_user=self.user, anchor=self.row, user=person, role=role, **form.period())
        return reverse("provider", args=[self.row.public_id])


class ProviderPeople(RolesPage):
    queryset = ProviderMembership.objects.select_related("user", "given_by", "delegated_from__user")
    anchors = Provider.objects.all()
    anchor_page, field, nav = "provider", "provider", "providers"
    give = ("edit", "provider-staff-new")


class StaffChange(ChangeRole):
    queryset = ProviderMembership.objects.select_related("provider", "user")  # type: ignore[assignment]
    nav = "providers"


class StaffDelegate(Delegate):
    queryset = ProviderMembership.objects.select_related("provider", "user")  # type: ignore[assignment]
    nav = "providers"


class StaffEnd(EndRole):
    queryset = ProviderMembership.objects.select_related("provider", "user")  # type: ignore[assignment]
    nav = "providers"
