"""Applications: the officers' queue, and the one page of a case for both sides."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may, powers
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage
from tenants import legal_ids
from tenants.decide_forms import DecideForm
from tenants.filters import CaseFilters
from tenants.models import OnboardingCase
from tenants.queries import cases as queries
from tenants.queries import checks, documents
from tenants.queries.letters import letters_about
from tenants.queries.outcomes import appeal_until, effect_of, pointed_at, standing_conditions
from tenants.queries.policies import OPEN, policy
from tenants.queries.progress import not_right_yet, stations, usual_time
from tenants.queries.questions import as_read
from tenants.queries.review import overdue, waits_for
from tenants.queries.thresholds import who_could_decide
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
    State.CONDITIONALLY_APPROVED: _(
        "Your organisation is a tenant. Show that its conditions are met before their days."
    ),
    State.REJECTED: _("The authority refused it; the letter says why. You may apply again."),
    State.APPEALED: _("Officers who had no part in the refusal will look at your appeal."),
    State.WITHDRAWN: _("You took it back. You may apply again at any time."),
    State.LAPSED: _("No answer came in time. You may apply again."),
}
"""What a state means for the applicant."""
AWAITED = (State.AWAITING_SECOND, State.APPEALED)
"""The states in which the page names who could take the next step."""


def at_a_desk(user: Any) -> bool:
    """Whether the person works somewhere here: who only applies has nothing to sort."""
    return bool(powers(user))


class Cases(ListPage):
    keeps_views = "cases"
    queryset = OnboardingCase.objects.select_related("authority", "officer").defer("answers", "marks", "purpose")
    table_class = CaseTable
    filterset_class = CaseFilters
    title = _("Applications")
    lede = _("Organisations asking to become tenants")
    nav = "cases"
    noun = _("applications")
    search_hint = _("Organisation, reference, register number")
    tabs = (
        Tab("open", _("Open"), lambda rows, _user: rows.filter(state__in=OPEN)),
        Tab("for_me", _("Waiting for me"), lambda rows, user: rows.filter(waits_for(user)), at_a_desk),
        Tab("mine", _("Mine"), lambda rows, user: rows.filter(officer=user, state__in=OPEN), at_a_desk),
        Tab("unassigned", _("Nobody’s"), lambda rows, _user: rows.filter(officer=None, state__in=OPEN), at_a_desk),
        Tab("overdue", _("Late"), lambda rows, _user: rows.filter(overdue()), at_a_desk),
        Tab(
            "waiting",
            _("Waiting for applicant"),
            lambda rows, _user: rows.filter(state=State.INFO_REQUESTED),
            at_a_desk,
        ),
        Tab("second", _("Second approval"), lambda rows, _user: rows.filter(state=State.AWAITING_SECOND), at_a_desk),
        Tab("appeals", _("Appeals"), lambda rows, _user: rows.filter(state=State.APPEALED), at_a_desk),
        Tab("decided", _("Decided"), lambda rows, _user: rows.filter(decided_at__isnull=False)),
        Tab("all", _("All")),
    )
    sorts = {"due": Sort("due_at"), "newest": Sort("submitted_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"due": _("Due first"), "newest": _("Newest first")}  # noqa: RUF012 - declared a ClassVar
    above = "tenants/_drafts.html"
    empty = Empty(
        _("No applications here"),
        _("An application appears here as soon as it has been sent."),
        icon="file-check",
    )

    def rows(self) -> Any:
        return super().rows().filter(submitted_at__isnull=False)

    def page_context(self) -> dict[str, Any]:
        searching = bool(self.request.GET.get("q"))
        writes = "decide_onboarding" not in powers(self.user) and not searching
        return {**super().page_context(), "drafts": queries.drafts_of(self.user) if writes else []}


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
        "wrong": not_right_yet(row, "legal_id", "contact_email") if applicant else {},
        "known_by": legal_ids.described(row.legal_id),
        "twins": [] if applicant else list(queries.other_tenants(row)[:5]),
        "same": [] if applicant else list(queries.other_cases(row, user)),
        "late": queries.is_late(row),
        "days": policy(row.authority_id, "decision.days"),
        "can_withdraw": applicant and row.moves.lawful(row.state, State.WITHDRAWN),
        **decision_context(user, row, applicant=applicant, decides=decides),
    }


def decision_context(user: Any, row: OnboardingCase, *, applicant: bool, decides: bool) -> dict[str, Any]:
    """What the page says of decisions: those that were taken, whom the next one waits for, what it would lead to."""
    second = row.state == State.AWAITING_SECOND
    question = queries.last_question(row) if row.state == State.INFO_REQUESTED else None
    may_meet = not applicant and row.state == State.CONDITIONALLY_APPROVED and may(user, "decide", row)
    return {
        "question": question,
        "pointed": pointed_at(row, question),
        "first_step": queries.last_step(row) if second and decides else None,
        "proposed": queries.proposed(row) if second and not applicant else [],
        "awaited": who_could_decide(row) if row.state in AWAITED and not applicant else [],
        "effect": effect_of(row, "approve", user) if decides else None,
        "conditions": standing_conditions(row),
        "may_meet": may_meet and not queries.conflict_of_interest(row, user),
        "appeal_until": appeal_until(row) if applicant else None,
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
