"""Quota requests: the list, asking, the request's own page, answering, withdrawing. Deciding is in ``decide``."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may, powers
from portal.core.written import Written
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, Page, Text
from resources import filters, tables
from resources.forms.desk import AppealForm
from resources.forms.requests import ReasonForm, asked_text
from resources.models import QuotaRequest
from resources.queries.deciders import is_own_case
from resources.queries.desk import overdue
from resources.queries.history import history
from resources.queries.parts import in_parts
from resources.queries.quotas import quotas_of_request, quotas_of_tenant, tile_of_tenant
from resources.queries.requests import concerning, documents_of, letters_about, with_lines_in_short
from resources.queries.revisions import answers_of, revisions
from resources.queries.rule_work import looked_at
from resources.queries.rulings import so_far
from resources.queries.usage import tenant_day
from resources.services import requests as service
from resources.services.appeals import appeal_ends, appeal_request
from resources.views.blocks import hourly
from resources.views.conditions import conditions_card
from resources.views.grants import changed_grant
from resources.views.review import review_context
from tenants.models import Project, Tenant

State = QuotaRequest.State


WITHOUT_REVIEWER = Q(reviewer__isnull=True, state__in=QuotaRequest.DECIDABLE)
APPEALED = Q(appealed_after__gt=0, state__in=QuotaRequest.OPEN)
SHOWN = (
    "public_id", "created_at", "reference", "revision", "state", "submitted_at", "due_at", "escalated_at",
    "tenant__name", "project__name", "reviewer__full_name", "reviewer__email",
)  # fmt: skip
"""What of a request the list reads, its answers and the rest of its tenant left where they are."""
ASKED_FOR = Written(lambda person, _now: Project.objects.visible_to(person, "request").order_by().values_list("pk")[:1])
"""A project for which the person may ask for GPUs, if there is one."""
DECIDED = (State.APPROVED, State.PARTIALLY_APPROVED, State.REJECTED)


class RequestList(ListPage):
    keeps_views = "requests"
    keys_first = True
    queryset = (
        QuotaRequest.objects.select_related("tenant", "project", "reviewer")
        .only(*SHOWN)
        .prefetch_related(with_lines_in_short())
    )
    table_class = tables.RequestTable
    filterset_class = filters.RequestFilters
    nav = "requests"
    title = gettext_lazy("Quota requests")
    lede = gettext_lazy("Who asks for GPUs, and what became of it")
    noun = gettext_lazy("requests")
    search_hint = gettext_lazy("Tenant, project, reference")
    create: ClassVar[tuple[str, Text] | None] = ("request-new", gettext_lazy("Ask for GPUs"))
    tabs = (
        Tab("open", gettext_lazy("Open"), lambda rows, _user: rows.filter(state__in=(State.DRAFT, *QuotaRequest.OPEN))),
        Tab("mine", gettext_lazy("Mine"), lambda rows, user: rows.filter(concerning(user))),
        Tab("unassigned", gettext_lazy("Nobody’s"), lambda rows, _user: rows.filter(WITHOUT_REVIEWER)),
        Tab("overdue", gettext_lazy("Late"), lambda rows, _user: rows.filter(overdue())),
        Tab("second", gettext_lazy("Second approval"), lambda rows, _user: rows.filter(state=State.AWAITING_SECOND)),
        Tab("appeals", gettext_lazy("Appeals"), lambda rows, _user: rows.filter(APPEALED)),
        Tab("waiting", gettext_lazy("Waiting for tenant"), lambda rows, _user: rows.filter(state=State.INFO_REQUESTED)),
        Tab("decided", gettext_lazy("Decided"), lambda rows, _user: rows.filter(state__in=DECIDED)),
        Tab("all", gettext_lazy("All")),
    )
    empty = Empty(
        gettext_lazy("No requests here"),
        gettext_lazy("Requests stand here from the moment a tenant sends them until they are decided, and afterwards."),
        icon="inbox",
        url="request-new",
        action=gettext_lazy("Ask for GPUs"),
    )

    above = "resources/_bulk_bar.html"

    def may_bulk(self) -> bool:
        return "approve_quotas" in powers(self.user)

    def may_create(self) -> bool:
        return bool(ASKED_FOR.rows(self.user))


class RequestDetail(DetailPage):
    """A request: facts, what it does to capacity, what happened, and for deciders the decision."""

    queryset = QuotaRequest.objects.select_related(
        "tenant", "project__tenant", "requested_by", "authority", "reviewer", "mode", "grant"
    )
    template_name = "resources/request.html"
    nav = "requests"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests"))]

    def page_context(self) -> dict[str, Any]:
        lines = list(self.row.current_lines)
        title = _("%(tenant)s asks for %(asked)s") % {"tenant": self.row.tenant, "asked": asked_text(lines)}
        return {**super().page_context(), "title": title}

    def context(self, row: Any) -> dict[str, Any]:
        lines = list(row.current_lines)
        may_edit = may(self.user, "edit", row)
        return {
            "lines": lines,
            "asked": asked_text(lines),
            "history": history(row),
            "answers": answers_of(row),
            "revisions": revisions(row) if row.revision > 1 else [],
            "documents": documents_of(row, self.user),
            **conditions_card(row, self.user),
            "letters": letters_about(row, self.user) if row.submitted_at else [],
            "quotas": quotas_of_request(row, self.user),
            "may_edit": may_edit,
            "appeal_until": appeal_ends(row) if may_edit and not row.appealed_after else None,
            "own_case": is_own_case(self.user, row),
            "looked": looked_at(row, self.user),
            "sees_rule": may(self.user, "read_rules", row),
            **self.use(row, review := review_context(row, self.user)),
            **changed_grant(row, self.user, sum(line.amount for line in lines)),
            **review,
            **decided_so_far(row, review),
            "seen": seen(row),
        }

    def use(self, row: QuotaRequest, review: dict[str, Any]) -> dict[str, Any]:
        """The tenant's last day, for those who weigh the request and may see it."""
        day = tenant_day(row.tenant_id, self.user) if review["effects"] else None
        if not day or not day.at:
            return {}
        quota = sum(each.wanted for each in quotas_of_tenant(row.tenant, self.user))
        return {
            "use": day,
            "use_rows": hourly(day.at, day.allocated, day.busy),
            "use_json": {"at": day.at, "allocated": day.allocated, "busy": day.busy, "quota": quota},
        }


