"""Invitations of a tenant: who was invited, whose link has expired, send again, take back; and many people at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from portal.core.access import fetch, may
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import ActionPage, FormPage
from tenants.lifecycle_forms import PeopleForm
from tenants.lifecycle_tables import InvitationFilters, InvitationTable
from tenants.models import Invitation, Tenant
from tenants.services.invitations import resend_invitation, revoke_invitation
from tenants.services.people_lists import add_members


class Invitations(ListPage):
    queryset = Invitation.objects.select_related("user", "membership")
    table_class = InvitationTable
    filterset_class = InvitationFilters
    title = _("Invitations")
    nav = "tenants"
    noun = _("invitations")
    search_hint = _("Name, e-mail address")
    sorts = {"newest": Sort("sent_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    empty = Empty(_("Nobody was invited"), _("Who has an account gets a role without an invitation."), icon="send")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.tenant = fetch(Tenant.objects.all(), self.user, public_id=kwargs["public_id"])
        self.gives = may(self.user, "manage_members", self.tenant)
        if not self.gives:
            fetch(Tenant.objects.all(), self.user, "decide", pk=self.tenant.pk)
        request.gives_roles = self.gives  # type: ignore[attr-defined]  # for the last column of the table
        return super().get(request)

    def rows(self) -> Any:
        return super().rows().filter(tenant=self.tenant)

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.tenant.public_id]), self.tenant.name)]

    def page_context(self) -> dict[str, Any]:
        many = reverse("members-many", args=[self.tenant.public_id])
        actions = [(many, text("Add several people"), "user-plus")] if self.gives else []
        return {**super().page_context(), "lede": self.tenant.name, "actions": actions}


class OnInvitation(ActionPage):
    queryset = Invitation.objects.select_related("user", "tenant__authority", "membership")
    nav = "tenants"

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": f"{self.row.user}, {self.row.tenant}"}

    def back(self) -> str:
        return reverse("tenant-invitations", args=[self.row.tenant.public_id])


class ResendInvitation(OnInvitation):
    title = _("Send the invitation again")
    consequence = _("A new link is mailed. Links that were sent before stop working.")
    button = _("Send it again")
    done = _("Sent.")

    def act(self, form: Any) -> str:
        resend_invitation(acting_user=self.user, invitation=self.row, site=self.request.build_absolute_uri("/"))
        return self.back()


class RevokeInvitation(OnInvitation):
    title = _("Take the invitation back")
    consequence = _("The link stops working, and the role ends.")
    button = _("Take it back")
    danger = True
    done = _("Taken back.")

    def act(self, form: Any) -> str:
        back = self.back()
        revoke_invitation(acting_user=self.user, invitation=self.row)
        return back


class AddMembers(FormPage):
    queryset = Tenant.objects.select_related("authority")
    verb = "manage_members"
    form_class = PeopleForm
    title = _("Add several people")
    lede = _("Who has no account is invited by mail")
    button = _("Give the roles")
    nav = "tenants"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.public_id]), self.row.name)]

    def make_form(self, data: Any = None) -> Any:
        chosen = self.request.FILES if data is not None else None
        return PeopleForm(data, chosen, user=self.user, row=self.row)

    def act(self, form: Any) -> HttpResponse:
        site = self.request.build_absolute_uri("/")
        report = add_members(acting_user=self.user, tenant=self.row, text=form.cleaned_data["people"], site=site)
        done = sum(each.tone == "good" for each in report)
        context = {**self.page_context(), "row": self.row, "report": report, "done": done}
        return render(self.request, "tenants/people_report.html", context)
