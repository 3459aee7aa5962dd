"""Applications: the officers' queue, and the one page of a case for both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.errors import MovedMeanwhile
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage
from portal.ui.times import moment_text
from tenants import legal_ids
from tenants.filters import CaseFilters
from tenants.forms import OUTCOMES, SECOND_OUTCOMES, DecideForm
from tenants.models import OnboardingCase
from tenants.queries import cases as queries
from tenants.queries import checks, documents
from tenants.queries.letters import letters_about
from tenants.queries.policies import OPEN, policy
from tenants.queries.progress import stations, usual_time
from tenants.queries.questions import as_read
from tenants.queries.review import overdue
from tenants.services import admission
from tenants.services.documents import MAY_ADD
from tenants.tables import CaseTable

State = OnboardingCase.State
NEXT = {
    State.DRAFT: _("Only those who write it see it. Send it when it is complete."),
    State.SUBMITTED: _("An officer of the authority will take it up."),
    State.IN_REVIEW: _("An officer looks at it. If something is missing, they ask you here."),
    State.INFO_REQUESTED: _("The authority asked you something. Its clock stands still until you answer."),
    State.AWAITING_SECOND: _("A second officer looks at it before the decision."),
    State.APPROVED: _("Your organisation is a tenant. Open a project there and ask for GPUs."),
    State.REJECTED: _("The authority refused it; the reason is below. You may apply again."),
    State.WITHDRAWN: _("You took it back. You may apply again at any time."),
    State.LAPSED: _("No answer came in time. You may apply again."),
}
"""What a state means for the applicant."""


class Cases(ListPage):
    keeps_views = "cases"
    queryset = OnboardingCase.objects.select_related("authority", "officer")
    table_class = CaseTable
    filterset_class = CaseFilters
    title = _("Applications")
    lede = _("Organisations asking to become tenants")
    nav = "cases"
    noun = _("applications")
    search_hint = _("Organisation, reference, register number")
    tabs = (
        Tab("open", _("Open"), lambda rows, _user: rows.filter(state__in=OPEN)),
        Tab("mine", _("Mine"), lambda rows, user: rows.filter(officer=user, state__in=OPEN)),
        Tab("unassigned", _("Nobody’s"), lambda rows, _user: rows.filter(officer=None, state__in=OPEN)),
        Tab("overdue", _("Late"), lambda rows, _user: rows.filter(overdue())),
        Tab("waiting", _("Waiting for applicant"), lambda rows, _user: rows.filter(state=State.INFO_REQUESTED)),
        Tab("second", _("Second approval"), lambda rows, _user: rows.filter(state=State.AWAITING_SECOND)),
        Tab("all", _("All")),
    )
    sorts = {"due": Sort("due_at"), "newest": Sort("submitted_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"due": _("Due first"), "newest": _("Newest first")}  # noqa: RUF012
    empty = Empty(
        _("No applications here"),
        _("An application appears as soon as an organisation sends one to your authority."),
        icon="file-check",
    )

    def rows(self) -> Any:
        return super().rows().filter(submitted_at__isnull=False)


class Case(DetailPage):
    """One application: its applicant reads what happens next, its officers what they need to decide."""

    queryset = OnboardingCase.objects.select_related("authority", "officer", "submitted_by", "tenant", "question_set")
    template_name = "tenants/case.html"
    nav = "cases"

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications"))]

    def context(self, row: OnboardingCase) -> dict[str, Any]:
        return {**case_context(self.user, row), "title": row.organisation}


def case_context(user: Any, row: OnboardingCase) -> dict[str, Any]:
    """What both faces of the page need: the parts of it and the page of a decision that did not go."""
    applicant = queries.is_named(user, row)
    decides = row.state in OPEN and may(user, "decide", row)
    against = queries.conflict_of_interest(row, user) if decides else ""
    deciding = decides and not against and row.state != State.INFO_REQUESTED
    near = applicant or bool(queries.near(row, user))
    chapters = as_read(row, for_applicant=applicant)
    return {
        "chapters": chapters,
        "changed": sum(answer.before is not None for chapter in chapters for answer in chapter.answers),
        "applicant": applicant,
        "decides": decides,
        "against": against,
        "deciding": deciding,
        "form": DecideForm(user=user, row=row) if deciding else None,
        "stations": stations(row) if applicant else [],
        "usual": usual_time(row.authority_id) if applicant else None,
        "next": NEXT.get(State(row.state), "") if applicant else "",
        "may_note": not near and may(user, "decide", row),
        "steps": queries.history(row, for_applicant=near),
        "checks": checks.panel(row, inside=not near),
        "documents": documents.shown(row, user),
        "letters": letters_about(row, user),
        "may_attach": applicant and row.state in MAY_ADD,
        "known_by": legal_ids.described(row.legal_id),
        "twins": [] if applicant else list(queries.other_tenants(row)[:5]),
        "same": [] if applicant else list(queries.other_cases(row, user)),
        "late": queries.is_late(row),
        "days": policy(row.authority_id, "decision.days"),
        "first_step": queries.last_step(row) if row.state == State.AWAITING_SECOND and decides else None,
        "can_withdraw": applicant and row.moves.lawful(row.state, State.WITHDRAWN),
        "question": queries.last_question(row) if row.state == State.INFO_REQUESTED else None,
    }


class CaseFacts(Case):
    """The part of the page that follows the case by itself."""

    part = "facts"


class CaseAside(Case):
    """Likewise the side of it, while nobody is typing a decision there."""

    part = "aside"


class TakeCase(ActionPage):
    queryset = Case.queryset
    verb = "decide"
    nav = "cases"
    title = _("Take up the review")
    consequence = _(
        "You become the officer of this application; colleagues see that. The applicant sees that the review has begun."
    )
    button = _("Take up the review")
    done = _("It is yours now.")

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        admission.take_case(acting_user=self.user, case=self.row)
        return self.back()


SAID = {
    "approve": _("Approved. %(organisation)s is a tenant, and the applicant its owner."),
    "ask": _("Asked. The clock stands still until the applicant answers."),
    "reject": _("Refused. The applicant reads your reason."),
    "send_back": _("Sent back. The application is in review again."),
}
WAITS = _("Recorded. A second officer has to approve it too; nothing happens until then.")
ACTS: dict[str, Callable[..., OnboardingCase]] = {
    "approve": admission.approve_case,
    "ask": admission.ask_applicant,
    "reject": admission.reject_case,
    "send_back": admission.send_back_case,
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
    """The decision. What was typed stays on the page when it does not go."""

    queryset = Case.queryset
    verb = "decide"
    form_class = DecideForm
    template_name = "tenants/case.html"
    nav = "cases"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("case", public_id=public_id)

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications"))]

    def context(self, form: Any) -> dict[str, Any]:
        self.row.refresh_from_db(fields=["state", "officer"])  # the refused act had begun to move it
        context = case_context(self.user, self.row)
        return {**context, "title": self.row.organisation, "form": form if context["deciding"] else None}

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        if self.row.state not in OPEN or request.POST.get("outcome") in other_step(self.row):
            raise too_late(self.row, request.POST.get("reason", ""))
        return super().post(request, public_id, **kwargs)

    def act(self, form: Any) -> str:
        outcome = form.cleaned_data["outcome"]
        case = ACTS[outcome](acting_user=self.user, case=self.row, reason=form.cleaned_data["reason"])
        said = WAITS if case.state == State.AWAITING_SECOND else SAID[outcome]
        messages.success(self.request, str(said) % {"organisation": case.organisation})
        return reverse("case", args=[case.public_id])
