"""What follows a decision: the applicant's appeal, conditions that are met, and the texts that officers use again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch, may
from portal.core.errors import Refused
from portal.ui.pages import ActionPage, DetailPage, FormPage, Text
from tenants.decide_forms import AppealForm, MeetForm, StockForm
from tenants.models import Authority, CaseCondition, CaseDocument, OnboardingCase, StockText
from tenants.queries.outcomes import appeal_until, stock_of
from tenants.services import appeals, conditions, stock


class AppealCase(FormPage):
    """The applicant's one appeal against a refusal."""

    queryset = OnboardingCase.objects.select_related("authority")
    form_class = AppealForm
    template_name = "tenants/appeal.html"
    nav = "cases"
    title = gettext_lazy("Appeal against the refusal")
    lede = gettext_lazy("Once, to officers who had no part in it; what they decide then is final")
    button = gettext_lazy("Send the appeal")
    done = gettext_lazy("Sent. Officers who had no part in the refusal look at it; this page shows what happens.")

    def crumbs(self) -> Any:
        return [(self.back(), self.row.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.public_id])

    def context(self, form: Any) -> dict[str, Any]:
        return {"until": appeal_until(self.row)}

    def act(self, form: Any) -> str:
        appeals.appeal_case(acting_user=self.user, case=self.row, **form.cleaned_data)
        return self.back()


class MeetCondition(ActionPage):
    """An officer says that a condition is met, and by what one sees it."""

    queryset = CaseCondition.objects.select_related("case__authority", "tenant")
    verb = "decide"
    form_class = MeetForm
    template_name = "tenants/condition_met.html"
    nav = "cases"
    title = gettext_lazy("Condition met")
    button = gettext_lazy("The condition is met")

    def allow(self) -> None:
        if self.row.state not in (CaseCondition.State.OPEN, CaseCondition.State.OVERDUE):
            raise Refused(
                _("This condition is “%(state)s”, so there is nothing to say about it any more.")
                % {"state": self.row.get_state_display()}
            )

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications")), (self.back(), self.row.case.organisation)]

    def back(self) -> str:
        return reverse("case", args=[self.row.case.public_id])

    def context(self, form: Any) -> dict[str, Any]:
        left = CaseCondition.objects.visible_to(self.user).filter(case=self.row.case, state__in=["open", "overdue"])
        return {"left": left.exclude(pk=self.row.pk).count()}

    def act(self, form: Any) -> str:
        chosen = form.cleaned_data["document"]
        document = fetch(CaseDocument.objects.all(), self.user, public_id=chosen) if chosen else None
        row = conditions.meet_condition(
            acting_user=self.user, condition=self.row, evidence=form.cleaned_data["evidence"], document=document
        )
        case = OnboardingCase.objects.visible_to(self.user).get(pk=row.case_id)
        if case.state == OnboardingCase.State.APPROVED:
            messages.success(self.request, _("Met, and it was the last: the admission has no conditions any more."))
        else:
            messages.success(self.request, _("Met. The others are watched as before."))
        return self.back()


class StockTexts(DetailPage):
    """The grounds, reasons and questions that officers of an authority choose from."""

    queryset = Authority.objects.all()
    verb = "decide"
    template_name = "tenants/stock.html"
    title = gettext_lazy("Texts of the officers")
    lede = gettext_lazy("Grounds, reasons and questions to choose from; a decision keeps the text as it stood")
    nav = "authorities"
    uses: ClassVar[tuple[str, ...]] = StockText.OF_CASES
    addresses: ClassVar[tuple[str, str, str]] = ("stock-texts", "stock-text-new", "stock-copy")

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        own = StockText.objects.visible_to(self.user).filter(authority=row, retired_at=None).order_by("pk")
        by_use: dict[str, list[StockText]] = {}
        for each in own:
            by_use.setdefault(each.use, []).append(each)
        return {
            "uses": [
                (use, label, by_use.get(use, []), [] if by_use.get(use) else stock_of(row.pk, use))
                for use, label in StockText.Use.choices
                if use in self.uses
            ],
            "may_edit": may(self.user, self.verb, row), "new": self.addresses[1], "copy": self.addresses[2],
        }  # fmt: skip


class AddStockText(FormPage):
    queryset = Authority.objects.all()
    verb = "decide"
    form_class = StockForm
    nav = "authorities"
    title = gettext_lazy("Add a text")
    lede = gettext_lazy("With the first text of a use, the portal’s own are not offered any more")
    button = gettext_lazy("Add the text")
    done: ClassVar[Text] = gettext_lazy("Added. Officers find it in the form of a decision.")
    home: ClassVar[str] = "stock-texts"
    uses: ClassVar[tuple[str, ...]] = StockText.OF_CASES

    def crumbs(self) -> Any:
        return [(reverse(self.home, args=[self.row.public_id]), _("Texts to choose from"))]

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields["use"].choices = [pair for pair in StockText.Use.choices if pair[0] in self.uses]
        return form

    def act(self, form: Any) -> str:
        stock.add_stock_text(
            acting_user=self.user, authority=self.row, use=form.cleaned_data["use"], texts=form.texts()
        )
        return reverse(self.home, args=[self.row.public_id])


class CopyStock(FormPage):
    """Begin the authority's own list of a use with the portal's texts."""

    queryset = Authority.objects.all()
    verb: ClassVar[str] = "decide"
    home: ClassVar[str] = "stock-texts"
    uses: ClassVar[tuple[str, ...]] = StockText.OF_CASES

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect(self.home, public_id)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        use = request.POST.get("use", "")
        stock.copy_stock(acting_user=self.user, authority=self.row, use=use if use in self.uses else "")
        return redirect(self.home, public_id)


class OnStockText(FormPage):
    queryset = StockText.objects.select_related("authority")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(self.back(), _("Texts to choose from"))]

    def back(self) -> str:
        home = "request-texts" if self.row.is_of_requests else "stock-texts"
        return reverse(home, args=[self.row.authority.public_id])


class EditStockText(OnStockText):
    form_class = StockForm
    title = gettext_lazy("Change a text")
    lede = gettext_lazy("For what is decided from now on; decisions keep what they said")
    button = gettext_lazy("Save the text")
    done = gettext_lazy("Saved.")

    def initial(self) -> dict[str, Any]:
        return {f"text_{code}": text for code, text in self.row.texts.items()}

    def act(self, form: Any) -> str:
        stock.change_stock_text(acting_user=self.user, row=self.row, texts=form.texts())
        return self.back()


class RetireStockText(OnStockText, ActionPage):
    title = gettext_lazy("Take it off the list")
    consequence = gettext_lazy("Officers do not find it any more. Decisions that used it keep it.")
    button = gettext_lazy("Take it off the list")
    done = gettext_lazy("Off the list.")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": str(self.row)}

    def act(self, form: Any) -> str:
        stock.retire_stock_text(acting_user=self.user, row=self.row)
        return self.back()
