"""A question of a set as a form: its texts in every language, its choices and conditions one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm, offer
from tenants.questions.schema import CHOOSING, CORE, KEY, MOST_FILES, Questionnaire, said

KINDS = [
    ("text", _("Short text")), ("long", _("Long text")), ("choice", _("One of several")),
    ("several", _("Several of several")), ("yes_no", _("Yes or no")), ("number", _("Number")), ("date", _("Date")),
    ("country", _("Country")), ("countries", _("Countries")), ("email", _("E-mail address")), ("phone", _("Telephone")),
    ("url", _("Web address")), ("legal_id", _("Register number, VAT or LEI")),
    ("lei", _("LEI")), ("euid", _("EUID")), ("pic", _("PIC")), ("file", _("Documents")),
]  # fmt: skip


DAY = r"today|[0-9]{4}-[0-9]{2}-[0-9]{2}"


class QuestionForm(PlainForm):
    """``row`` is the set, ``question`` the one that is changed; without it the form makes a new one."""

    step = forms.ChoiceField(label=_("Step"))
    key = forms.RegexField(
        KEY, label=_("Short name"), max_length=40,
        help_text=_("Small letters, digits and _, such as energy_plan. It never changes, and answers are exported by it."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=KINDS)
    required = forms.BooleanField(label=_("Needed before the application can be sent"), required=False)
    options = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line: short name | English | French | German. For example: wind | Wind | Éolien | Wind"),
    )  # fmt: skip
    when = forms.CharField(
        label=_("Asked only if"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One condition a line: short name of an earlier question: answers. For example: sector: energy, water"),
    )  # fmt: skip

    most = forms.IntegerField(
        label=_("Most documents"), required=False, min_value=1, max_value=MOST_FILES,
        help_text=_("How many files answer it; one, if nothing stands here."),
    )  # fmt: skip
    earliest = forms.RegexField(
        DAY, label=_("Not before"), required=False, help_text=_("For dates: 2026-12-31, or today.")
    )
    latest = forms.RegexField(
        DAY, label=_("Not after"), required=False, help_text=_("For dates: 2026-12-31, or today.")
    )
    advice = forms.CharField(
        label=_("What the law says"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Shown beside certain answers. One a line: answers, “>=” and a number, or “<” and a day | source | English | "
            "French | German. For example: >=1e25 | (EU) 2024/1689, 51(2) | Presumed to have systemic risk."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, question: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.question = question
        super().__init__(*args, **kwargs)
        asked: Questionnaire = self.row.questionnaire
        offer(self, "step", [(step.key, said(step.title)) for step in asked.steps])
        for code, name in settings.LANGUAGES:
            self.fields[f"label_{code}"] = forms.CharField(
                label=_("Question in %(language)s") % {"language": name}, max_length=200, required=code == "en"
            )
            self.fields[f"help_{code}"] = forms.CharField(
                label=_("Hint in %(language)s") % {"language": name}, max_length=400, required=False
            )
        gone = ["step", "key"] if question else []
        if question and question["key"] in CORE:
            gone += ["kind", "required", "when"]
        for each in gone:
            del self.fields[each]
        texts = [each for each in self.fields if each.startswith(("label_", "help_"))]
        law = ["most", "earliest", "latest", "advice"]
        self.order_fields(["step", "key", *texts, "kind", "options", "required", "when", *law])

    def raw(self) -> dict[str, Any]:
        """The question as a set writes it down; what the form does not show stays."""
        data = self.cleaned_data
        question = {**(self.question or {})}
        question |= {name: data[name] for name in ("key", "kind", "required") if name in data}
        for name in ("label", "help"):
            question[name] = {code: data[f"{name}_{code}"] for code, _n in settings.LANGUAGES if data[f"{name}_{code}"]}
        if "when" in data:
            question["when"] = dict(self._when(line) for line in _lines(data["when"]))
        if question["kind"] in CHOOSING:
            question["options"] = [self._option(line) for line in _lines(data["options"])]
        law = {name: data[name] for name in ("earliest", "latest") if question["kind"] == "date"}
        law["most"] = str(data["most"] or "") if question["kind"] == "file" else ""
        law["advice"] = [advice_of(line) for line in _lines(data["advice"])]
        for name in ("earliest", "latest", "most", "advice"):
            question.pop(name, None)
        return {**question, **{name: value for name, value in law.items() if value}}

    @staticmethod
    def _when(line: str) -> tuple[str, list[str]]:
        key, _colon, values = line.partition(":")
        return key.strip(), [value.strip() for value in values.split(",") if value.strip()]

    @staticmethod
    def _option(line: str) -> list[Any]:
        value, *texts = [part.strip() for part in line.split("|")]
        codes = [code for code, _name in settings.LANGUAGES]
        return [value, {code: text for code, text in zip(codes, texts, strict=False) if text}]


def initial_of(question: Mapping[str, Any]) -> dict[str, Any]:
    """A question of a set as the form shows it."""
    codes = [code for code, _name in settings.LANGUAGES]
    shown = {name: question.get(name) for name in ("key", "kind", "required")}
    for name in ("label", "help"):
        shown |= {f"{name}_{code}": question.get(name, {}).get(code, "") for code in codes}
    options = question.get("options", [])
    shown["options"] = "\n".join(
        " | ".join([value, *(texts.get(code, "") for code in codes)]) for value, texts in options
    )
    shown |= {name: question.get(name, "") for name in ("most", "earliest", "latest")}
    shown["advice"] = "\n".join(_advice_line(each, codes) for each in question.get("advice", []))
    shown["when"] = "\n".join(f"{key}: {', '.join(values)}" for key, values in question.get("when", {}).items())
    return shown


def advice_of(line: str) -> dict[str, Any]:
    """``>=1e25 | source | English | French | German`` as a set keeps it."""
    about, source, *texts = [*(part.strip() for part in line.split("|")), ""][: 3 + len(settings.LANGUAGES)]
    codes = [code for code, _name in settings.LANGUAGES]
    found: dict[str, Any] = {"text": {code: text for code, text in zip(codes, texts, strict=False) if text}}
    if source:
        found["source"] = source
    if about.startswith(">="):
        return {**found, "least": about[2:].strip()}
    if about.startswith("<"):
        return {**found, "before": about[1:].strip()}
    return {**found, "values": [each.strip() for each in about.split(",") if each.strip()]}


def _advice_line(advice: Mapping[str, Any], codes: Sequence[str]) -> str:
    about = ", ".join(advice.get("values", []))
    about = about or (f">={advice['least']}" if advice.get("least") else f"<{advice.get('before', '')}")
    texts = [advice.get("text", {}).get(code, "") for code in codes]
    return " | ".join([about, advice.get("source", ""), *texts]).rstrip(" |")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class PublishForm(PlainForm):
    note = forms.CharField(
        label=_("What changed"), max_length=300, help_text=_("One sentence; it stands beside the version.")
    )
