"""Texts that approvers choose from: their list, and putting one before what was typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from portal.ui.pages import FormPage
from resources.forms.decisions import ReasonFields
from resources.models import QuotaRequest
from tenants.models import StockText
from tenants.views.aftermath import AddStockText, CopyStock, StockTexts


class RequestTexts(StockTexts):
    """The reasons, refusals, questions and conditions that approvers of an authority choose from."""

    verb = "approve"
    uses = StockText.OF_REQUESTS
    title = gettext_lazy("Texts of the approvers")
    lede = gettext_lazy(
        "Reasons, refusals, questions and conditions to choose from; a decision keeps the text as it stood"
    )
    addresses = ("request-texts", "request-text-new", "request-text-copy")


class AddRequestText(AddStockText):
    verb = "approve"
    home = "request-texts"
    uses = StockText.OF_REQUESTS
    done = gettext_lazy("Added. Approvers find it in the form of a decision.")


class CopyRequestTexts(CopyStock):
    verb = "approve"
    home = "request-texts"
    uses = StockText.OF_REQUESTS


class RequestReason(FormPage):
    """The field of the reason with a chosen text in it, as a part of the form of a decision. Keeps nothing."""

    queryset = QuotaRequest.objects.select_related("tenant", "requested_by")
    verb = "decide"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect("request", public_id)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        form = ReasonFields(user=self.user, row=self.row)
        typed = {name: request.POST.get(name, "") for name in ("phrase", "reason")}
        form.initial = {"reason": form.combined(typed)}
        return render(request, "resources/_reason.html", {"form": form, "row": self.row})
