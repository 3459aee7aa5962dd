"""The application, written in five steps: each answer is kept as it is typed, and nothing is asked twice."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import NotFound, PortalError, Refused
from portal.core.registry import application_notes
from portal.ui.forms import put_error
from portal.ui.pages import FormPage
from tenants.models import OnboardingCase, PolicyRule
from tenants.queries import questions as queries
from tenants.queries.case_links import invitations_for
from tenants.queries.cases import last_question, other_cases, own_cases
from tenants.queries.known import ABOUT, known_here
from tenants.queries.policies import policy
from tenants.queries.progress import usual_time
from tenants.question_forms import StartForm, StrangerForm, step_form
from tenants.questions.answers import advice, asked, shown, trouble
from tenants.questions.schema import Step, said
from tenants.services import answers, case_links, documents, onboarding

State = OnboardingCase.State
SENT_TO = "case_link_sent_to"
SENT = gettext_lazy("Sent. The authority looks at it now; this page shows what happens.")


class Start(FormPage):
    """Who applies, and to whom. From here on every answer is kept."""

    form_class = StartForm
    template_name = "tenants/apply.html"
    title = gettext_lazy("Apply for your organisation")
    lede = gettext_lazy("An authority decides whether it becomes a tenant of this AI factory")
    button = gettext_lazy("Begin the application")
    nav = "apply"
    public = True

    def make_form(self, data: Any = None) -> Any:
        make = StartForm if self.request.user.is_authenticated else StrangerForm
        return make(data, initial=self.request.GET.dict(), user=self.user)

    def context(self, form: Any) -> dict[str, Any]:
        if not self.request.user.is_authenticated:
            return {}
        invited = [(link, case_links.token_of(link)) for link in invitations_for(self.user)]
        return {"own": own_cases(self.user)[:10], "invited": invited}

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated and (refusal := consume_or_429(request, action="apply")):
            return refusal  # type: ignore[no-any-return]  # allauth is untyped
        return super().post(request, **kwargs)

    def act(self, form: Any) -> str:
        facts = {name: form.cleaned_data[name] for name in ("organisation", "kind")}
        if not self.request.user.is_authenticated:
            email = form.cleaned_data["email"]
            case_links.begin_without_account(
                email=email, full_name="", authority=form.cleaned_data["authority"], facts=facts,
                site=self.request.build_absolute_uri("/"),
            )  # fmt: skip
            self.request.session[SENT_TO] = email
            return reverse("case-link-sent")
        facts["contact_email"] = self.user.email
        case = onboarding.draft_case(acting_user=self.user, authority=form.cleaned_data["authority"], facts=facts)
        return reverse("case-write", args=[case.public_id, queries.questions_of(case).steps[0].key])


class OnDraft(FormPage):
    """Pages of those who write an application, while it may be changed."""

    queryset = OnboardingCase.objects.select_related("authority", "question_set")
    verb = "edit"
    nav = "apply"

    def allow(self) -> None:
        if self.row.state not in answers.WRITABLE:
            raise Refused(
                _(
                    "This application has been sent, and what was sent stays as it is. Its page shows what you can do now."
                ),
                code="tenants.sent_already",
            )

    def crumbs(self) -> Any:
        return [(reverse("case", args=[self.row.public_id]), self.row.organisation or self.row.reference)]

    def frame(self, current: str) -> dict[str, Any]:
        """What every page of the wizard shows: the steps, with how much of each is open."""
        open_by_step: dict[str, int] = {}
        for gap in queries.open_questions(self.row):
            open_by_step[gap.step.key] = open_by_step.get(gap.step.key, 0) + 1
        steps = [
            {"key": step.key, "title": said(step.title), "open": open_by_step.get(step.key, 0),
             "url": reverse("case-write", args=[self.row.public_id, step.key])}
            for step in queries.questions_of(self.row).steps
        ]  # fmt: skip
        question = last_question(self.row) if self.row.state == State.INFO_REQUESTED else None
        notes = [sentence for ask in application_notes for sentence in ask(self.row)]
        if current in {"send", self.first_step}:
            notes += filter(None, [known_here(self.row, self.user)])
        return {"steps": steps, "current": current, "question": question, "notes": notes}

    @property
    def first_step(self) -> str:
        return queries.questions_of(self.row).steps[0].key

    def send_page(self) -> str:
        """Where the way through the steps ends: the whole is sent, or the answer that the authority waits for."""
        name = "case-answer" if self.row.state == State.INFO_REQUESTED else "case-send"
        return reverse(name, args=[self.row.public_id])


class Continue(OnDraft):
    """To the first step in which something is open; when nothing is, to the end, or to the start of what may be changed."""

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        missing = queries.open_questions(self.row)
        if not missing and self.row.state == State.DRAFT:
            return redirect(self.send_page())
        step = missing[0].step if missing else queries.questions_of(self.row).steps[0]
        return redirect("case-write", public_id, step.key)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return self.http_method_not_allowed(request)


class WriteStep(OnDraft):
    """One step. Everything typed is kept even when it is wrong; going on asks for it to be right."""

    takes_files = True
    template_name = "tenants/write.html"
    button = gettext_lazy("Save and go on")
    step: Step

    def load(self, public_id: Any = None) -> None:
        super().load(public_id)
        step = queries.questions_of(self.row).step(self.kwargs["step"])
        if step is None:
            raise NotFound
        self.step = step

    def make_form(self, data: Any = None) -> Any:
        return step_form(self.row, self._questions(), self.user, data)

    def _questions(self) -> Any:
        steps = asked(queries.questions_of(self.row), self.row.answers)
        return next(questions for step, questions in steps if step.key == self.step.key)

    def context(self, form: Any) -> dict[str, Any]:
        return {
            **self.frame(self.step.key), "title": said(self.step.title), "lede": said(self.step.lede),
            "since": timezone.now().isoformat(timespec="seconds"), "others": queries.activity(self.row, self.user),
            "last": queries.questions_of(self.row).steps[-1] == self.step,
        }  # fmt: skip

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        known = self._keep(frozenset())
        self._keep(known)  # what these answers have made a question, and was answered already
        refusals = self._attach()
        form = self.make_form(request.POST)
        for refusal in refusals:
            put_error(form, refusal)
        if request.POST.get("then") == "later":
            messages.success(request, _("Kept. Come back whenever you like; nobody else sees it until it is sent."))
            return redirect("case", self.row.public_id)
        files = {question.key for question in form.questions if question.kind == "file"}
        unseen = set(form.fields) - known - request.POST.keys() - files
        if unseen or not form.is_valid():
            return self.show(form, status=422)
        return redirect(self._next())

    def _keep(self, known: AbstractSet[str]) -> AbstractSet[str]:
        """Keep what was sent to the questions asked now, without those known already; the keys of all that are asked."""
        form = self.make_form(self.request.POST)
        sent = {key: value for key, value in form.typed.items() if key not in known}
        if known:  # what nobody has seen yet was not left empty by anybody
            sent = {key: value for key, value in sent.items() if key in self.request.POST}
        answers.keep_answers(acting_user=self.user, case=self.row, answers=sent)
        return set(form.fields)

    def _attach(self) -> list[PortalError]:
        """Keep the files that came with the form, where no script has sent them before; what was wrong with some."""
        wrong: list[PortalError] = []
        for question in self._questions():
            for file in self.request.FILES.getlist(question.key) if question.kind == "file" else []:
                try:
                    documents.attach_document(
                        acting_user=self.user,
                        case=self.row,
                        name=file.name or "",
                        content=file.read(),
                        question=question.key,
                    )
                except PortalError as refusal:
                    wrong.append(refusal)
        return wrong

    def _next(self) -> str:
        keys = [step.key for step in queries.questions_of(self.row).steps]
        later = keys[keys.index(self.step.key) + 1 :]
        if not later:
            return self.send_page()
        return reverse("case-write", args=[self.row.public_id, later[0]])


class KeepAnswer(OnDraft):
    """One answer, kept while it is typed. The reply says since when, and what is still wrong with it."""

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("case-edit", public_id)

    def allow(self) -> None:
        """The service says whether it may still be changed, in the words that the page shows."""

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        case, key, values = self.row, request.POST.get("key", ""), request.POST.getlist("value")
        question = queries.questions_of(case).question(key)
        many = question is not None and question.many
        earlier, before = case.marks.get(key), _asked_keys(case)
        value = values if many else (values[:1] or [""])[0]
        answers.keep_answer(acting_user=self.user, case=case, key=key, value=value)
        return JsonResponse(
            {
                "kept": _("Kept at %(time)s") % {"time": timezone.localtime().strftime("%H:%M:%S")},
                "wrong": trouble(question, case.answers.get(key)) if question else "",
                "advice": advice(question, case.answers.get(key)) if question else [],
                "known": known_here(case, self.user) if key in ABOUT else None,
                "moved": _asked_keys(case) != before,
                "other": self._overwritten(key, earlier, request.POST.get("since", "")),
            }
        )

    def _overwritten(self, key: str, earlier: Any, since: str) -> str:
        """What somebody else wrote here after this page was opened, and this answer has replaced."""
        if not earlier or earlier["by"] == self.user.pk or earlier["at"] <= since:
            return ""
        question = queries.questions_of(self.row).question(key)
        was = self.row.marks.get(key, {}).get("was", "")
        if question is None or not was or was == self.row.answers.get(key):
            return ""
        return _("%(person)s had written here meanwhile: “%(text)s”. What you typed stands now.") % {
            "person": queries.writer(earlier["by"]) or _("Somebody"), "text": shown(question, was)[:500],
        }  # fmt: skip


def _asked_keys(case: OnboardingCase) -> list[str]:
    steps = asked(queries.questions_of(case), case.answers)
    return [question.key for step, questions in steps for question in questions]


class CheckAndSend(OnDraft):
    """Everything on one page, what is still open, and the button that sends it."""

    template_name = "tenants/send.html"
    title = gettext_lazy("Check and send")
    lede = gettext_lazy("From then on what you sent stays as it is; if something is missing, the authority asks you")
    button = gettext_lazy("Send the application")

    def allow(self) -> None:
        super().allow()
        if self.row.state != State.DRAFT:
            raise Refused(
                _(
                    "The authority has this application already. Answer its question, and your changes go with the answer."
                )
            )

    def context(self, form: Any) -> dict[str, Any]:
        questionnaire = queries.questions_of(self.row)
        return {
            **self.frame("send"), "chapters": queries.chapters(questionnaire, queries.answers_of(self.row)),
            "gaps": queries.open_questions(self.row), "twins": other_cases(self.row, self.user),
            "promised": policy(self.row.authority_id, PolicyRule.Key.DECISION_DAYS),
            "usual": usual_time(self.row.authority_id),
        }  # fmt: skip

    def act(self, form: Any) -> str:
        onboarding.submit_case(acting_user=self.user, case=self.row)
        messages.success(self.request, str(SENT))
        return reverse("case", args=[self.row.public_id])
