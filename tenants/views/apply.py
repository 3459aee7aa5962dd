"""The applicant's pages: apply, change a draft, send, answer, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import Refused
from portal.ui.pages import ActionPage, FormPage
from tenants import forms
from tenants.models import OnboardingCase
from tenants.queries.cases import last_question, own_cases
from tenants.services import onboarding

SENT = gettext_lazy("Sent. The authority looks at it now; this page shows what happens.")
KEPT = gettext_lazy("Kept as a draft. Only you see it until you send it.")


class Apply(FormPage):
    """The short form. "Send" sends it; "Keep as a draft" keeps it, gaps and all."""

    form_class = forms.CaseForm
    template_name = "tenants/apply.html"
    title = gettext_lazy("Apply for your organisation")
    lede = gettext_lazy("An authority decides whether it becomes a tenant of this AI factory")
    button = gettext_lazy("Send the application")
    nav = "apply"

    def initial(self) -> dict[str, Any]:
        return {"contact_email": self.user.email}

    def context(self, form: Any) -> dict[str, Any]:
        return {"own": own_cases(self.user)[:10]}

    def keep(self, form: Any) -> OnboardingCase:
        return onboarding.draft_case(
            acting_user=self.user, authority=form.cleaned_data["authority"], facts=form.facts()
        )

    def act(self, form: Any) -> str:
        case = self.keep(form)
        if form.keeps:
            messages.success(self.request, str(KEPT))
        else:
            onboarding.submit_case(acting_user=self.user, case=case)
            messages.success(self.request, str(SENT))
        return reverse("case", args=[case.public_id])


class EditDraft(Apply):
    """The same form over a draft."""

    queryset = OnboardingCase.objects.select_related("authority")
    title = gettext_lazy("Your application")
    lede = gettext_lazy("A draft: only you see it until you send it")

    def allow(self) -> None:
        if self.row.state != OnboardingCase.State.DRAFT:
            raise Refused(
                _(
                    "This application has been sent, and what was sent stays as it is. Its page shows what you can do now."
                ),
                code="tenants.sent_already",
            )

    def initial(self) -> dict[str, Any]:
        names = ("organisation", "kind", "country", "legal_id", "data_class", "residency", "contact_email", "purpose")
        return {**{name: getattr(self.row, name) for name in names}, "authority": self.row.authority.public_id}

    def context(self, form: Any) -> dict[str, Any]:
        return {}

    def keep(self, form: Any) -> OnboardingCase:
        return onboarding.revise_case(
            acting_user=self.user, case=self.row, authority=form.cleaned_data["authority"], facts=form.facts()
        )


class OnCase(ActionPage):
    """An act of the applicant on their case."""

    queryset = OnboardingCase.objects.select_related("authority")
    verb = "edit"
    nav = "cases"

    def crumbs(self) -> Any:
        return [(self.back(), self.row.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])


class SendCase(OnCase):
    title = gettext_lazy("Send the application")
    consequence = gettext_lazy(
        "The authority's officers see it from then on, and what you sent stays as it is. If something is missing they ask you."
    )
    button = gettext_lazy("Send the application")
    done = SENT

    def act(self, form: Any) -> str:
        onboarding.submit_case(acting_user=self.user, case=self.row)
        return self.back()


class WithdrawCase(OnCase):
    verb = "withdraw"
    form_class = forms.WithdrawForm
    title = gettext_lazy("Withdraw the application")
    consequence = gettext_lazy("Nobody decides about it any more. It cannot be taken up again, but you may apply anew.")
    button = gettext_lazy("Withdraw the application")
    danger = True
    done = gettext_lazy("Withdrawn. You may apply again at any time.")

    def act(self, form: Any) -> str:
        onboarding.withdraw_case(acting_user=self.user, case=self.row, reason=form.cleaned_data["reason"])
        return self.back()


class AnswerCase(OnCase):
    form_class = forms.AnswerForm
    template_name = "tenants/answer.html"
    title = gettext_lazy("Answer the authority")
    consequence = gettext_lazy("Your answer goes to the officers, and their review goes on.")
    button = gettext_lazy("Send the answer")
    done = gettext_lazy("Answered. The officers go on with their review.")

    def context(self, form: Any) -> dict[str, Any]:
        return {"question": last_question(self.row)}

    def act(self, form: Any) -> str:
        onboarding.answer_case(acting_user=self.user, case=self.row, text=form.cleaned_data["text"])
        return self.back()
