"""People: members of a tenant and staff of authorities are added here, and everybody's staff is listed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import live_now
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import FormPage
from tenants.filters import StaffFilters
from tenants.forms import MemberForm, StaffForm
from tenants.models import Authority, AuthorityMembership, Tenant
from tenants.services.people import add_member, add_staff
from tenants.tables import StaffTable


class AddMember(FormPage):
    queryset = Tenant.objects.select_related("authority")
    verb = "manage_members"
    form_class = MemberForm
    title = _("Add somebody")
    lede = _("They see the tenant as soon as they open the portal again")
    button = _("Give the role")
    done = _("Done. The role is in force from its first day on; who had no account gets a mail to choose a password.")
    nav = "tenants"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.public_id]), self.row.name)]

    def initial(self) -> dict[str, Any]:
        return {"role": "member"}

    def act(self, form: Any) -> str:
        facts = {name: form.cleaned_data[name] for name in ("email", "full_name", "role")}
        site = self.request.build_absolute_uri("/")
        add_member(acting_user=self.user, tenant=self.row, site=site, **facts, **form.period())
        return reverse("tenant", args=[self.row.public_id])


class People(ListPage):
    """Who works for which authority."""

    queryset = AuthorityMembership.objects.select_related("user", "authority", "given_by", "delegated_from__user")
    table_class = StaffTable
    filterset_class = StaffFilters
    title = _("People and roles")
    lede = _("Who works for the authorities, and as what")
    nav = "people"
    noun = _("roles")
    search_hint = _("Name, e-mail address, authority")
    tabs = (
        Tab("now", _("In force"), lambda rows, _user: rows.filter(live_now())),
        Tab("all", _("All, ended ones too")),
    )
    sorts = {"newest": Sort("created_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    empty = Empty(
        _("Nobody works here yet"), _("A platform administrator adds staff on the page of an authority."), icon="users"
    )


class AddStaff(FormPage):
    queryset = Authority.objects.all()
    verb = "edit"
    form_class = StaffForm
    title = _("Add staff")
    button = _("Give the role")
    done = _("Done. Who had no account gets a mail to choose a password; “Forgotten your password?” sends it again.")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authority", args=[self.row.public_id]), self.row.name)]

    def act(self, form: Any) -> str:
        facts = {name: form.cleaned_data[name] for name in ("email", "full_name", "role", "gpu_limit")}
        site = self.request.build_absolute_uri("/")
        add_staff(acting_user=self.user, authority=self.row, site=site, **facts, **form.period())
        return reverse("authority", args=[self.row.public_id])
