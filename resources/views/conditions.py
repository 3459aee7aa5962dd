"""Conditions of grants: the list, one with what happened, what the tenant says, what approvers decide; rows of a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may
from portal.models import User
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import DetailPage, FormPage, Page, Text
from resources.condition_tables import ConditionFilters, ConditionTable
from resources.forms.conditions import ConfirmForm, SayMetForm, ShortenForm
from resources.forms.decisions import DecisionForm
from resources.models import Grant, GrantCondition, QuotaRequest
from resources.queries.conditions import WITH_NAMES, conditions_of, grants_under, objection_to, steps_of
from resources.services import condition_holds, conditions
from resources.services.request_documents import attach_document
from resources.views.acts import RowAct

State = GrantCondition.State
SETTLED = (State.MET, State.LIFTED, State.ENDED)
NAMES: list[tuple[str, Text]] = [("grant-conditions", gettext_lazy("Conditions of grants"))]


def conditions_card(row: QuotaRequest, user: User) -> dict[str, Any]:
    """What ``resources/_grant_conditions.html`` needs on the page of a request."""
    found = conditions_of(row) if row.submitted_at else []
    seen = GrantCondition.objects.visible_to(user).filter(pk__in=[each.pk for each in found]) if found else ()
    return {"conditions": found, "seen_conditions": {each.pk for each in seen}}


class ConditionList(ListPage):
    keeps_views = "grant-conditions"
    queryset = GrantCondition.objects.select_related(*WITH_NAMES)
    table_class = ConditionTable
    filterset_class = ConditionFilters
    nav = "grant-conditions"
    title = gettext_lazy("Conditions of grants")
    lede = gettext_lazy("What tenants have to do by a day, as the decisions about their requests say")
    noun = gettext_lazy("conditions")
    search_hint = gettext_lazy("Tenant, project, reference, text")
    tabs = (
        Tab("open", gettext_lazy("To be met"), lambda rows, _user: rows.watched()),
        Tab(
            "approver", gettext_lazy("With the approver"),
            lambda rows, _user: rows.filter(state__in=GrantCondition.WITH_APPROVER),
        ),
        Tab("overdue", gettext_lazy("Overdue"), lambda rows, _user: rows.filter(state=State.OVERDUE)),
        Tab("settled", gettext_lazy("Settled"), lambda rows, _user: rows.filter(state__in=SETTLED)),
        Tab("all", gettext_lazy("All")),
    )  # fmt: skip
    sorts: ClassVar[dict[str, Sort]] = {"newest": Sort("created_at", descending=True), "due": Sort("due_at")}
    sort_labels: ClassVar[dict[str, Text]] = {
        "newest": gettext_lazy("Newest first"), "due": gettext_lazy("Next due first"),
    }  # fmt: skip
    empty = Empty(
        gettext_lazy("No conditions here"),
        gettext_lazy("A condition stands here from the decision on that sets it, and stays after it is settled."),
        icon="list-check",
    )


class ConditionDetail(DetailPage):
    queryset = GrantCondition.objects.select_related(*WITH_NAMES, "said_by", "closed_by", "document")
    template_name = "resources/grant_condition.html"
    nav = "grant-conditions"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse(name), label) for name, label in NAMES]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": str(self.row)}

    def context(self, row: Any) -> dict[str, Any]:
        approves = may(self.user, "decide", row)
        near = approves and bool(objection_to(self.user, row))
        return {
            "answers": may(self.user, "answer", row),
            "decides": approves and not near,
            "own_case": near,
            "steps": steps_of(row),
            "grants": grants_under(row).filter(pk__in=Grant.objects.visible_to(self.user)).order_by("pk"),
            "request_seen": QuotaRequest.objects.visible_to(self.user).filter(pk=row.request_id).exists(),
        }


class ConditionMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(GrantCondition.objects.all(), self.user, public_id=public_id)
        seen = f"{row.state}.{1 if row.suspended_at else 0}"
        return HttpResponse(status=204) if request.GET.get("seen") == seen else HttpResponseClientRefresh()


class ConditionRows(FormPage):
    """The rows of conditions in the form of a decision, as typed, with one more. Keeps and decides nothing."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "requested_by", "authority")
    verb = "decide"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("request", public_id)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        form = DecisionForm(request.POST, user=self.user, row=self.row)
        form.is_valid()
        return render(request, "resources/_condition_fields.html", {"form": form, "row": self.row})


class ConditionAct(RowAct):
    """One act on a condition."""

    queryset = GrantCondition.objects.select_related(*WITH_NAMES, "request__tenant", "request__authority")
    template_name = "resources/grant_condition_act.html"
    nav = "grant-conditions"
    named, place, trail = "condition", "grant-condition", NAMES


class SayMet(ConditionAct):
    verb = "answer"
    takes_files = True
    form_class = SayMetForm
    title = gettext_lazy("Say that the condition is met")
    consequence = gettext_lazy("An approver looks at it and confirms it, or sends it back and says what is missing.")
    button = gettext_lazy("It is met")
    done = gettext_lazy("Sent. You see here what the approver says.")

    def make_form(self, data: Any = None) -> Any:
        return SayMetForm(data, self.request.FILES if data is not None else None, user=self.user, row=self.row)

    def act(self, form: Any) -> str:
        note, file = form.cleaned_data["note"], form.cleaned_data["file"]
        document = None
        if file:
            document = attach_document(
                acting_user=self.user, request=self.row.request, name=file.name, content=file.read()
            )
        conditions.say_met(acting_user=self.user, condition=self.row, note=note, document=document)
        return self.back()


class Confirm(ConditionAct):
    form_class = ConfirmForm
    title = gettext_lazy("Confirm that the condition is met")
    consequence = gettext_lazy("It is settled, and the tenant is told. Grants that were suspended for it run again.")
    button = gettext_lazy("Confirm that it is met")
    done = gettext_lazy("Confirmed. The tenant was told.")
    do = staticmethod(conditions.confirm_met)


class SendBack(ConditionAct):
    title = gettext_lazy("Send the condition back")
    consequence = gettext_lazy("The tenant reads what is missing, and has to meet it still.")
    button = gettext_lazy("Send it back")
    done = gettext_lazy("Sent back. The tenant was told.")
    do = staticmethod(conditions.send_back_condition)


class Lift(ConditionAct):
    title = gettext_lazy("Lift the condition")
    consequence = gettext_lazy(
        "It need not be met any more, and cannot be set again. Grants that were suspended for it run again."
    )
    button = gettext_lazy("Lift the condition")
    done = gettext_lazy("Lifted. The tenant was told.")
    do = staticmethod(conditions.lift_condition)


class Suspend(ConditionAct):
    title = gettext_lazy("Suspend the grants")
    consequence = gettext_lazy(
        "Their quota becomes zero: nothing new can begin, what runs is not stopped. They go on taking capacity and run "
        "again once the condition is confirmed or lifted."
    )
    button = gettext_lazy("Suspend the grants")
    done = gettext_lazy("Suspended. The tenant was told.")
    danger = True
    do = staticmethod(condition_holds.suspend_for_condition)


class Shorten(ConditionAct):
    form_class = ShortenForm
    title = gettext_lazy("Let the grants end earlier")
    consequence = gettext_lazy(
        "Grants that end with this day come in the place of those that last longer. This cannot be undone; the tenant may "
        "ask for an extension."
    )
    button = gettext_lazy("Let them end earlier")
    done = gettext_lazy("The grants end earlier. The tenant was told.")
    danger = True
    do = staticmethod(condition_holds.shorten_for_condition)
