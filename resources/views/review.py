"""What a decider sees and does on a request's page: the effect on capacity, the decision, the step of confirming it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.access import may
from portal.core.errors import Forbidden, MovedMeanwhile, NotFound, PortalError
from portal.models import User
from portal.ui.forms import put_error
from portal.ui.pages import ActionPage, FormPage, Text
from portal.ui.times import moment_text
from resources.forms.requests import DecisionForm, SecondForm, asked_text, given_text
from resources.models import Decision, QuotaRequest, RequestLine, Share
from resources.queries.capacity import Preview, preview_request
from resources.queries.deciders import (
    choose_payer,
    is_own_case,
    payers,
    right_to_decide,
    same_eyes,
    second_person_because,
    who_could_agree,
)
from resources.queries.engines import capability
from resources.queries.placement import place, placed_by
from resources.services import decisions as service
from tenants.errors import FourEyes
from tenants.models import Authority

State = QuotaRequest.State
GIVES = {DecisionForm.APPROVE, DecisionForm.PART, SecondForm.CONFIRM}
Payer = tuple[Authority, dict[int, Share]] | None


def payer_of(row: QuotaRequest, user: User, lines: list[RequestLine]) -> Payer:
    """Who would pay if ``user`` decided; None when this person may not decide it."""
    if row.state not in QuotaRequest.DECIDABLE or is_own_case(user, row):
        return None
    first = first_step(row)
    if first and same_eyes(user, first):
        return None
    payer = choose_payer(payers(user, lines), row, first.deciding_authority if first else None)
    return None if payer and _refusal(user, row, payer[0]) else payer


def _refusal(user: User, row: QuotaRequest, authority: Authority) -> str:
    """Why nobody's right suffices of those that the person holds at the authority; "" when one does."""
    try:
        right_to_decide(user, row, authority)
    except FourEyes as error:
        return str(error)
    return ""


def too_late(row: QuotaRequest, typed: str) -> MovedMeanwhile:
    """What somebody is told whose decision comes after another's: whose, when, and that theirs is not recorded."""
    last = row.decisions.select_related("decider").order_by("-created_at", "-pk").first()
    said = _("%(reference)s is “%(state)s” already.") % {"reference": row, "state": row.get_state_display()}
    if last is not None:
        said = _("%(reference)s is “%(state)s” already: %(person)s decided it on %(at)s.") % {
            "reference": row, "state": row.get_state_display(), "person": last.decider,
            "at": moment_text(last.created_at),
        }  # fmt: skip
    kept = _("Your decision was not recorded.")
    return MovedMeanwhile(" ".join([said, kept, _("You had written: “%(text)s”") % {"text": typed} if typed else ""]))


def first_step(row: QuotaRequest) -> Decision | None:
    """The approval that waits for a second person, if one does."""
    if row.state != State.AWAITING_SECOND:
        return None
    steps = row.decisions.filter(revision=row.revision, outcome__in=("approve", "approve_part"))
    return steps.select_related("decider", "on_behalf_of", "deciding_authority").order_by("-step").first()


def review_context(row: QuotaRequest, user: User, lines: list[RequestLine]) -> dict[str, Any]:
    """What the page shows to those who decide or watch over it; the tenant sees none of the others' sums."""
    if row.state not in QuotaRequest.OPEN or not _watches(row, user):
        return {"effects": [], "form": None, "first": first_step(row), "decides": False}
    payer = payer_of(row, user, lines)
    first = first_step(row)
    form: Any = None
    if payer:
        form = SecondForm(user=user, row=row) if first else DecisionForm(user=user, row=row)
    places(row, form, first)
    return {
        "form": form,
        "decides": bool(payer),
        "first": first,
        "could_agree": ", ".join(map(str, who_could_agree(row, first))) if first else "",
        "waits_for_other": bool(first and first.decider_id == user.pk),
        "why_not": "" if payer else why_not(row, user, first),
        **effect_context(row, user, lines, payer, given_first(first)),
    }


def places(row: QuotaRequest, form: Any, first: Decision | None) -> None:
    """Lines without a cluster lie where the first person put them, else where the form does."""
    if first:
        place(row, placed_by(first))
    elif isinstance(form, DecisionForm):
        place(row, form.placements())


