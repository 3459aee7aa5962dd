"""The applicant's pages: apply, change a draft, send, answer, withdraw."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from portal.ui.pages import ActionPage
from tenants import forms
from tenants.models import OnboardingCase
from tenants.queries.cases import last_question
from tenants.services import onboarding

SENT = gettext_lazy("Sent. The authority looks at it now; this page shows what happens.")
KEPT = gettext_lazy("Kept as a draft. Only you see it until you send it.")


class OnCase(ActionPage):
    """An act of the applicant on their case."""

    queryset = OnboardingCase.objects.select_related("authority")
    verb = "edit"
    nav = "cases"

    def crumbs(self) -> Any:
        return [(self.back(), self.row.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])


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