def decided_so_far(row: QuotaRequest, review: dict[str, Any]) -> dict[str, Any]:
    """How far an open request is decided, for everybody who sees it; the lines are those of the review where it has any."""
    if row.state not in QuotaRequest.OPEN:
        return {}
    lines = review["rulings"] if "rulings" in review else so_far(row)
    parts = in_parts(row, lines)
    return {"rulings": lines if parts else [], "parts": parts}


def seen(row: QuotaRequest) -> str:
    """What an open page knows of the request: its state, its revision, and how many steps were taken."""
    return f"{row.state}.{row.revision}.{row.decisions.count()}"


class RequestQuotas(DetailPage):
    """The part of the request's page that moves by itself: what of it is on the clusters."""

    queryset = QuotaRequest.objects.select_related("tenant", "project")
    template_name = "resources/request.html"
    part = "quotas"

    def context(self, row: Any) -> dict[str, Any]:
        return {"quotas": quotas_of_request(row, self.user)}


class RequestLetters(DetailPage):
    """The part of the request's page that shows a letter once it is written."""

    queryset = QuotaRequest.objects.all()
    template_name = "resources/_request_letters.html"

    def context(self, row: Any) -> dict[str, Any]:
        return {"letters": letters_about(row, self.user)}


class RequestConditions(DetailPage):
    """The part of the request's page that shows its conditions as they stand."""

    queryset = QuotaRequest.objects.all()
    template_name = "resources/_grant_conditions.html"

    def context(self, row: Any) -> dict[str, Any]:
        return {**conditions_card(row, self.user), "may_edit": may(self.user, "edit", row)}


class RequestMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now, or a note beside a form."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(QuotaRequest.objects.all(), self.user, public_id=public_id)
        if request.GET.get("seen") == seen(row):
            return HttpResponse(status=204)
        if "form" in request.GET:
            return render(request, "resources/_moved.html", {"row": row})
        return HttpResponseClientRefresh()


class TenantQuotas(DetailPage):
    """The part of the tenant's home that moves by itself."""

    queryset = Tenant.objects.all()
    template_name = "resources/_tenant_tile.html"

    def context(self, row: Any) -> dict[str, Any]:
        return {"tile": tile_of_tenant(row, self.user)}


class RequestAct(ActionPage):
    """One act of the tenant on its request."""

    queryset = QuotaRequest.objects.select_related("tenant", "project")
    verb = "edit"
    nav = "requests"

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests")), (self.back(), self.row.reference)]


class Submit(RequestAct):
    title = gettext_lazy("Send the request")
    consequence = gettext_lazy("Approvers see it from then on, and its content stands as it is.")
    button = gettext_lazy("Send request")
    done = gettext_lazy("Sent. You see here what becomes of it.")

    def act(self, form: Any) -> str:
        service.submit_request(acting_user=self.user, request=self.row)
        return self.back()


class Withdraw(RequestAct):
    form_class = ReasonForm
    title = gettext_lazy("Withdraw the request")
    consequence = gettext_lazy("Nobody decides about it any more. A new request can be made at any time.")
    button = gettext_lazy("Withdraw request")
    done = gettext_lazy("Withdrawn.")
    danger = True

    def act(self, form: Any) -> str:
        service.withdraw_request(acting_user=self.user, request=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class Appeal(RequestAct):
    form_class = AppealForm
    title = gettext_lazy("Appeal against the refusal")
    consequence = gettext_lazy("Other people decide it again, once. What you asked for stays as it is.")
    button = gettext_lazy("Send the appeal")
    done = gettext_lazy("Appealed. Other people decide it now.")

    def act(self, form: Any) -> str:
        appeal_request(acting_user=self.user, request=self.row, text=form.cleaned_data["text"])
        return self.back()
