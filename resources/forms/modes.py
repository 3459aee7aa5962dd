"""Forms of access modes: their texts in every language, and what they give at most."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm, offer
from resources.models import AccessMode
from resources.queries.modes import modes_in_force

LARGEST = 2_000_000_000


class NewModeForm(PlainForm):
    """``row`` is the authority. One of what is offered, or a short name of its own."""

    mode = forms.ChoiceField(label=gettext_lazy("Which one"), required=False)
    own = forms.SlugField(
        label=gettext_lazy("Or a new one, by its short name"), required=False, max_length=40,
        help_text=gettext_lazy("Small letters, digits and hyphens, such as flood-season. It never changes."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(mode.slug, str(mode)) for mode in modes_in_force(self.row)]
        offer(self, "mode", [("", _("A new one")), *choices])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("mode") and not data.get("own") and "own" not in self.errors:
            self.add_error("own", _("Choose one of those that are offered, or write a short name for a new one."))
        return data

    def slug(self) -> str:
        return str(self.cleaned_data["mode"] or self.cleaned_data["own"])


class ModeForm(PlainForm):
    max_gpus = forms.IntegerField(
        label=gettext_lazy("GPUs at once, at most"), required=False, min_value=1, max_value=LARGEST,
        help_text=gettext_lazy("Of all lines together, at any moment. Left empty, there is no limit."),
    )  # fmt: skip
    max_gpu_hours = forms.IntegerField(
        label=gettext_lazy("GPU hours, at most"), required=False, min_value=1, max_value=LARGEST
    )
    max_months = forms.IntegerField(label=gettext_lazy("Months, at most"), required=False, min_value=1, max_value=120)
    service_days = forms.IntegerField(label=gettext_lazy("Decided within days"), min_value=1, max_value=365)
    auto_decision = forms.BooleanField(label=gettext_lazy("Rules may decide by themselves"), required=False)
    offered = forms.BooleanField(label=gettext_lazy("Tenants may choose it"), required=False)
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), min_value=0, max_value=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first: list[str] = []
        for code, language in settings.LANGUAGES:
            named = {"language": language}
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name in %(language)s") % named, max_length=80, required=code == "en"
            )
            self.fields[f"about_{code}"] = forms.CharField(
                label=_("For whom it is, in %(language)s") % named, max_length=300, required=False
            )
            first += [f"name_{code}", f"about_{code}"]
        self.order_fields(first)

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        codes = [code for code, _language in settings.LANGUAGES]
        texts = {part: {code: data.pop(f"{part}_{code}") for code in codes} for part in ("name", "about")}
        return {**data, **{part: {code: text for code, text in each.items() if text} for part, each in texts.items()}}


def initial_of(mode: AccessMode) -> dict[str, Any]:
    """A mode as the form shows it."""
    plain = ("max_gpus", "max_gpu_hours", "max_months", "service_days", "auto_decision", "offered", "position")
    texts = {
        f"{part}_{code}": getattr(mode, part).get(code, "")
        for part in ("name", "about") for code, _language in settings.LANGUAGES
    }  # fmt: skip
    return {**texts, **{name: getattr(mode, name) for name in plain}}
