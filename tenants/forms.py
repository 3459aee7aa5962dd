"""Forms of this app: what people type, read into facts. The services say what is lawful."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from portal.models import User
from portal.ui.forms import PlainForm, RadioCards, offer
from portal.ui.zones import zones
from tenants.models import (
    Authority,
    DataClass,
    OrganisationKind,
    PolicyRule,
    Project,
    Stage,
    TokenScope,
)
from tenants.models.authority import kinds_in, kinds_number
from tenants.queries.limits import limit_choices
from tenants.questions.europe import EUROPE
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.delegations import colleagues
from tenants.services.tokens import places_of


def european() -> list[tuple[str, str]]:
    """(code, name) in the reader's language, by name."""
    return sorted(((code, str(countries.name(code))) for code in EUROPE), key=lambda pair: pair[1])


def by_nearness() -> list[tuple[str, Any]]:
    """Every country in the reader's language: those of the European Union and its closest neighbours first."""
    near = set(EUROPE)
    rest = [(code, str(name)) for code, name in countries if code not in near]
    return [
        ("", _("Choose one")), (str(_("European Union, EEA and Switzerland")), european()), (str(_("Other countries")), rest),
    ]  # fmt: skip


class Checks(forms.CheckboxSelectMultiple):
    """Many choices, several of which may be ticked, in columns."""

    template_name = "tenants/forms/checks.html"


