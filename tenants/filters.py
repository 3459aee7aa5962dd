"""What lists may be narrowed by; pages and API use the same classes."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.registry import Registry, act_words, target_pages
from portal.ui.lists import Filters
from tenants.models import DataClass, OnboardingCase, OrganisationKind, Stage, Tenant
from tenants.queries.checks import FAILING, UNDECIDED, cases_with
from tenants.roles import AuthorityRole
from tenants.trail_words import kind_label


class CaseFilters(Filters):
    search_fields = ("organisation", "reference", "legal_id", "contact_email")
    state = django_filters.MultipleChoiceFilter(
        label=_("Status"), widget=forms.CheckboxSelectMultiple,
        choices=[choice for choice in OnboardingCase.State.choices if choice[0] != OnboardingCase.State.DRAFT],
    )  # fmt: skip
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), widget=forms.CheckboxSelectMultiple, choices=OrganisationKind.choices
    )

    checks = django_filters.MultipleChoiceFilter(
        label=_("Checks"), widget=forms.CheckboxSelectMultiple, method="by_checks",
        choices=[(FAILING, _("A required check not in order")), (UNDECIDED, _("A required check still open"))],
    )  # fmt: skip

    def by_checks(self, queryset: Any, name: str, value: list[str]) -> Any:
        """Applications whose required checks stand so; nothing to applicants, who read no checks."""
        return cases_with(queryset, value, self.request.user) if value else queryset


class TenantFilters(Filters):
    search_fields = ("name", "slug", "legal_id", "contact_email")
    state = django_filters.MultipleChoiceFilter(
        label=_("Status"), widget=forms.CheckboxSelectMultiple, choices=Tenant.State.choices
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), widget=forms.CheckboxSelectMultiple, choices=OrganisationKind.choices
    )


class ProjectFilters(Filters):
    search_fields = ("name", "purpose", "tenant__name")
    stage = django_filters.MultipleChoiceFilter(
        label=_("Stage"), widget=forms.CheckboxSelectMultiple, choices=Stage.choices
    )
    data_class = django_filters.MultipleChoiceFilter(
        label=_("Data class"), widget=forms.CheckboxSelectMultiple, choices=DataClass.choices
    )


class MembershipFilters(Filters):
    search_fields = ("user__full_name", "user__email", "tenant__name")


class RoleFilters(Filters):
    search_fields = ("user__full_name", "user__email")


class TokenFilters(Filters):
    search_fields = ("name", "user__full_name", "user__email")


class StaffFilters(Filters):
    search_fields = ("user__full_name", "user__email", "authority__name")
    role = django_filters.MultipleChoiceFilter(
        label=_("Role"), widget=forms.CheckboxSelectMultiple, choices=AuthorityRole.choices
    )


class ClaimFilters(Filters):
    search_fields = ("provider", "claim", "value", "anchor_name")


class TenantClaimFilters(Filters):
    search_fields = ("provider", "claim", "value")


class AuthorityFilters(Filters):
    search_fields = ("name", "region", "contact_email")


class PolicyFilters(Filters):
    search_fields = ("authority__name", "key", "reason")


class DayInput(forms.DateInput):
    input_type = "date"


class TrailFilters(Filters):
    search_fields = ("act", "target_name", "reason", "actor__full_name", "actor__email")
    act = django_filters.MultipleChoiceFilter(
        label=_("Act"), widget=forms.CheckboxSelectMultiple, choices=lambda: sorted_words(act_words)
    )
    on = django_filters.MultipleChoiceFilter(
        label=_("On what"), field_name="target_type", widget=forms.CheckboxSelectMultiple,
        choices=lambda: kinds(),  # noqa: PLW0108 - it stands below
    )  # fmt: skip
    person = django_filters.CharFilter(label=_("Person"), method="by_person")
    since = django_filters.DateFilter(label=_("From"), field_name="at", lookup_expr="date__gte", widget=DayInput)
    until = django_filters.DateFilter(label=_("Until"), field_name="at", lookup_expr="date__lte", widget=DayInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("person", "since", "until"):
            self.form.fields[name].widget.attrs.setdefault("class", "input input-s")

    def by_person(self, queryset: Any, name: str, value: str) -> Any:
        """Events of somebody, by a part of their name or address."""
        text = value.strip()
        return queryset.filter(Q(actor__full_name__icontains=text) | Q(actor__email__icontains=text))


def sorted_words(words: Registry[Any]) -> list[tuple[str, str]]:
    """Codes and what they are called, in the order of the words."""
    return sorted(((code, str(label)) for code, label in words.items()), key=lambda pair: pair[1].casefold())


def kinds() -> list[tuple[str, str]]:
    """The kinds of rows that events are about, in words."""
    labels = [*(label for label, _page in target_pages.items()), "portal.User", "tenants.Membership", "resources.Grant"]
    return sorted(((label, kind_label(label)) for label in labels), key=lambda pair: pair[1].casefold())
