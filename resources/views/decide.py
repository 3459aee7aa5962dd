"""A decider's acts on a request: the decision read back and taken, confirmed, taken back; taking it into review."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.errors import Forbidden, MovedMeanwhile, NotFound, PortalError
from portal.ui.forms import put_error
from portal.ui.pages import ActionPage, FormPage, Text
from portal.ui.times import moment_text
from resources.forms.conditions import MORE
from resources.forms.decisions import DecisionForm, SecondForm, given_text
from resources.forms.requests import ReasonForm, asked_text
from resources.models import QuotaRequest
from resources.queries.capacity import Placement
from resources.queries.conditions import conditions_set_by
from resources.queries.rulings import SoFar, of_step, so_far, waiting_step
from resources.services import decisions as service
from resources.views.review import effect_context, payer_of

State = QuotaRequest.State
GIVES = {DecisionForm.APPROVE, DecisionForm.PART, SecondForm.CONFIRM}


def too_late(row: QuotaRequest, typed: str) -> MovedMeanwhile:
    """What somebody is told whose decision comes after another's: whose, when, and that theirs is not recorded."""
    last = row.decisions.select_related("decider", "rule").order_by("-created_at", "-pk").first()
    said = _("%(reference)s is “%(state)s” already.") % {"reference": row, "state": row.get_state_display()}
    if last is not None:
        said = _("%(reference)s is “%(state)s” already: %(person)s decided it on %(at)s.") % {
            "reference": row, "state": row.get_state_display(), "person": last.taken_by,
            "at": moment_text(last.created_at),
        }  # fmt: skip
    kept = _("Your decision was not recorded.")
    return MovedMeanwhile(" ".join([said, kept, _("You had written: “%(text)s”") % {"text": typed} if typed else ""]))


