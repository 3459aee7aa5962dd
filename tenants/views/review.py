"""The work around a decision: whose application it is, and what officers note."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.ui.pages import FormPage
from tenants.review_forms import AssignForm, NoteForm
from tenants.services import review
from tenants.views.cases import Case


class ReviewStep(FormPage):
    """A form about one application, from which the way leads back to it."""

    queryset = Case.queryset
    verb = "decide"
    nav = "cases"

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications")), (self.back(), self.row.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])


class AssignCase(ReviewStep):
    """Who of the authority's officers looks after the application."""

    form_class = AssignForm
    title = _("Give it to an officer")
    lede = _("Colleagues see whose it is; the day by which it is to be decided stays the same")
    button = _("Give it to this officer")
    done = _("Given. The officer finds it under “Mine”.")

    def initial(self) -> dict[str, Any]:
        return {"officer": str(self.row.officer.public_id)} if self.row.officer else {}

    def act(self, form: Any) -> str:
        review.assign_case(acting_user=self.user, case=self.row, **form.cleaned_data)
        return self.back()


class NoteCase(ReviewStep):
    """A note between officers."""

    form_class = NoteForm
    title = _("Write an internal note")
    button = _("Keep the note")
    done = _("Kept. It stands in the history, for officers and auditors alone.")

    def act(self, form: Any) -> str:
        review.note_case(acting_user=self.user, case=self.row, **form.cleaned_data)
        return self.back()
