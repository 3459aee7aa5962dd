"""People: members of a tenant and staff of authorities are added here, and everybody's staff is listed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import live_now
from portal.core.errors import Forbidden
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import FormPage
from tenants.filters import StaffFilters
from tenants.forms import MemberForm, ResetForm, StaffForm
from tenants.models import Authority, AuthorityMembership, Tenant
from tenants.services.factors import reset_factors
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

    def list_context(self, *args: Any) -> dict[str, Any]:
        lost = [(reverse("factors-reset"), _("Reset a second factor"), "key")]
        return {**super().list_context(*args), "actions": lost if self.user.is_platform_admin else []}


class ResetFactors(FormPage):
    """Somebody's second factor is lost, and their recovery codes with it."""

    form_class = ResetForm
    title = _("Reset a second factor")
    lede = _(
        "For somebody who lost their device and their recovery codes. Make sure who asks: call them back, or see them"
    )
    button = _("Take the second factor off")
    danger = True
    done = _("Done. They are signed out everywhere and set up a new one; they and all other administrators get a mail.")
    nav = "people"

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise Forbidden

    def crumbs(self) -> Any:
        return [(reverse("people"), _("People and roles"))]

    def act(self, form: Any) -> str:
        reset_factors(acting_user=self.user, **form.cleaned_data)
        return reverse("people")


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
        facts["only_clusters"] = [UUID(each) for each in form.cleaned_data.get("only_clusters", [])]
        site = self.request.build_absolute_uri("/")
        add_staff(acting_user=self.user, authority=self.row, site=site, **facts, **form.period())
        return reverse("authority", args=[self.row.public_id])
