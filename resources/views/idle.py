"""Idle GPUs: the list, a finding with what was measured and what happened, answers of the tenant, decisions, savings."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, may
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import DetailPage, Page, PlainPage, Text
from portal.ui.tables import safe_cell
from resources import grant_filters
from resources.forms.asking import begin_of
from resources.forms.grants import JustifyForm, NoteForm, ReclaimForm, ReleaseForm
from resources.grant_tables import IdleTable
from resources.models import IdleFinding
from resources.queries.deciders import stands_too_near
from resources.queries.idleness import rules_for
from resources.queries.maintenance import overlapping
from resources.queries.measured import use_of_pool
from resources.queries.savings import given_back, savings, totals
from resources.services import idle as service
from resources.views.acts import RowAct
from resources.views.use_charts import chart_of

State = IdleFinding.State
WITH_NAMES = (
    "tenant", "grant__tenant", "grant__pool__kind", "grant__pool__cluster", "grant__environment__project",
    "grant__share__authority",
)  # fmt: skip
NAMES: list[tuple[str, Text]] = [("idle-findings", gettext_lazy("Idle GPUs"))]


class IdleList(ListPage):
    keeps_views = "idle-findings"
    queryset = IdleFinding.objects.select_related(*WITH_NAMES)
    table_class = IdleTable
    filterset_class = grant_filters.IdleFilters
    nav = "idle"
    title = gettext_lazy("Idle GPUs")
    lede = gettext_lazy("GPUs that are promised and hardly used, as measured; nothing is taken back unasked")
    noun = gettext_lazy("findings")
    search_hint = gettext_lazy("Tenant, project, name on the cluster")
    tabs = (
        Tab("open", gettext_lazy("Open"), lambda rows, _user: rows.filter(state__in=IdleFinding.OPEN)),
        Tab(
            "approver", gettext_lazy("With the approver"),
            lambda rows, _user: rows.filter(state__in=(State.JUSTIFIED, State.ESCALATED, State.AWAITING_SECOND)),
        ),
        Tab("back", gettext_lazy("Given or taken back"), lambda rows, _user: rows.filter(given_back__gt=0)),
        Tab("all", gettext_lazy("All")),
    )  # fmt: skip
    empty = Empty(
        gettext_lazy("No idle GPUs here"),
        gettext_lazy(
            "GPUs stand here when hardly any of a grant were busy for as long as the authority’s policy says. "
            "What a silent cluster did is not known and never stands here."
        ),
        icon="circle-check",
    )

    def list_context(self, *args: Any) -> dict[str, Any]:
        link = (reverse("idle-savings"), _("What was given back"), "chart-line")
        return {**super().list_context(*args), "actions": [link]}


class IdleDetail(DetailPage):
    queryset = IdleFinding.objects.select_related(*WITH_NAMES, "first_by")
    template_name = "resources/idle.html"
    nav = "idle"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse(name), label) for name, label in NAMES]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": str(self.row)}

    def context(self, row: Any) -> dict[str, Any]:
        use = use_of_pool(row.tenant_id, row.grant.pool, row.since - timedelta(days=7), row.closed_at or timezone.now())
        rules = rules_for(row.grant)
        decides = may(self.user, "decide", row) and not stands_too_near(self.user, row.grant)
        return {
            "use": use,
            "chart": chart_of(use),
            "rules": rules,
            "maintenance": list(overlapping([row.grant.pool], row.since, row.closed_at or timezone.now())),
            "answers": may(self.user, "answer", row),
            "decides": decides,
            "own_case": may(self.user, "decide", row) and not decides,
            "told_enough": row.notices >= rules.notices,
            "steps": list(row.steps.select_related("by", "on_behalf_of").order_by("pk")),
        }


class IdleMoved(Page):
    """Asked by an open page when something happened: nothing moved, or the page as it is now."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = fetch(IdleFinding.objects.all(), self.user, public_id=public_id)
        seen = f"{row.state}.{row.notices}"
        return HttpResponse(status=204) if request.GET.get("seen") == seen else HttpResponseClientRefresh()


class IdleAct(RowAct):
    """One act on a finding."""

    queryset = IdleFinding.objects.select_related(*WITH_NAMES)
    nav = "idle"
    named, place, trail = "finding", "idle-finding", NAMES


