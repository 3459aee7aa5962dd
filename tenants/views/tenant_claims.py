"""Roles of a tenant that its identity provider gives: its owners write the mappings, and see what they would do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import fetch, may
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage, Text
from tenants.claim_forms import TenantClaimForm, provider_choices
from tenants.claim_tables import TenantClaimTable
from tenants.filters import TenantClaimFilters
from tenants.forms import EndForm
from tenants.models import Tenant, TenantClaim
from tenants.services.claims import dry_run, who_would_get
from tenants.services.tenant_claims import end_tenant_claim, map_tenant_claim

TITLE = _("Roles by sign-in")


def way_back(tenant: Tenant) -> list[tuple[str, Text]]:
    return [(reverse("tenant", args=[tenant.public_id]), tenant.name)]


class TenantClaims(ListPage):
    queryset = TenantClaim.objects.select_related("made_by", "tenant")
    table_class = TenantClaimTable
    filterset_class = TenantClaimFilters
    title = TITLE
    lede = _("What an identity provider says of somebody gives them a role of the tenant, for as long as it says so")
    nav = "tenants"
    noun = _("mappings")
    search_hint = _("Provider, claim, value")
    tabs = (
        Tab("now", _("In force"), lambda rows, _user: rows.filter(ended_at=None)),
        Tab("all", _("All, ended ones too")),
    )
    empty = Empty(_("No claim is mapped"), _("Everybody’s role is given by hand."), icon="key")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.tenant = fetch(Tenant.objects.all(), self.user, "audit", public_id=kwargs["public_id"])
        self.gives = may(self.user, "manage_members", self.tenant)
        request.gives_roles = self.gives  # type: ignore[attr-defined]  # for the last column of the table
        return super().get(request)

    def rows(self) -> Any:
        return super().rows().filter(tenant=self.tenant)

    def crumbs(self) -> list[tuple[str, Text]]:
        return way_back(self.tenant)

    def list_context(self, *args: Any) -> dict[str, Any]:
        here = [self.tenant.public_id]
        actions = [(reverse("tenant-claims-dry-run", args=here), _("Who would get or lose a role"), "eye")]
        if provider_choices(self.tenant):
            actions.append((reverse("tenant-claim-new", args=here), _("Map a claim"), "plus"))
        return {**super().list_context(*args), "actions": actions if self.gives else []}


class NewTenantClaim(FormPage):
    """Shows whom the mapping would give the role before it is made."""

    queryset = Tenant.objects.select_related("authority")
    verb = "manage_members"
    form_class = TenantClaimForm
    template_name = "tenants/claim_form.html"
    title = _("Map a claim")
    lede = _("The role is given at the next sign-in, and ends when the claim is gone")
    button = _("Make the mapping")
    done = _("Made. It holds from the next sign-in of each person on.")
    nav = "tenants"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [*way_back(self.row), (reverse("tenant-claims", args=[self.row.public_id]), TITLE)]

    def context(self, form: Any) -> dict[str, Any]:
        return {"no_provider": not form.fields["provider"].choices}

    def act(self, form: Any) -> str | HttpResponse:
        if self.request.POST.get("then") == "preview":
            facts = {**form.facts(), "tenant": self.row, "authority": self.row.authority}
            form.plans = who_would_get(TenantClaim(made_by=self.user, **facts))
            return self.show(form)
        map_tenant_claim(acting_user=self.user, tenant=self.row, **form.facts())
        return reverse("tenant-claims", args=[self.row.public_id])


class EndTenantClaim(ActionPage):
    queryset = TenantClaim.objects.select_related("tenant__authority")
    verb = "end"
    form_class = EndForm
    template_name = "tenants/claim_end.html"
    title = _("End the mapping")
    consequence = _("Every role it gave ends at once, open pages included. Roles given by hand stay.")
    button = _("End the mapping")
    danger = True
    done = _("Ended, with the roles it gave.")
    nav = "tenants"

    def back(self) -> str:
        return reverse("tenant-claims", args=[self.row.tenant.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [*way_back(self.row.tenant), (self.back(), TITLE)]

    def context(self, form: Any) -> dict[str, Any]:
        return {"losing": self.row.given.filter(ended_at=None).select_related("user")}

    def act(self, form: Any) -> str:
        end_tenant_claim(acting_user=self.user, mapping=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class TenantClaimsDryRun(DetailPage):
    """What would change in this tenant if everybody signed in now."""

    queryset = Tenant.objects.all()
    verb = "manage_members"
    template_name = "tenants/claims_dry_run.html"
    title = _("Who would get or lose a role")
    lede = _("If everybody signed in now, with what their identity provider said of them last")
    nav = "tenants"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [*way_back(self.row), (reverse("tenant-claims", args=[self.row.public_id]), TITLE)]

    def context(self, row: Tenant) -> dict[str, Any]:
        return {"plans": dry_run(tenant=row), "back_to": reverse("tenant-claims", args=[row.public_id])}
