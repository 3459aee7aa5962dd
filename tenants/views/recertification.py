"""The look back at tenants: the list for officers, one of them, and what owner and officer do with it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage
from tenants.lifecycle_forms import BackForm, DueForm, FactsForm, RemarkForm
from tenants.lifecycle_tables import RecertificationFilters, RecertificationTable
from tenants.models import Recertification
from tenants.queries.recertification import facts_of, overdue, soon
from tenants.services.recertification import (
    answer_recertification,
    close_recertification,
    send_back_recertification,
    set_due,
)

CLOSED = Recertification.State.CLOSED


class Recertifications(ListPage):
    queryset = Recertification.objects.select_related("tenant", "authority", "answered_by", "closed_by")
    table_class = RecertificationTable
    filterset_class = RecertificationFilters
    title = _("Recertification")
    lede = _("Tenants whose facts are to be looked at again")
    nav = "recertifications"
    noun = _("recertifications")
    search_hint = _("Tenant, register number")
    tabs = (
        Tab("soon", _("Due within 60 days"), lambda rows, _user: rows.exclude(state=CLOSED).filter(soon())),
        Tab("late", _("Past their day"), lambda rows, _user: rows.exclude(state=CLOSED).filter(overdue())),
        Tab("answered", _("To be closed"), lambda rows, _user: rows.filter(state=Recertification.State.ANSWERED)),
        Tab("open", _("All open"), lambda rows, _user: rows.exclude(state=CLOSED)),
        Tab("all", _("All, closed ones too")),
    )
    sorts = {"due": Sort("due_on"), "newest": Sort("created_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"due": _("By day"), "newest": _("Newest first")}  # noqa: RUF012
    empty = Empty(
        _("Nothing is due"), _("Each tenant comes up here sixty days before its day."), icon="calendar"
    )  # fmt: skip


class RecertificationPage(DetailPage):
    queryset = Recertifications.queryset
    template_name = "tenants/recertification.html"
    nav = "recertifications"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.tenant.public_id]), self.row.tenant.name)]

    def context(self, row: Recertification) -> dict[str, Any]:
        is_open = row.state != CLOSED
        decides = is_open and may(self.user, "decide", row)
        return {
            "title": _("Recertification"), "lede": row.tenant.name, "facts": facts_of(row), "decides": decides,
            "may_answer": row.state == Recertification.State.OPEN and may(self.user, "answer", row),
        }  # fmt: skip


class OnRecertification(FormPage):
    queryset = Recertifications.queryset
    nav = "recertifications"

    def back(self) -> str:
        return reverse("recertification", args=[self.row.public_id])

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.tenant.name}

    def crumbs(self) -> Any:
        return [(self.back(), self.row.tenant.name)]


class AnswerRecertification(OnRecertification):
    verb = "answer"
    form_class = FactsForm
    title = _("Confirm or correct the facts")
    button = _("Send to the officer")
    done = _("Sent. An officer takes your corrections over and closes it.")

    def initial(self) -> dict[str, Any]:
        return FactsForm.facts_of(self.row)

    def act(self, form: Any) -> str:
        facts = {name: form.cleaned_data[name] for name in Recertification.FACTS}
        answer_recertification(
            acting_user=self.user, recertification=self.row, facts=facts, note=form.cleaned_data["note"]
        )
        return self.back()


class CloseRecertification(OnRecertification, ActionPage):
    verb = "decide"
    form_class = RemarkForm
    title = _("Close the recertification")
    consequence = _(
        "What the owner corrected is taken over into the tenant, and the next look back gets its day by the defaults of the kind."
    )
    button = _("Take over and close")
    done = _("Closed.")

    def act(self, form: Any) -> str:
        close_recertification(acting_user=self.user, recertification=self.row, remark=form.cleaned_data["remark"])
        return self.back()


class SendBackRecertification(OnRecertification):
    verb = "decide"
    form_class = BackForm
    title = _("Send it back to the owner")
    button = _("Send it back")
    done = _("Sent back. The owner is told.")

    def act(self, form: Any) -> str:
        send_back_recertification(acting_user=self.user, recertification=self.row, remark=form.cleaned_data["remark"])
        return self.back()


class MoveRecertification(OnRecertification):
    verb = "decide"
    form_class = DueForm
    title = _("Another day")
    button = _("Set the day")
    done = _("Set. Reminders begin anew.")

    def initial(self) -> dict[str, Any]:
        return {"due_on": self.row.due_on}

    def act(self, form: Any) -> str:
        set_due(acting_user=self.user, recertification=self.row, **form.cleaned_data)
        return self.back()
