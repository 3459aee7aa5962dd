"""Pages on which one question of a version is written or moved; a set of questions and an access mode have them both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from portal.core.errors import NotFound
from portal.ui.pages import FormPage, Text
from tenants.set_forms import QuestionForm, initial_of


class QuestionPage(FormPage):
    """One question, changed; without a key in the address a new one."""

    title: ClassVar[Text] = gettext_lazy("Change a question")
    button: ClassVar[Text] = gettext_lazy("Save the question")
    question: Mapping[str, Any] | None = None

    def written(self, key: str) -> Mapping[str, Any] | None:
        """The question as the version writes it down."""
        raise NotImplementedError

    def load(self, public_id: Any = None) -> None:
        super().load(public_id)
        if "key" in self.kwargs:
            self.question = self.written(self.kwargs["key"])
            if self.question is None:
                raise NotFound

    def make_form(self, data: Any = None) -> Any:
        initial = initial_of(self.question) if self.question else {"required": True, "kind": "text"}
        return QuestionForm(data, question=self.question, initial=initial, user=self.user, row=self.row)


class MovePage(FormPage):
    """Up or down by one, or out; the page is the version's own."""

    def back(self) -> str:
        """The version's page."""
        raise NotImplementedError

    def move(self, key: str, by: int) -> None:
        raise NotImplementedError

    def remove(self, key: str) -> None:
        raise NotImplementedError

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return redirect(self.back())

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        key, then = self.kwargs["key"], request.POST.get("then")
        if then == "remove":
            self.remove(key)
        else:
            self.move(key, 1 if then == "down" else -1)
        return redirect(f"{self.back()}#q-{key}")