def why_not(row: QuotaRequest, user: User, first: Decision | None) -> str:
    """Why somebody who may decide requests does not decide this one now; empty for those who only watch."""
    if row.state not in QuotaRequest.DECIDABLE or not may(user, "decide", row):
        return ""
    if is_own_case(user, row):
        return _("You belong to %(tenant)s, so others decide about it.") % {"tenant": row.tenant}
    if first and first.decider_id == user.pk:
        return ""
    if first and same_eyes(user, first):
        return _(
            "%(person)s approved it first, and one of you stands in for the other. A third person has to agree."
        ) % {"person": first.decider}
    payer = choose_payer(payers(user, list(row.current_lines)), row, first.deciding_authority if first else None)
    if payer and (refusal := _refusal(user, row, payer[0])):
        return refusal
    if first:
        return _("The second person has to be an approver of %(authority)s, which pays.") % {
            "authority": first.deciding_authority
        }
    return _("No authority that you approve for holds a share of every pool that is asked for.")


def _watches(row: QuotaRequest, user: User) -> bool:
    """Those who decide it, and the auditors of its authority."""
    return may(user, "decide", row) or Authority.objects.visible_to(user, "audit").filter(pk=row.authority_id).exists()


def given_first(first: Decision | None) -> dict[int, int] | None:
    return dict(first.lines.values_list("line_id", "granted")) if first else None


def effect_context(
    row: QuotaRequest, user: User, lines: list[RequestLine], payer: Payer, given: dict[int, int] | None
) -> dict[str, Any]:
    """Capacity before and after, what the engine will do with it, and whether two people have to decide."""
    shares = payer[1] if payer else {}
    effects: list[Preview] = preview_request(row, shares, given)
    amounts = [(effect.line, effect.give) for effect in effects if effect.line]
    over = any(effect.over_line for effect in effects)
    second = second_person_because(payer[0].pk if payer else row.authority_id, amounts)
    return {
        "effects": [(effect, capability(effect.pool)) for effect in effects],
        "over_line": over,
        "second_because": "line" if over else second,
        "payer": payer[0] if payer else None,
        "total": sum(give for _line, give in amounts),
    }


class Impact(FormPage):
    """The part that follows the decision as it is typed."""

    queryset = QuotaRequest.objects.select_related("tenant", "project")
    verb = "decide"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        form = DecisionForm(request.GET, user=self.user, row=self.row)
        form.is_valid()
        places(self.row, form, None)
        lines = self.row.placed_lines
        payer = payer_of(self.row, self.user, lines)
        context = effect_context(self.row, self.user, lines, payer, form.amounts())
        if wrong := form.wrong_amounts():
            context |= {"effects": [], "second_because": "", "wrong": wrong}
        return render(request, "resources/request.html#impact", {"row": self.row, "decides": bool(payer), **context})

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return self.http_method_not_allowed(request)


class Decide(FormPage):
    """Two steps: the decision is read back with its effect, then it is taken."""

    queryset = QuotaRequest.objects.select_related("tenant", "project", "requested_by", "authority")
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
        first = first_step(self.row)
        places(self.row, form, first)
        lines = self.row.placed_lines
        payer = payer_of(self.row, self.user, lines)
        given = given_first(first) if first else form.amounts()
        effect = effect_context(self.row, self.user, lines, payer, given)
        choice = form.cleaned_data.get("decision", "") if hasattr(form, "cleaned_data") else ""
        context = {
            **self.page_context(),
            "row": self.row, "form": form, "first": first, "choice": choice,
            "asked": given_text(lines, form.amounts()) if choice == DecisionForm.PART else asked_text(lines),
            "title": self.mend() if form.errors else self.question(choice, effect["total"]),
            "button": self.verb_of(choice, effect["total"]),
            "danger": choice == DecisionForm.REJECT,
            "shows_effect": choice in GIVES and not (isinstance(form, DecisionForm) and form.wrong_amounts()),
            **effect,
        }  # fmt: skip
        return render(self.request, self.template_name, context, status=status)

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
            service.approve_request(**facts, amounts=form.amounts(), reason=reason, placements=form.placements())

    def outcome(self) -> str:
        return {
            State.AWAITING_SECOND: _("Recorded. A second person has to agree before anything changes for the tenant."),
            State.REJECTED: _("Refused. The tenant reads your reason."),
            State.INFO_REQUESTED: _("Asked. The clock stands until the tenant answers."),
            State.IN_REVIEW: _("Sent back. Nothing was granted."),
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
