"""Forms about checks: a verdict, a proposal, the second person's word, and an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm, RadioCards, offer
from tenants.checks.catalogue import LONGEST_DAYS
from tenants.forms import reason_field
from tenants.models import CaseDocument
from tenants.questions.schema import KEY

NO_DOCUMENT = _("None")


class SettleForm(PlainForm):
    """What an officer found out; of the sanctions list only that somebody is on it."""

    outcome = forms.ChoiceField(label=_("Result"), widget=RadioCards)
    evidence = reason_field(
        _("Evidence"), hint=_("What you saw and where, so that somebody else finds it again. The applicant does not read it.")
    )  # fmt: skip
    document = forms.ModelChoiceField(
        queryset=CaseDocument.objects.none(), label=_("Document"), required=False, empty_label=NO_DOCUMENT,
        help_text=_("One of those that came with the application, if it rests on one."),
    )  # fmt: skip
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("The last day. Empty: as long as the authority’s rule says."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("passed", _("In order|It is verified")), ("failed", _("Not in order|It cannot be accepted so"))]
        offer(self, "outcome", choices[1:] if self.row.method == "sanctions" else choices)
        papers = CaseDocument.objects.visible_to(self.user).filter(case=self.row.case_id).order_by("pk")
        self.fields["document"].queryset = papers  # type: ignore[attr-defined]  # a ModelChoiceField
        if not papers:
            del self.fields["document"]


class ProposeForm(PlainForm):
    reason = reason_field(_("Reason"), hint=_("The second officer decides by it, and it stays in the record."))


class SecondForm(PlainForm):
    """Of the second officer; both answers need a reason of their own."""

    outcome = forms.ChoiceField(label=_("Your decision"), widget=RadioCards)
    reason = reason_field(_("Your reason"), hint=_("It stands beside the first officer’s."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agree = (
            _("Clear the hit|It is not about them")
            if self.row.proposal == "clear"
            else _("Waive the check|It may stay open")
        )
        no = _("Do not agree|It stands as it stood before")
        offer(self, "outcome", [("confirm", agree), ("decline", no)])


class RuleForm(PlainForm):
    """One check of an authority's catalogue; ``rule`` is the one that is changed, without it a new one is made."""

    key = forms.RegexField(
        KEY, label=_("Short name"), max_length=40,
        help_text=_("Small letters, digits and _, such as energy_audit. It never changes."),
    )  # fmt: skip
    required = forms.BooleanField(label=_("Needed before an application can be approved"), required=False)
    told = forms.BooleanField(label=_("The applicant reads how it stands"), required=False)
    valid_days = forms.IntegerField(
        label=_("Valid for days"), min_value=0, max_value=LONGEST_DAYS, initial=0,
        help_text=_("0 means for ever; otherwise it expires, and officers are told before."),
    )  # fmt: skip
    when = forms.CharField(
        label=_("Only if"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One condition a line: short name of a question: answers. For example: data_class: restricted"),
    )  # fmt: skip
    drop = forms.BooleanField(label=_("Verify this no longer"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("It stands beside the version."))

    def __init__(self, *args: Any, rule: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.rule = rule
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"title_{code}"] = forms.CharField(
                label=_("Name in %(language)s") % {"language": name}, max_length=100, required=code == "en"
            )
            self.fields[f"help_{code}"] = forms.CharField(
                label=_("What is verified, in %(language)s") % {"language": name}, max_length=400, required=False
            )
        for each in ["key"] if rule else ["drop"]:
            del self.fields[each]
        texts = [each for each in self.fields if each.startswith(("title_", "help_"))]
        self.order_fields(["key", *texts, "required", "told", "valid_days", "when", "drop", "reason"])

    def plain(self) -> dict[str, Any]:
        """The entry as the catalogue writes it down; what the form does not show stays."""
        data = self.cleaned_data
        plain = {"method": "manual", "passes": {}, **(self.rule or {"key": data.get("key")})}
        plain |= {name: data[name] for name in ("required", "told", "valid_days")}
        for name in ("title", "help"):
            plain[name] = {code: data[f"{name}_{code}"] for code, _n in settings.LANGUAGES if data[f"{name}_{code}"]}
        plain["when"] = dict(_condition(line) for line in data["when"].splitlines() if line.strip())
        return plain


def _condition(line: str) -> tuple[str, list[str]]:
    key, _colon, values = line.partition(":")
    return key.strip(), [value.strip() for value in values.split(",") if value.strip()]


def initial_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the catalogue as the form shows it."""
    shown = {name: rule.get(name) for name in ("required", "told", "valid_days")}
    for name in ("title", "help"):
        shown |= {f"{name}_{code}": rule.get(name, {}).get(code, "") for code, _n in settings.LANGUAGES}
    return {**shown, "when": "\n".join(f"{key}: {', '.join(values)}" for key, values in rule.get("when", {}).items())}
