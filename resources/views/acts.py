"""An act on a row of which people decide step by step (a condition, a finding): asked, done by a service, recorded."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms import BaseForm
from django.urls import reverse

from portal.ui.pages import ActionPage, Text
from resources.forms.grants import RevokeForm


class RowAct(ActionPage):
    """One act: what the form asks (a reason, unless it says otherwise) goes to the service ``do`` with the row, which the
    service knows as ``named``. Acts differ in their words; where one needs more than that, it has an ``act`` of its own.
    """

    verb = "decide"
    form_class: ClassVar[type[BaseForm]] = RevokeForm
    named: ClassVar[str]
    place: ClassVar[str]
    """Name of the address of the row's page."""
    trail: ClassVar[list[tuple[str, Text]]]
    """(Name of an address, title) of the pages above it."""
    do: ClassVar[Any]

    def back(self) -> str:
        return reverse(self.place, args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [*((reverse(name), label) for name, label in self.trail), (self.back(), str(self.row))]

    def act(self, form: Any) -> str:
        self.do(acting_user=self.user, **{self.named: self.row}, **form.cleaned_data)
        return self.back()
