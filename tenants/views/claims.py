"""Roles that identity providers give: the mappings, and who would get or lose what."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Forbidden
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, FormPage, PlainPage
from tenants.claim_forms import ClaimForm
from tenants.claim_tables import ClaimTable
from tenants.filters import ClaimFilters
from tenants.forms import EndForm
from tenants.models import ClaimMapping
from tenants.services.claims import dry_run, end_mapping, map_claim, who_would_get


class Claims(ListPage):
    queryset = ClaimMapping.objects.select_related("made_by")
    table_class = ClaimTable
    filterset_class = ClaimFilters
    title = _("Roles by sign-in")
    lede = _("What an identity provider says of somebody gives them a role here, for as long as it says so")
    nav = "claims"
    noun = _("mappings")
    search_hint = _("Provider, claim, value, place")
    tabs = (
        Tab("now", _("In force"), lambda rows, _user: rows.filter(ended_at=None)),
        Tab("all", _("All, ended ones too")),
    )
    create = ("claim-new", _("Map a claim"))
    empty = Empty(
        _("No claim is mapped"),
        _("Everybody’s role is given by hand. A mapping is made by an administrator."),
        icon="key",
    )

    def may_create(self) -> bool:
        return self.user.is_platform_admin

    def meant_for_them(self) -> bool:
        """An administrator may map claims of a provider that is still to be set up."""
        return self.user.is_platform_admin or super().meant_for_them()

    def list_context(self, *args: Any) -> dict[str, Any]:
        tried = [(reverse("claims-dry-run"), _("Who would get or lose a role"), "eye")]
        return {**super().list_context(*args), "actions": tried if self.user.is_platform_admin else []}


class NewClaim(FormPage):
    """Shows whom the mapping would give the role before it is made."""

    form_class = ClaimForm
    template_name = "tenants/claim_form.html"
    title = _("Map a claim")
    lede = _("The role is given at the next sign-in, and ends when the claim is gone")
    button = _("Make the mapping")
    done = _("Made. It holds from the next sign-in of each person on.")
    nav = "claims"

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise Forbidden

    def crumbs(self) -> Any:
        return [(reverse("claims"), _("Roles by sign-in"))]

    def act(self, form: Any) -> str | HttpResponse:
        if self.request.POST.get("then") == "preview":
            form.plans = who_would_get(ClaimMapping(made_by=self.user, **form.as_mapping()))
            return self.show(form)
        map_claim(acting_user=self.user, **form.facts())
        return reverse("claims")


class EndClaim(ActionPage):
    queryset = ClaimMapping.objects.select_related("authority")
    verb = "end"
    form_class = EndForm
    template_name = "tenants/claim_end.html"
    title = _("End the mapping")
    consequence = _("Every role it gave ends at once, open pages included. Roles given by hand stay.")
    button = _("End the mapping")
    danger = True
    done = _("Ended, with the roles it gave.")
    nav = "claims"

    def back(self) -> str:
        return reverse("claims")

    def context(self, form: Any) -> dict[str, Any]:
        return {"losing": self.row.given.filter(ended_at=None).select_related("user")}

    def act(self, form: Any) -> str:
        end_mapping(acting_user=self.user, mapping=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class ClaimsDryRun(PlainPage):
    """What would change if everybody signed in now."""

    template_name = "tenants/claims_dry_run.html"
    title = _("Who would get or lose a role")
    lede = _("If everybody signed in now, with what their identity provider said of them last")
    nav = "claims"

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise Forbidden

    def crumbs(self) -> Any:
        return [(reverse("claims"), _("Roles by sign-in"))]

    def context(self) -> dict[str, Any]:
        return {"plans": dry_run()}
