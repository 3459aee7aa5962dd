"""The desk of those who decide: giving a request to a colleague, several small ones in one go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import powers
from portal.core.errors import Forbidden
from portal.ui.pages import FormPage, Page, Text
from resources.forms.desk import AssignForm
from resources.forms.requests import LONGEST_TEXT
from resources.models import QuotaRequest
from resources.queries.maintenance import ahead_of_each
from resources.queries.requests import with_lines
from resources.services import bulk, desk


class Assign(FormPage):
    """Who of the approvers looks after the request."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "authority", "reviewer")
    verb = "decide"
    nav = "requests"
    form_class = AssignForm
    title = _("Give it to a colleague")
    lede = _("Colleagues see whose it is; the day by which it is to be decided stays the same")
    button = _("Give it to this approver")
    done = _("Given. The approver finds it under “Mine”.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), _("Quota requests")), (self.back(), self.row.reference)]

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def initial(self) -> dict[str, Any]:
        return {"approver": str(self.row.reviewer.public_id)} if self.row.reviewer else {}

    def act(self, form: Any) -> str:
        desk.assign_request(acting_user=self.user, request=self.row, **form.cleaned_data)
        return self.back()


class Bulk(Page):
    """Several requests approved in full: each is counted in its turn and shown, then decided by itself and shown."""

    nav = "requests"
    template_name = "resources/bulk.html"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), _("Quota requests"))]

    def allow(self) -> None:
        if "approve_quotas" not in powers(self.user):
            raise Forbidden

    def get(self, request: HttpRequest) -> HttpResponse:
        self.allow()
        return redirect("requests")

    def post(self, request: HttpRequest) -> HttpResponse:
        self.allow()
        rows = self.chosen(request.POST.getlist("id"))
        if not rows:
            messages.info(request, _("No request was ticked that you may decide. Tick those that are to be approved."))
            return redirect("requests")
        reason = request.POST.get("reason", "")[:LONGEST_TEXT]
        context: dict[str, Any] = {**self.page_context(), "reason": reason, "most": bulk.AT_ONCE}
        if "confirmed" in request.POST:
            outcomes = bulk.approve_requests(acting_user=self.user, requests=rows, reason=reason)
            done = sum(each.done for each in outcomes)
            title = _("%(done)d of %(all)d requests were approved") % {"done": done, "all": len(rows)}
            return render(request, self.template_name, {**context, "outcomes": outcomes, "title": title})
        plans = bulk.plan(self.user, rows)
        windows = ahead_of_each([each.spans for each in plans])
        going = [each for each in plans if not each.why_not]
        title = _("Approve %(n)d of %(all)d requests in full?") % {"n": len(going), "all": len(rows)}
        gpus = sum(each.gpus for each in going)
        shown = {"plans": [*zip(plans, windows, strict=True)], "going": going, "gpus": gpus, "title": title}
        return render(request, self.template_name, {**context, **shown})

    def chosen(self, ids: list[str]) -> list[QuotaRequest]:
        """The requests that were ticked and that this person may decide, the most urgent first."""
        rows = QuotaRequest.objects.visible_to(self.user, "decide").filter(public_id__in=_uuids(ids)[: bulk.AT_ONCE])
        beside = rows.select_related("tenant", "project__tenant", "authority").prefetch_related(with_lines())
        return list(beside.order_by("due_at", "pk"))


def _uuids(ids: list[str]) -> list[UUID]:
    found = []
    for each in ids:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found
