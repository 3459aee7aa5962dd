"""Grants: the list, one with its history and its measured use, what a tenant's home says of ends, taking one back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may
from portal.models import User
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, Page, Text
from resources import grant_filters
from resources.forms.grants import RevokeForm
from resources.grant_tables import GrantTable
from resources.models import Grant, IdleFinding, QuotaRequest
from resources.queries.budgets import budget_of
from resources.queries.conditions import conditions_of_grant
from resources.queries.continuations import after
from resources.queries.deciders import stands_too_near
from resources.queries.ends import renewal_address, tile_of_ends
from resources.queries.grant_history import history_of_grant
from resources.queries.maintenance import ahead
from resources.queries.measured import LAST_DAYS, Use, suggestion, use_with_former
from resources.queries.rule_work import ruled
from resources.services import grants as service
from resources.views.grant_changes import change_addresses
from resources.views.use_charts import burn_down, chart_of
from tenants.models import Tenant

State = Grant.State
WITH_NAMES = ("tenant", "pool__kind", "pool__cluster", "environment__project", "share__authority")
SHOWN = (
    "public_id", "created_at", "amount", "budget_hours", "starts_at", "ends_at", "grace_until", "state", "tenant__name",
    "pool__kind__name", "pool__cluster__name", "environment__external_name", "environment__project__name",
    "share__authority__name",
)  # fmt: skip
"""What of a grant the list reads."""
IN_FORCE = (State.ACTIVE, State.SUSPENDED, State.EXPIRING, State.GRACE)


class GrantList(ListPage):
    keeps_views = "grants"
    keys_first = True
    queryset = Grant.objects.select_related(*WITH_NAMES).only(*SHOWN)
    table_class = GrantTable
    filterset_class = grant_filters.GrantListFilters
    nav = "grants"
    title = gettext_lazy("Grants")
    lede = gettext_lazy("What was decided: how many GPUs, where, and until when")
    noun = gettext_lazy("grants")
    search_hint = gettext_lazy("Tenant, project, name on the cluster")
    tabs = (
        Tab("force", gettext_lazy("In force"), lambda rows, _user: rows.filter(state__in=IN_FORCE)),
        Tab(
            "ending", gettext_lazy("Ending"),
            lambda rows, _user: rows.filter(state__in=(State.EXPIRING, State.GRACE)),
        ),
        Tab("coming", gettext_lazy("To come"), lambda rows, _user: rows.filter(state=State.SCHEDULED)),
        Tab("over", gettext_lazy("Over"), lambda rows, _user: rows.exclude(state__in=Grant.COUNTING)),
        Tab("all", gettext_lazy("All")),
    )  # fmt: skip
    sorts: ClassVar[dict[str, Sort]] = {
        "newest": Sort("created_at", descending=True), "ends": Sort("ends_at"), "amount": Sort("amount", descending=True),
    }  # fmt: skip
    sort_labels: ClassVar[dict[str, Text]] = {
        "newest": gettext_lazy("Newest first"), "ends": gettext_lazy("Next to end first"),
        "amount": gettext_lazy("Most GPUs first"),
    }  # fmt: skip
    empty = Empty(
        gettext_lazy("No grants here"),
        gettext_lazy("A grant stands here from the decision on that gives it, and stays after its end."),
        icon="check",
    )


class GrantDetail(DetailPage):
    queryset = Grant.objects.select_related(*WITH_NAMES, "authority", "line__request", "supersedes")
    template_name = "resources/grant.html"
    nav = "grants"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("grants"), gettext_lazy("Grants"))]

    def page_context(self) -> dict[str, Any]:
        facts = {"n": self.row.amount, "kind": self.row.pool.kind, "project": self.row.environment.project.name}
        return {**super().page_context(), "title": _("%(n)d %(kind)s for %(project)s") % facts}

    def context(self, row: Any) -> dict[str, Any]:
        use, budget = use_with_former(row), budget_of(row) if row.budget_hours else None
        quota = row.environment.quotas.filter(pool=row.pool_id).first() if row.counts else None
        findings = IdleFinding.objects.visible_to(self.user).filter(grant=row).order_by("-pk")
        follow = after(row)
        changes = row.counts and may(self.user, "renew", row)
        return {
            **measured_context(row, use),
            "chart": chart_of(use),
            "budget": budget,
            "burn": burn_down(budget) if budget else None,
            "quota": quota,
            "history": history_of_grant(row),
            "request_seen": QuotaRequest.objects.visible_to(self.user).filter(pk=row.line.request_id).exists(),
            "after": follow,
            "conditions": conditions_of_grant(row, self.user),
            "ruled": ruled(row),
            "maintenance": ahead([row.pool], row.starts_at, row.held_until) if row.counts else [],
            "findings": list(findings.select_related("grant__pool__kind", "tenant")[:5]),
            "renew": renewal_address(row) if changes and not any(each.counts for each in follow) else "",
            "changes": change_addresses(row) if changes else None,
            "may_revoke": row.counts and may(self.user, "decide", row) and not stands_too_near(self.user, row),
        }


def measured_context(grant: Grant, use: Use, asked: int = 0) -> dict[str, Any]:
    """What ``resources/_measured.html`` needs: the grant's life, its last thirty days, and what they speak for."""
    recent = use.last(LAST_DAYS)
    return {
        "use": use,
        "periods": [(_("In the last 30 days"), recent), (_("Since it began"), use)],
        "advice": suggestion(grant, asked or grant.amount, use) if grant.counts else None,
    }


def changed_grant(request: QuotaRequest, user: User, asked: int) -> dict[str, Any]:
    """Of a request about a grant: that grant and its measured use, for who asks and who decides alike."""
    return use_of_changed(request.grant_id, user, asked)


def use_of_changed(grant_id: int | None, user: User, asked: int = 0) -> dict[str, Any]:
    """The same by the grant's id; ``asked``: GPUs, as many as it has unless told."""
    rows = Grant.objects.visible_to(user).select_related(*WITH_NAMES)
    grant = rows.filter(pk=grant_id).first() if grant_id else None
    if grant is None:
        return {"continues": None}
    use = use_with_former(grant)
    said = measured_context(grant, use, asked)
    return {"continues": grant, "grant_use": use, "periods": said["periods"], "advice": said["advice"]}


class GrantMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(Grant.objects.all(), self.user, public_id=public_id)
        return HttpResponse(status=204) if request.GET.get("seen") == row.state else HttpResponseClientRefresh()


class GrantRevoke(ActionPage):
    queryset = Grant.objects.select_related(*WITH_NAMES, "authority")
    verb = "decide"
    form_class = RevokeForm
    nav = "grants"
    title = gettext_lazy("Take the grant back")
    consequence = gettext_lazy(
        "Its quota is lowered at once. What runs is not stopped; nothing new can begin. This cannot be undone."
    )
    button = gettext_lazy("Take it back")
    done = gettext_lazy("Taken back. The tenant was told.")
    danger = True

    def back(self) -> str:
        return reverse("grant", args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("grants"), gettext_lazy("Grants")), (self.back(), str(self.row))]

    def act(self, form: Any) -> str:
        service.revoke_grant(acting_user=self.user, grant=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class TenantEnds(DetailPage):
    """The part of the tenant's home that says which of its grants end."""

    queryset = Tenant.objects.all()
    template_name = "resources/_tenant_ends.html"

    def context(self, row: Any) -> dict[str, Any]:
        return {"tile": tile_of_ends(row, self.user), "tenant": row}
