"""The decision about an application: which way, what belongs to it, what follows; then it is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Forbidden, MovedMeanwhile, NotFound, PortalError
from portal.ui.forms import put_error
from portal.ui.pages import FormPage
from portal.ui.times import moment_text
from tenants.decide_forms import OUTCOMES, SECOND_OUTCOMES, STEP_TWO, DecideForm
from tenants.models import OnboardingCase
from tenants.queries import cases as queries
from tenants.queries.outcomes import effect_of
from tenants.queries.policies import OPEN
from tenants.services import admission
from tenants.views.cases import Case, case_context

State = OnboardingCase.State
SAID = {
    "approve": _("Approved. %(organisation)s is a tenant, and the applicant its owner."),
    "conditions": _("Approved with conditions. %(organisation)s is a tenant; the portal watches the conditions."),
    "ask": _("Asked. The clock stands still until the applicant answers."),
    "reject": _("Refused. The applicant gets the letter with your reason."),
    "send_back": _("Sent back. The application is in review again."),
}
WAITS = _("Recorded. A second officer has to approve it too; nothing happens until then.")
ACTS: dict[str, Callable[..., OnboardingCase]] = {
    "approve": admission.approve_case,
    "conditions": admission.approve_case,
    "ask": admission.ask_applicant,
    "reject": admission.reject_case,
    "send_back": admission.send_back_case,
}
QUESTIONS = {
    "approve": _("Approve %(organisation)s?"),
    "conditions": _("Approve %(organisation)s with conditions?"),
    "ask": _("Ask %(organisation)s for information"),
    "reject": _("Refuse %(organisation)s?"),
    "send_back": _("Send %(organisation)s back to review?"),
}
VERBS = {
    "approve": _("Approve the application"),
    "conditions": _("Approve with these conditions"),
    "ask": _("Ask the applicant"),
    "reject": _("Refuse the application"),
    "send_back": _("Send back to review"),
}


def too_late(row: OnboardingCase, typed: str) -> MovedMeanwhile:
    """What somebody is told whose decision comes after another's: whose, when, and that theirs is not recorded."""
    last = queries.last_step(row)
    said = _("%(case)s is “%(state)s” already.") % {"case": row, "state": row.get_state_display()}
    if last is not None:
        said = _("%(case)s is “%(state)s” already: %(person)s decided it on %(at)s.") % {
            "case": row, "state": row.get_state_display(), "person": last.decider, "at": moment_text(last.created_at),
        }  # fmt: skip
    kept = str(_("Your decision was not recorded."))
    return MovedMeanwhile(
        " ".join([str(said), kept, str(_("You had written: “%(text)s”") % {"text": typed}) if typed else ""])
    )


def other_step(row: OnboardingCase) -> set[str]:
    """What is decided in the other of the two steps only: a page with that was made before the case moved."""
    now, other = OUTCOMES, SECOND_OUTCOMES
    if row.state == State.AWAITING_SECOND:
        now, other = other, now
    return {key for key, _label in other} - {key for key, _label in now}


class DecideCase(FormPage):
    """Two steps: the way is chosen beside the application, then it is read back with what belongs to it and taken.

    What was typed stays on the page when it does not go.
    """

    queryset = Case.queryset
    verb = "decide"
    form_class = DecideForm
    template_name = "tenants/case.html"
    nav = "cases"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("case", public_id=public_id)

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications")), (self.address(), self.row.organisation)]

    def address(self) -> str:
        return reverse("case", args=[self.row.public_id])

    def context(self, form: Any) -> dict[str, Any]:
        self.row.refresh_from_db(fields=["state", "officer"])  # the refused act had begun to move it
        context = case_context(self.user, self.row)
        return {**context, "title": self.row.organisation, "form": form if context["deciding"] else None}

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        outcome = request.POST.get("outcome", "")
        if self.row.state not in OPEN or outcome in other_step(self.row):
            raise too_late(self.row, request.POST.get("reason", ""))
        if "confirmed" in request.POST and outcome in STEP_TWO:
            return self.take(outcome)
        first = self.make_form(request.POST)
        if not first.is_valid():
            return self.show(first, status=422)
        typed = {"outcome": outcome, "reason": first.reason_with_texts()}
        return self.ask(outcome, STEP_TWO[outcome](initial=typed, user=self.user, row=self.row))

    def take(self, outcome: str) -> HttpResponse:
        form = STEP_TWO[outcome](self.request.POST, user=self.user, row=self.row)
        if not form.is_valid():
            return self.ask(outcome, form, status=422)
        try:
            case = ACTS[outcome](acting_user=self.user, case=self.row, **form.facts())
        except (NotFound, Forbidden):
            raise
        except PortalError as error:
            put_error(form, error)
            self.row.refresh_from_db(fields=["state", "officer"])
            return self.ask(outcome, form, status=error.status)
        said = WAITS if case.state == State.AWAITING_SECOND else SAID[outcome]
        if case.state == State.CONDITIONALLY_APPROVED:
            said = SAID["conditions"]
        messages.success(self.request, str(said) % {"organisation": case.organisation})
        return redirect(self.address())

    def ask(self, outcome: str, form: Any, status: int = 200) -> HttpResponse:
        """The decision read back: what belongs to it and what happens next; or what has to be mended first."""
        context = {
            **self.page_context(), "row": self.row, "form": form, "outcome": outcome,
            "title": str(QUESTIONS[outcome]) % {"organisation": self.row.organisation}, "button": VERBS[outcome],
            "danger": outcome == "reject", "effect": effect_of(self.row, outcome, self.user), "back": self.address(),
            "first_step": queries.last_step(self.row) if self.row.state == State.AWAITING_SECOND else None,
            "proposed": queries.proposed(self.row),
        }  # fmt: skip
        return render(self.request, "tenants/decide.html", context, status=status)


class Effects(FormPage):
    """What the way that is chosen leads to, as a part of the page that follows the choice."""

    queryset = Case.queryset
    verb = "decide"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        outcome = request.GET.get("outcome", "")
        effect = effect_of(self.row, outcome, self.user) if outcome in STEP_TWO else None
        return render(request, "tenants/decide.html#effect", {"row": self.row, "effect": effect, "outcome": outcome})

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return self.http_method_not_allowed(request)
