"""A question of a set as a form: its texts in every language, its choices, conditions and law as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm, offer
from portal.ui.small_tables import Column, TableField
from tenants.questions.schema import CHOOSING, CORE, KEY, MOST_FILES, Questionnaire, said

KINDS = [
    ("text", _("Short text")), ("long", _("Long text")), ("choice", _("One of several")),
    ("several", _("Several of several")), ("yes_no", _("Yes or no")), ("number", _("Number")), ("date", _("Date")),
    ("country", _("Country")), ("countries", _("Countries")), ("email", _("E-mail address")), ("phone", _("Telephone")),
    ("url", _("Web address")), ("legal_id", _("Register number, VAT or LEI")),
    ("lei", _("LEI")), ("euid", _("EUID")), ("pic", _("PIC")), ("file", _("Documents")),
]  # fmt: skip


ABOUT = [
    ("values", _("Beside these answers")), ("least", _("From this number on")), ("before", _("Before this day")),
]  # fmt: skip
"""When a sentence of law is shown, under the names that a set writes them down by."""
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

    def __init__(self, *args: Any, question: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.question = question
        super().__init__(*args, **kwargs)
        asked: Questionnaire = self.row.questionnaire
        offer(self, "step", [(step.key, said(step.title)) for step in asked.steps])
        self.fields |= _tables(asked, question)
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
            question["when"] = {row["key"]: _parts(row["answers"]) for row in data["when"]}
        if question["kind"] in CHOOSING:
            question["options"] = [[row["value"], _texts(row)] for row in data["options"]]
        law = {name: data[name] for name in ("earliest", "latest") if question["kind"] == "date"}
        law["most"] = str(data["most"] or "") if question["kind"] == "file" else ""
        law["advice"] = [_advice(row) for row in data["advice"]]
        for name in ("earliest", "latest", "most", "advice"):
            question.pop(name, None)
        return {**question, **{name: value for name, value in law.items() if value}}


def _tables(asked: Questionnaire, question: Mapping[str, Any] | None) -> dict[str, forms.Field]:
    """The parts of a question of which there may be several."""
    texts = [Column(code, _("In %(language)s") % {"language": name}) for code, name in settings.LANGUAGES]
    others = [
        (each.key, f"{said(each.label)} ({each.key})") for each in asked if not question or each.key != question["key"]
    ]
    return {
        "options": TableField(
            [Column("value", _("Short name"), needed=True, once=True), *texts], label=_("Choices"), required=False,
            help_text=_("What may be chosen, in this order. The short name is what is exported, such as wind."),
        ),
        "when": TableField(
            [
                Column("key", _("Question"), [("", _("Choose one")), *others], needed=True, once=True),
                Column("answers", _("Answers"), needed=True),
            ],
            label=_("Asked only if"), required=False,
            help_text=_(
                "Every row has to hold. Answers are the short names of choices, yes or no, or a number such as >=1e25; any "
                "of several, with commas between them."
            ),
        ),
        "advice": TableField(
            [
                Column("about", _("Shown"), [("", _("Choose one")), *ABOUT], needed=True),
                Column("what", _("Answers, number or day"), needed=True),
                Column("source", _("Source")), *(Column(each.name, each.label, wide=True) for each in texts),
            ],
            label=_("What the law says"), required=False,
            help_text=_("A sentence beside certain answers, which keeps nobody from sending them."),
        ),
    }  # fmt: skip


def initial_of(question: Mapping[str, Any]) -> dict[str, Any]:
    """A question of a set as the form shows it."""
    codes = [code for code, _name in settings.LANGUAGES]
    shown = {name: question.get(name) for name in ("key", "kind", "required")}
    for name in ("label", "help"):
        shown |= {f"{name}_{code}": question.get(name, {}).get(code, "") for code in codes}
    shown["options"] = [{"value": value, **texts} for value, texts in question.get("options", [])]
    shown |= {name: question.get(name, "") for name in ("most", "earliest", "latest")}
    shown["advice"] = [_advice_row(each) for each in question.get("advice", [])]
    shown["when"] = [{"key": key, "answers": ", ".join(values)} for key, values in question.get("when", {}).items()]
    return shown


def _advice(row: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"text": _texts(row)}
    if row["source"]:
        found["source"] = row["source"]
    return {**found, row["about"]: _parts(row["what"]) if row["about"] == "values" else row["what"]}


def _advice_row(advice: Mapping[str, Any]) -> dict[str, Any]:
    about = next((name for name, _words in ABOUT if advice.get(name)), "")
    what = advice.get(about, "")
    shown = {"about": about, "what": ", ".join(what) if isinstance(what, list) else what}
    return {**shown, "source": advice.get("source", ""), **advice.get("text", {})}


def _texts(row: Mapping[str, str]) -> dict[str, str]:
    return {code: row[code] for code, _name in settings.LANGUAGES if row[code]}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class PublishForm(PlainForm):
    note = forms.CharField(
        label=_("What changed"), max_length=300, help_text=_("One sentence; it stands beside the version.")
    )