class Justify(IdleAct):
    verb = "answer"
    form_class = JustifyForm
    title = gettext_lazy("Say what they are kept for")
    consequence = gettext_lazy("An approver reads it and accepts it or not. Nothing is taken back meanwhile.")
    button = gettext_lazy("Send the reason")
    done = gettext_lazy("Sent. You see here what the approver says.")

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        service.justify_idle(
            acting_user=self.user, finding=self.row, reason=data["reason"], needed_until=begin_of(data["needed_until"])
        )
        return self.back()


class Release(IdleAct):
    verb = "answer"
    form_class = ReleaseForm
    title = gettext_lazy("Give GPUs back")
    consequence = gettext_lazy(
        "Your quota is lowered at once, and others can be given these GPUs. What runs is not stopped. "
        "To have them again, ask for them."
    )
    button = gettext_lazy("Give them back")
    done = gettext_lazy("Given back. Thank you.")
    do = staticmethod(service.release_idle)

    def initial(self) -> dict[str, Any]:
        return {"gpus": self.row.gpus}


class Accept(IdleAct):
    form_class = NoteForm
    title = gettext_lazy("Accept the reason")
    consequence = gettext_lazy("The tenant keeps its GPUs, and nobody asks again before the day it named.")
    button = gettext_lazy("Accept the reason")
    done = gettext_lazy("Accepted. The tenant was told.")
    do = staticmethod(service.accept_idle)


class Escalate(IdleAct):
    title = gettext_lazy("Do not accept the reason")
    consequence = gettext_lazy(
        "The tenant is told why. It can still give GPUs back; you can take them back after that."
    )
    button = gettext_lazy("Do not accept it")
    done = gettext_lazy("The tenant was told.")
    do = staticmethod(service.escalate_idle)


class Dismiss(IdleAct):
    title = gettext_lazy("Close without taking anything")
    consequence = gettext_lazy("The tenant keeps its GPUs. They are looked at again after the time of the policy.")
    button = gettext_lazy("Close it")
    done = gettext_lazy("Closed.")
    do = staticmethod(service.dismiss_idle)


class Reclaim(IdleAct):
    form_class = ReclaimForm
    title = gettext_lazy("Take idle GPUs back")
    consequence = gettext_lazy(
        "A smaller grant comes in the place of this one and the quota is lowered at once. What runs is not stopped. "
        "Above the number in the policy a second person has to agree first."
    )
    button = gettext_lazy("Take them back")
    danger = True
    do = staticmethod(service.reclaim_idle)

    def initial(self) -> dict[str, Any]:
        return {"gpus": self.row.gpus}


class Confirm(IdleAct):
    form_class = NoteForm
    title = gettext_lazy("Agree to taking them back")
    button = gettext_lazy("Agree")
    done = gettext_lazy("Taken back. The tenant was told.")
    danger = True
    do = staticmethod(service.confirm_reclaim)

    def page_context(self) -> dict[str, Any]:
        said = _("%(who)s wants to take %(n)d GPUs back. If you agree, the quota is lowered at once.")
        facts = {"who": self.row.first_by, "n": self.row.asked_gpus or 0}
        return {**super().page_context(), "consequence": said % facts}


class SendBack(IdleAct):
    title = gettext_lazy("Do not agree")
    consequence = gettext_lazy("Nothing is taken back; it is with the approvers again.")
    button = gettext_lazy("Send it back")
    done = gettext_lazy("Sent back.")
    do = staticmethod(service.send_back_reclaim)


class Savings(PlainPage):
    """GPU-hours that findings gave back, by authority and month."""

    template_name = "resources/idle_savings.html"
    title = gettext_lazy("What was given back")
    lede = gettext_lazy("GPU-hours that became free because idle GPUs were given or taken back")
    nav = "idle"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse(name), label) for name, label in NAMES]

    def context(self) -> dict[str, Any]:
        rows = savings(given_back(self.user))
        return {"rows": rows, "totals": totals(rows)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") == "csv":
            return _as_file(self.context()["rows"])
        return super().get(request, *args, **kwargs)


def _as_file(rows: Any) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["authority", "month", "findings", "gpus", "gpu_hours_free", "gpu_hours_to_come"])
    for each in rows:
        writer.writerow(
            [safe_cell(each.authority.name), f"{each.month:%Y-%m}", each.findings, each.gpus,
             round(each.saved_hours, 2), round(each.coming_hours, 2)]
        )  # fmt: skip
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="idle-savings.csv"'
    return response