class Decide(FormPage):
    """Two steps: the decision is read back with its effect, then it is taken."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "requested_by", "authority")
    verb = "decide"
    template_name = "resources/decide.html"
    nav = "requests"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests")), (self.address(), self.row.reference)]

    def address(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect(self.address())

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        second = self.row.state == State.AWAITING_SECOND
        of_other_step = request.POST.get("decision") in (DecisionForm if second else SecondForm).CHOICES
        if self.row.state not in QuotaRequest.DECIDABLE or of_other_step:
            raise too_late(self.row, request.POST.get("reason", ""))
        form: Any = (SecondForm if second else DecisionForm)(request.POST, user=self.user, row=self.row)
        if not form.is_valid():
            return self.ask(form, status=422)
        if MORE in request.POST:
            return self.ask(form)
        if "confirmed" not in request.POST:
            return self.ask(form)
        try:
            self.take(form)
        except (NotFound, Forbidden):
            raise
        except PortalError as error:
            put_error(form, error)
            return self.ask(form, status=error.status)
        messages.success(request, self.outcome())
        return redirect(self.address())

    def ask(self, form: Any, status: int = 200) -> HttpResponse:
        """The decision read back: what it does and what happens next; or what has to be mended first."""
        lines, first = so_far(self.row), waiting_step(self.row)
        payer = payer_of(self.row, self.user, lines, first)
        placements = of_step(lines, first) if first else form.placements()
        effect = effect_context(self.row, lines, payer if first else form.paying, placements, first)
        more = MORE in self.request.POST
        choice = form.cleaned_data.get("decision", "") if hasattr(form, "cleaned_data") else ""
        context = {
            **self.page_context(),
            "row": self.row, "form": form, "first": first, "choice": choice, "more": more,
            "conditions": conditions_set_by(first) if first else form.conditions() if choice in GIVES and not form.errors else [],
            "asked": given_text(form.lines, form.terms()) if choice == DecisionForm.PART else asked_text(self.row.current_lines),
            "title": self.mend() if form.errors or more else self.question(choice, effect["total"]),
            "button": self.verb_of(choice, effect["total"]),
            "waits_for_others": self.leaves_open(lines, placements),
            "danger": choice == DecisionForm.REJECT,
            "shows_effect": choice in GIVES and not (isinstance(form, DecisionForm) and form.wrong_amounts()),
            **effect,
        }  # fmt: skip
        return render(self.request, self.template_name, context, status=status)

    def leaves_open(self, lines: list[SoFar], placements: list[Placement]) -> bool:
        """Whether lines stay open for other authorities after this step."""
        closed = {each.line.pk for each in placements if each.closes}
        return any(each.is_open and each.line.pk not in closed for each in lines)

    def mend(self) -> str:
        """The title while something is wrong with what was typed: no number of it is a promise."""
        return _("Your decision on %(reference)s of %(tenant)s") % {"reference": self.row, "tenant": self.row.tenant}

    def question(self, choice: str, total: int) -> str:
        facts = {"tenant": self.row.tenant, "reference": self.row.reference, "gpus": total}
        return {
            DecisionForm.ASK: _("Ask %(tenant)s for changes to %(reference)s?") % facts,
            DecisionForm.REJECT: _("Refuse %(reference)s of %(tenant)s?") % facts,
            SecondForm.SEND_BACK: _("Send %(reference)s back to review?") % facts,
            SecondForm.CONFIRM: _("Confirm %(gpus)d GPUs for %(tenant)s?") % facts,
        }.get(choice, _("Approve %(gpus)d GPUs for %(tenant)s?") % facts)

    def verb_of(self, choice: str, total: int) -> str:
        return {
            DecisionForm.ASK: _("Ask for changes"),
            DecisionForm.REJECT: _("Refuse request"),
            SecondForm.SEND_BACK: _("Send back"),
            SecondForm.CONFIRM: ngettext("Confirm %(n)d GPU", "Confirm %(n)d GPUs", total) % {"n": total},
        }.get(choice, ngettext("Approve %(n)d GPU", "Approve %(n)d GPUs", total) % {"n": total})

    def take(self, form: Any) -> None:
        choice, reason = form.cleaned_data["decision"], form.cleaned_data["reason"]
        facts = {"acting_user": self.user, "request": self.row}
        if choice == SecondForm.CONFIRM:
            service.confirm_request(**facts, reason=reason)
        elif choice == SecondForm.SEND_BACK:
            service.send_back_request(**facts, reason=reason)
        elif choice == DecisionForm.ASK:
            service.ask_for_changes(**facts, reason=reason)
        elif choice == DecisionForm.REJECT:
            service.reject_request(**facts, reason=reason)
        else:
            service.approve_request(
                **facts, terms=form.terms(), reason=reason, authority=form.paying and form.paying[0],
                conditions=form.conditions(),
            )  # fmt: skip

    def outcome(self) -> str:
        return {
            State.AWAITING_SECOND: _("Recorded. A second person has to agree before anything changes for the tenant."),
            State.REJECTED: _("Refused. The tenant reads your reason."),
            State.INFO_REQUESTED: _("Asked. The clock stands until the tenant answers."),
            State.IN_REVIEW: _("Recorded. The request is in review; nothing is granted before every line is decided."),
        }.get(self.row.state, _("Approved. The quota is being applied; this page says when it is in force."))


class TakeIntoReview(ActionPage):
    queryset = QuotaRequest.objects.select_related("tenant", "project")
    verb = "decide"
    nav = "requests"
    title = gettext_lazy("Take the request into review")
    consequence = gettext_lazy("The tenant sees that you are looking at it. Others may still decide.")
    button = gettext_lazy("Take into review")

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        service.take_into_review(acting_user=self.user, request=self.row)
        return self.back()


class TakeBack(ActionPage):
    """Undo a step of one's own, or of one's authority, before it takes effect."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "authority")
    verb = "decide"
    nav = "requests"
    form_class = ReasonForm
    title = gettext_lazy("Take the approval back")
    consequence = gettext_lazy(
        "The request is in review again. Nothing was granted, and the step stays in its history."
    )
    button = gettext_lazy("Take back")
    done = gettext_lazy("Taken back. The request is in review again.")

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        service.take_back_request(acting_user=self.user, request=self.row, reason=form.cleaned_data["reason"])
        return self.back()
