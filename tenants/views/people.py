"""People: members of a tenant, staff of an authority, and how roles end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import live_now
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, FormPage
from tenants.filters import StaffFilters
from tenants.forms import EndForm, MemberForm, StaffForm
from tenants.models import Authority, AuthorityMembership, Membership, Tenant
from tenants.services.memberships import end_role, give_role
from tenants.services.people import add_staff, known_person
from tenants.tables import StaffTable


def end_of(day: date | None) -> datetime | None:
    """The moment a role ends whose last day is ``day``, in the reader's zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class AddMember(FormPage):
    queryset = Tenant.objects.select_related("authority")
    verb = "manage_members"
    form_class = MemberForm
    title = _("Add somebody")
    lede = _("They see the tenant as soon as they open the portal again")
    button = _("Give the role")
    done = _("Done. The role is in force at once.")
    nav = "tenants"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.public_id]), self.row.name)]

    def initial(self) -> dict[str, Any]:
        return {"role": "member"}

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        give_role(
            acting_user=self.user, anchor=self.row, user=known_person(data["email"]), role=data["role"],
            valid_until=end_of(data["until"]),
        )  # fmt: skip
        return reverse("tenant", args=[self.row.public_id])


class EndMembership(ActionPage):
    queryset = Membership.objects.select_related("tenant__authority", "user")
    verb = "end"
    form_class = EndForm
    template_name = "tenants/end.html"
    title = _("End the role")
    consequence = _(
        "The person loses what this role allows at once, open pages included. What they did stays in the record."
    )
    button = _("End the role")
    danger = True
    done = _("Ended.")
    nav = "tenants"

    def back(self) -> str:
        return reverse("tenant", args=[self.row.tenant.public_id])

    def act(self, form: Any) -> str:
        end_role(acting_user=self.user, membership=self.row, reason=form.cleaned_data["reason"])
        return reverse("home") if self.row.user_id == self.user.pk else self.back()


class People(ListPage):
    """Who works for which authority."""

    queryset = AuthorityMembership.objects.select_related("user", "authority")
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
        add_staff(
            acting_user=self.user, authority=self.row, site=self.request.build_absolute_uri("/"), **form.cleaned_data
        )
        return reverse("authority", args=[self.row.public_id])


class EndStaff(EndMembership):
    queryset = AuthorityMembership.objects.select_related("authority", "user")  # type: ignore[assignment]
    verb = "edit"
    nav = "people"

    def back(self) -> str:
        return reverse("authority", args=[self.row.authority.public_id])
