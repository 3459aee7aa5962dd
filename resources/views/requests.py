"""Quota requests: the list, asking, the request's own page, answering, withdrawing. Deciding is in ``decide``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may, powers
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage, Page, Text
from resources import filters, tables
from resources.forms.desk import AppealForm
from resources.forms.requests import AnswerForm, ReasonForm, RequestForm, asked_text, begin_of, initial_of
from resources.models import QuotaRequest
from resources.queries import capacity
from resources.queries.deciders import is_own_case
from resources.queries.desk import overdue
from resources.queries.engines import capability
from resources.queries.history import history
from resources.queries.quotas import quotas_of_request, quotas_of_tenant, tile_of_tenant
from resources.queries.requests import concerning, with_lines
from resources.queries.usage import tenant_day
from resources.services import requests as service
from resources.services.appeals import appeal_ends, appeal_request
from resources.views.blocks import hourly
from resources.views.grants import changed_grant
from resources.views.review import review_context
from tenants.models import Project, Tenant

State = QuotaRequest.State


WITHOUT_REVIEWER = Q(reviewer__isnull=True, state__in=QuotaRequest.DECIDABLE)
APPEALED = Q(appealed_after__gt=0, state__in=QuotaRequest.OPEN)
DECIDED = (State.APPROVED, State.PARTIALLY_APPROVED, State.REJECTED)


class RequestList(ListPage):
    keeps_views = "requests"
    queryset = QuotaRequest.objects.select_related("tenant", "project", "reviewer").prefetch_related(with_lines())
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
        return Project.objects.visible_to(self.user, "request").exists()


class RequestNew(FormPage):
    """Ask for GPUs: sent at once, or kept as a draft."""

    form_class = RequestForm
    template_name = "resources/request_form.html"
    nav = "requests"
    title = gettext_lazy("Ask for GPUs")
    lede = gettext_lazy("An approver of an authority with a share of these GPUs decides about it.")
    button = gettext_lazy("Send request")

    def allow(self) -> None:
        if not Project.objects.visible_to(self.user, "request").exists():
            fetch(Project.objects.all(), self.user, "request", pk=None)

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        """Who has no project yet is led to opening one, since that is what asks."""
        tenants = Tenant.objects.visible_to(self.user, "manage_projects").filter(state=Tenant.State.ACTIVE)
        mine = tenants.first() if not Project.objects.visible_to(self.user, "request").exists() else None
        if self.queryset is None and mine is not None:
            messages.info(request, _("It is a project that asks for GPUs, and there is none yet. Open one, then ask."))
            return redirect("project-new", mine.public_id)
        return super().get(request, public_id, **kwargs)

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests"))]

    def context(self, form: Any) -> dict[str, Any]:
        return availability(form)

    def act(self, form: Any) -> str:
        request = self.save(form)
        if "draft" in self.request.POST:
            messages.success(self.request, _("Kept as a draft. Only your organisation sees it."))
        else:
            service.submit_request(acting_user=self.user, request=request)
            messages.success(
                self.request,
                _("%(reference)s is sent. You see here what becomes of it.") % {"reference": request.reference},
            )
        return reverse("request", args=[request.public_id])

    def save(self, form: Any) -> QuotaRequest:
        data = form.cleaned_data
        return service.draft_request(
            acting_user=self.user, project=data["project"], purpose=data["purpose"], wishes=form.wishes()
        )


class RequestEdit(RequestNew):
    """A draft again."""

    queryset = QuotaRequest.objects.select_related("tenant", "project")
    verb = "edit"
    title = gettext_lazy("Change the draft")

    def allow(self) -> None:
        """Whoever may edit the draft may open it."""

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def save(self, form: Any) -> QuotaRequest:
        data = form.cleaned_data
        return service.change_draft(
            acting_user=self.user,
            request=self.row,
            project=data["project"],
            purpose=data["purpose"],
            wishes=form.wishes(),
        )


class Availability(Page):
    """The part of the form that follows what is typed: which GPUs are offered, how many are free, what one has."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = RequestForm(request.GET, user=self.user)
        form.is_valid()
        form.errors.clear()
        return render(request, "resources/request_form.html#offer", {"form": form, **availability(form)})


def availability(form: Any) -> dict[str, Any]:
    """Free GPUs of the chosen pool over the chosen period, and what the project has of them already."""
    data = getattr(form, "cleaned_data", {}) if form.is_bound else {}
    pool, since, until = data.get("pool"), data.get("since"), data.get("until")
    if not pool or not since or not until or until < since:
        return {"room": None}
    asked = data.get("amount") or 0
    starts_at, ends_at = begin_of(since), begin_of(until + timedelta(days=1))
    return {
        "room": capacity.room_for(pool, starts_at, ends_at, asked=asked),
        "own": capacity.granted_to(data["project"], pool, starts_at, ends_at),
        "enforcement": capability(pool),
    }


class RequestDetail(DetailPage):
    """A request: facts, what it does to capacity, what happened, and for deciders the decision."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "requested_by", "authority", "reviewer")
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
            "quotas": quotas_of_request(row, self.user),
            "may_edit": may_edit,
            "appeal_until": appeal_ends(row) if may_edit and not row.appealed_after else None,
            "own_case": is_own_case(self.user, row),
            **self.use(row, review := review_context(row, self.user)),
            **changed_grant(row, self.user, sum(line.amount for line in lines)),
            **review,
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


class RequestQuotas(DetailPage):
    """The part of the request's page that moves by itself: what of it is on the clusters."""

    queryset = QuotaRequest.objects.select_related("tenant", "project")
    template_name = "resources/request.html"
    part = "quotas"

    def context(self, row: Any) -> dict[str, Any]:
        return {"quotas": quotas_of_request(row, self.user)}


class RequestMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now, or a note beside a form."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(QuotaRequest.objects.all(), self.user, public_id=public_id)
        if request.GET.get("seen") == f"{row.state}.{row.revision}":
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


class Answer(RequestAct):
    form_class = AnswerForm
    template_name = "portal/form.html"
    title = gettext_lazy("Answer the approver")
    lede = gettext_lazy("A changed line makes a new revision; what was sent before is kept.")
    button = gettext_lazy("Send answer")
    done = gettext_lazy("Answered. The request is in review again.")

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        service.answer_request(
            acting_user=self.user, request=self.row, text=data["text"], purpose=data["purpose"], wishes=form.wishes()
        )
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