def reason_field(label: Any, *, required: bool = True, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=hint, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class AnswerForm(PlainForm):
    text = reason_field(
        _("Your answer"), hint=_("The officers read it, together with what you changed in the application.")
    )


class WithdrawForm(PlainForm):
    reason = reason_field(_("Reason"), required=False)


class ReasonForm(PlainForm):
    reason = reason_field(_("Reason"), hint=_("The tenant reads it, and it stays in the record."))


class ResetForm(PlainForm):
    """Whose second factor is lost, and how the administrator knows that it is they who say so."""

    email = forms.EmailField(label=_("E-mail address of the person"))
    reason = reason_field(
        _("How do you know that it is they?"),
        hint=_("For example: “came to the desk with her identity card”. It stays in the record."),
    )


class EndForm(PlainForm):
    reason = reason_field(_("Reason"), required=False)


class ProjectForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    purpose = forms.CharField(
        label=_("Purpose"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    stage = forms.ChoiceField(label=_("Life-cycle stage"), choices=Stage.choices)
    data_class = forms.ChoiceField(label=_("Data class"), choices=DataClass.choices)
    ends_on = forms.DateField(label=_("Ends on"), required=False)

    @staticmethod
    def facts_of(project: Project) -> dict[str, Any]:
        return {name: getattr(project, name) for name in ("name", "purpose", "stage", "data_class", "ends_on")}


SINCE = _("The first day. Without one the role begins at once.")
UNTIL = _("The last day. Without one the role goes on until it is ended.")


class PeriodForm(PlainForm):
    """From which day until which; ``until`` is the last day on which the role is in force."""

    since = forms.DateField(label=_("From"), required=False, help_text=SINCE)
    until = forms.DateField(label=_("Until"), required=False, help_text=UNTIL)

    def period(self) -> dict[str, Any]:
        """For a service: the moments between which the role is in force, in the reader's zone."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return {
            "valid_from": max(start_of(since), timezone.now()) if since else None,
            "valid_until": start_of(until + timedelta(days=1)) if until else None,
        }


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class ChangeRoleForm(PeriodForm):
    reason = reason_field(_("Reason"), required=False)
    field_order = ("since", "until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is not None and self.row.valid_from <= timezone.now():
            del self.fields["since"]


class DelegateForm(PeriodForm):
    """Who holds the role while its holder is away."""

    colleague: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("Who stands in for you"), queryset=None, to_field_name="public_id",
        help_text=_("Somebody who works here too. Auditors and platform administrators cannot stand in."),
    )  # fmt: skip
    until = forms.DateField(label=_("Until"), help_text=_("The last day of your absence."))
    reason = reason_field(_("Reason"), required=False, hint=_("For example: parental leave. Colleagues read it."))
    field_order = ("colleague", "since", "until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].queryset = colleagues(self.row)  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["colleague"].label_from_instance = User.get_full_name  # type: ignore[attr-defined]


def invited_name() -> forms.CharField:
    return forms.CharField(
        label=_("Name"), max_length=150, required=False,
        help_text=_("Needed when nobody signs in with this address yet: they then get a mail to choose a password."),
    )  # fmt: skip


class MemberForm(PeriodForm):
    email = forms.EmailField(label=_("E-mail address"))
    full_name = invited_name()
    role = forms.ChoiceField(label=_("Role"), widget=RadioCards)
    field_order = ("email", "full_name", "role", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(
            self,
            "role",
            [
                (TenantRole.MEMBER, _("Member|Sees projects, quota and use")),
                (TenantRole.PROJECT_MANAGER, _("Project manager|Opens projects and asks for GPUs")),
                (TenantRole.OWNER, _("Owner|All of that, and people and the record")),
            ],
        )


class StaffForm(PeriodForm):
    email = forms.EmailField(label=_("E-mail address"))
    full_name = invited_name()
    role = forms.ChoiceField(label=_("Role"), widget=RadioCards)
    gpu_limit = forms.IntegerField(
        label=_("GPUs per decision, at most"), min_value=1, required=False,
        help_text=_("For quota approvers alone. Without a number the role has no limit."),
    )  # fmt: skip
    only_clusters = forms.MultipleChoiceField(
        label=_("Only on these clusters"), required=False, widget=Checks,
        help_text=_("For quota approvers alone. Where none is ticked, the role decides on all clusters."),
    )  # fmt: skip
    field_order = ("email", "full_name", "role", "gpu_limit", "only_clusters", "since", "until")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") != AuthorityRole.QUOTA_APPROVER:
            if data.get("gpu_limit"):
                self.add_error("gpu_limit", _("Only a quota approver has a limit. Leave it empty for other roles."))
            if data.get("only_clusters"):
                self.add_error("only_clusters", _("Only a quota approver is limited to clusters. Tick none here."))
        return data

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(
            self,
            "role",
            [
                (AuthorityRole.ONBOARDING_OFFICER, _("Onboarding officer|Decides who becomes a tenant")),
                (AuthorityRole.QUOTA_APPROVER, _("Quota approver|Decides who gets how many GPUs")),
                (AuthorityRole.AUDITOR, _("Auditor|Reads everything, changes nothing")),
            ],
        )
        places = limit_choices()
        offer(self, "only_clusters", places)
        if not places:
            del self.fields["only_clusters"]


class TokenForm(PlainForm):
    """What a token may, where, until when and from where."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What uses it, for example “nightly report”."))
    place = forms.ChoiceField(
        label=_("Valid for"), help_text=_("One tenant, authority or provider; the token sees nothing of any other.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Beside reading it may"), required=False, widget=Checks,
        choices=[choice for choice in TokenScope.choices if choice[0] != TokenScope.READ],
    )  # fmt: skip
    until = forms.DateField(label=_("Until"), help_text=_("The last day. Every token ends; make a new one then."))
    networks = forms.CharField(
        label=_("Only from these networks"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, for example 192.0.2.0/24. Empty means from anywhere."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(place.public_id): place for place in places_of(self.user)}
        offer(self, "place", [(key, place.name) for key, place in self.places.items()])

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "name": data["name"], "place": self.places[data["place"]], "scopes": data["scopes"],
            "expires_at": start_of(data["until"] + timedelta(days=1)),
            "networks": [line for line in data["networks"].split() if line],
        }  # fmt: skip


class AuthorityForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    country = forms.ChoiceField(label=_("Country"), choices=european)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)
    contact_email = forms.EmailField(label=_("Contact address"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: zones(near=True), initial="Europe/Brussels")

    @staticmethod
    def facts_of(authority: Authority) -> dict[str, Any]:
        names = ("name", "country", "region", "contact_email", "time_zone")
        return {name: str(getattr(authority, name)) for name in names}


YES_OR_NO = {
    PolicyRule.Key.ONBOARDING_SECOND: [
        ("1", _("Yes|Two officers, one after the other")), ("0", _("No|One officer decides")),
    ],
    PolicyRule.Key.BUDGET_LOWERS: [
        ("1", _("Yes|After a notice and some days, nothing can run any more")), ("0", _("No|People are only told")),
    ],
    PolicyRule.Key.IDLE_TELLS_ALL: [
        ("1", _("Yes|Everybody who belongs to the tenant")), ("0", _("No|Owners and project managers")),
    ],
}  # fmt: skip


class KindsField(forms.MultipleChoiceField):
    """Kinds of organisation as a rule keeps them: one number."""

    def __init__(self) -> None:
        super().__init__(label=_("These kinds"), required=False, widget=Checks, choices=OrganisationKind.choices)

    def prepare_value(self, value: Any) -> Any:
        return kinds_in(int(value)) if str(value).isdigit() else value

    def clean(self, value: Any) -> Any:
        return kinds_number(super().clean(value))


class PolicyForm(PlainForm):
    value = forms.IntegerField(label=_("New value"), min_value=0)
    reason = reason_field(_("Reason"), hint=_("It stands beside the rule for everybody who reads it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.initial.get("key")
        if key == PolicyRule.Key.SECOND_CLASS:
            self.fields["value"] = forms.TypedChoiceField(
                label=_("From this class on"), coerce=int, widget=RadioCards,
                choices=[("0", _("None")), *((str(n), label) for n, (_c, label) in enumerate(DataClass.choices, 1))],
            )  # fmt: skip
        if key == PolicyRule.Key.SECOND_KINDS:
            self.fields["value"] = KindsField()
        if key in PolicyRule.YES_OR_NO:
            self.fields["value"] = forms.TypedChoiceField(
                label=_("New value"), coerce=int, widget=RadioCards, choices=YES_OR_NO[self.initial["key"]]
            )


class FirstRunForm(PlainForm):
    code = forms.CharField(
        label=_("Code from the console"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "secret", "spellcheck": "false"}),
        help_text=_("The portal printed it where it was started. It works once."),
    )  # fmt: skip
    full_name = forms.CharField(label=_("Your name"), max_length=150)
    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and not one of the common ones."),
    )  # fmt: skip
