"""Forms of what comes after an admission."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from portal.ui.forms import PlainForm, SlugsField
from tenants.forms import Checks, by_nearness, european, reason_field
from tenants.models import DataClass, KindDefaults, Recertification, Stage
from tenants.roles import TenantRole

MOST_PROJECTS = 5


class FactsForm(PlainForm):
    """The facts of a tenant as its owner says they are now."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    legal_id = forms.CharField(label=_("Register number, VAT or LEI"), max_length=60)
    country = forms.ChoiceField(label=_("Country"), choices=by_nearness)
    contact_email = forms.EmailField(label=_("Contact address"))
    data_class = forms.ChoiceField(label=_("Most sensitive data"), choices=DataClass.choices)
    residency = forms.MultipleChoiceField(
        label=_("Countries its data may be in"), choices=european, required=False, widget=Checks,
        help_text=_("None ticked: anywhere here."),
    )  # fmt: skip
    note = reason_field(
        _("Note to the officer"),
        required=False,
        hint=_("For example: what changed, since when, and where it is written."),
    )

    @staticmethod
    def facts_of(row: Recertification) -> dict[str, Any]:
        said = {name: getattr(row.tenant, name) for name in Recertification.FACTS}
        return {**said, "country": str(row.tenant.country), **row.proposed, "note": row.note}


class RemarkForm(PlainForm):
    remark = reason_field(_("Remark"), required=False, hint=_("The owner reads it, and it stays in the record."))


class BackForm(PlainForm):
    remark = reason_field(_("What is to be looked at again"), hint=_("The owner reads it."))


class DueForm(PlainForm):
    due_on = forms.DateField(label=_("Due on"))
    reason = reason_field(_("Reason"), hint=_("It stays in the record."))


class LeaveForm(PlainForm):
    reason = reason_field(_("Reason"), hint=_("Everybody concerned reads it, and it stays in the record."))
    understood = forms.BooleanField(label=_("I have read what follows"))


class DropForm(PlainForm):
    reason = reason_field(_("Reason"), required=False, hint=_("Needed unless you take back your own wish."))


class PeopleForm(PlainForm):
    """Many people at once, typed or from a file."""

    people = forms.CharField(
        label=_("People"), required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("One a line: address, name, role (owner, project_manager or member)."),
    )  # fmt: skip
    file = forms.FileField(label=_("or a CSV file"), required=False, help_text=_("UTF-8, the same columns."))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        file = facts.get("file")
        if file is not None:
            try:
                facts["people"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This file is not in UTF-8. Save it as “CSV UTF-8”."))
        elif not facts.get("people", "").strip():
            self.add_error("people", _("Write at least one person, or choose a file."))
        return facts


class DefaultsForm(PlainForm):
    """What a tenant of a kind is given when it is admitted."""

    recertify_months = forms.IntegerField(
        label=_("Months until its facts are looked at again"), min_value=1, max_value=120
    )
    highest_class = forms.ChoiceField(label=_("Most sensitive data, at most"), choices=DataClass.choices)
    residency = SlugsField(
        label=_("Countries its data may be in, where the application names none"), required=False,
        help_text=_("Two letters each, such as LU, FR. Empty: anywhere here."),
    )  # fmt: skip
    writers_role = forms.ChoiceField(
        label=_("Role of the others who wrote the application"), required=False,
        choices=[("", _("None")), *[each for each in TenantRole.choices if each[0] != TenantRole.OWNER]],
    )  # fmt: skip
    projects = forms.CharField(
        label=_("Projects it begins with"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=1000,
        help_text=_("One a line: name, stage (data_preparation, training, fine_tuning, inference or edge)."),
    )  # fmt: skip
    reason = reason_field(_("Reason"), hint=_("It stands beside the defaults for everybody who reads them."))

    @staticmethod
    def facts_of(row: KindDefaults) -> dict[str, Any]:
        lines = "\n".join(f"{each['name']}, {each['stage']}" for each in row.projects)
        plain = {
            name: getattr(row, name) for name in ("recertify_months", "highest_class", "residency", "writers_role")
        }
        return {**plain, "projects": lines}

    def clean_residency(self) -> list[str]:
        found = [code.upper() for code in self.cleaned_data["residency"]]
        if wrong := [code for code in found if code not in dict(countries)]:
            raise forms.ValidationError(_("“%(codes)s” is no country."), params={"codes": ", ".join(wrong)})
        return found

    def clean_projects(self) -> list[dict[str, str]]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["projects"].splitlines())):
            name, _comma, stage = line.rpartition(",")
            if not name or stage.strip() not in Stage.values:
                raise forms.ValidationError(
                    _("“%(line)s” has no stage. Write for example: First models, training"), params={"line": line}
                )
            found.append({"name": name.strip(), "stage": stage.strip()})
        return found

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}
