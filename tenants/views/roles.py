"""Who holds which role on one authority, tenant or provider: the list, and what can be done with one role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import ScopedQuerySet, fetch, live_now, may
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, FormPage, PlainPage, Text
from portal.ui.times import last_day
from tenants.claim_forms import provider_choices
from tenants.filters import RoleFilters
from tenants.forms import ChangeRoleForm, DelegateForm, EndForm
from tenants.models import Authority, AuthorityMembership, Membership, Tenant
from tenants.services.delegations import delegate_role
from tenants.services.endings import consequences, roles_of
from tenants.services.memberships import change_role, end_role, office_keeping
from tenants.tables import RoleTable


class RolesPage(ListPage):
    """The roles of one anchor: in force, coming, and all that were."""

    anchors: ClassVar[ScopedQuerySet[Any]]
    anchor_verb: ClassVar[str] = "view"
    anchor_page: ClassVar[str]
    give: ClassVar[tuple[str, str]]
    """The verb on the anchor by which roles are given, and the name of the page where that is done."""
    field: ClassVar[str]
    table_class = RoleTable
    filterset_class = RoleFilters
    title = gettext_lazy("People and roles")
    noun = gettext_lazy("roles")
    search_hint = gettext_lazy("Name, e-mail address")
    tabs = (
        Tab("now", gettext_lazy("In force"), lambda rows, _user: rows.filter(live_now())),
        Tab("later", gettext_lazy("Coming"), lambda rows, _user: rows.filter(valid_from__gt=timezone.now())),
        Tab("all", gettext_lazy("History: all, ended ones too")),
    )
    sorts = {"newest": Sort("created_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    empty = Empty(gettext_lazy("Nobody holds a role here now"), icon="users")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        public_id = kwargs["public_id"]
        self.anchor = fetch(self.anchors.all(), self.user, self.anchor_verb, public_id=public_id)
        self.gives = may(self.user, self.give[0], self.anchor)
        request.gives_roles = self.gives  # type: ignore[attr-defined]  # for the last column of the table
        return super().get(request)

    def rows(self) -> Any:
        return super().rows().filter(**{self.field: self.anchor})

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse(self.anchor_page, args=[self.anchor.public_id]), self.anchor.name)]

    def page_context(self) -> dict[str, Any]:
        give = reverse(self.give[1], args=[self.anchor.public_id])
        actions = [(give, _("Give a role"), "user-plus")] if self.gives else []
        return {**super().page_context(), "lede": self.anchor.name, "actions": actions}


class TenantPeople(RolesPage):
    queryset = Membership.objects.select_related("user", "given_by")
    anchors = Tenant.objects.all()
    anchor_page, field, nav = "tenant", "tenant", "tenants"
    give = ("manage_members", "member-new")

    def page_context(self) -> dict[str, Any]:
        context = super().page_context()
        if self.gives and provider_choices(self.anchor):
            claims = reverse("tenant-claims", args=[self.anchor.public_id])
            context["actions"] = [(claims, _("Roles by sign-in"), "key"), *context["actions"]]
        return context


class AuthorityPeople(RolesPage):
    queryset = AuthorityMembership.objects.select_related("user", "given_by", "delegated_from__user")
    anchors = Authority.objects.all()
    anchor_verb = "people"
    anchor_page, field, nav = "authority", "authority", "authorities"
    give = ("edit", "staff-new")


class OfRole(FormPage):
    """A page about one role; back to the people of its anchor."""

    nav = "people"

    def people(self) -> str:
        office = office_keeping(self.row)
        anchor = getattr(self.row, office.field)
        if self.row.user_id == self.user.pk:
            return reverse("my-roles")
        return reverse(office.pages["people"], args=[anchor.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(self.people(), _("People and roles"))]


class ChangeRole(OfRole):
    """Another end, or another beginning of what has not begun."""

    queryset = Membership.objects.select_related("tenant__authority", "user")
    verb = "edit"
    form_class = ChangeRoleForm
    template_name = "tenants/role_change.html"
    title = gettext_lazy("Change the role")
    button = gettext_lazy("Save the change")
    done = gettext_lazy("Changed. It is in force at once, open pages included.")

    def initial(self) -> dict[str, Any]:
        until = self.row.valid_until
        return {"since": timezone.localdate(self.row.valid_from), "until": last_day(until) if until else None}

    def act(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        change_role(acting_user=self.user, membership=self.row, reason=reason, **form.period())
        return self.people()


class ChangeStaff(ChangeRole):
    queryset = AuthorityMembership.objects.select_related("authority", "user")  # type: ignore[assignment]


class EndRole(OfRole, ActionPage):
    """End a role, with what that means said before."""

    queryset = Membership.objects.select_related("tenant__authority", "user")
    verb = "end"
    form_class = EndForm
    template_name = "tenants/end.html"
    title = gettext_lazy("End the role")
    consequence = gettext_lazy("The role ends at once, open pages included. What was done in it stays in the record.")
    button = gettext_lazy("End the role")
    danger = True
    done = gettext_lazy("Ended.")

    def back(self) -> str:
        return self.people()

    def context(self, form: Any) -> dict[str, Any]:
        return {"effects": consequences(self.row), "anchor": getattr(self.row, office_keeping(self.row).field)}

    def act(self, form: Any) -> str:
        end_role(acting_user=self.user, membership=self.row, reason=form.cleaned_data["reason"])
        return reverse("home") if self.row.user_id == self.user.pk else self.people()


class EndStaff(EndRole):
    queryset = AuthorityMembership.objects.select_related("authority", "user")  # type: ignore[assignment]


class Delegate(OfRole):
    """Name who stands in for oneself."""

    queryset = AuthorityMembership.objects.select_related("authority", "user")
    verb = "delegate"
    form_class = DelegateForm
    template_name = "tenants/delegate.html"
    title = gettext_lazy("Name who stands in for you")
    button = gettext_lazy("Delegate the role")
    done = gettext_lazy("Done. Your colleague can act in your role on these days; you keep it.")

    def initial(self) -> dict[str, Any]:
        return {"since": timezone.localdate(), "until": timezone.localdate() + timedelta(days=14)}

    def context(self, form: Any) -> dict[str, Any]:
        return {"nobody": not form.fields["colleague"].queryset.exists()}

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        delegate_role(
            acting_user=self.user, membership=self.row, to=data["colleague"], reason=data["reason"], **form.period()
        )
        return reverse("my-roles")


class MyRoles(PlainPage):
    """What I may do here, since when, until when, and who stands in for me."""

    template_name = "tenants/my_roles.html"
    title = gettext_lazy("Your roles")
    lede = gettext_lazy("What you may do here, and until when")
    nav = "profile"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("profile"), _("Your profile"))]

    def context(self) -> dict[str, Any]:
        held = roles_of(self.user)
        return {"held": held}
