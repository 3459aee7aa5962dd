"""Authorities and their policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.errors import NotFound
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import DetailPage, FormPage, PlainPage
from tenants.filters import AuthorityFilters
from tenants.forms import AuthorityForm, PolicyForm
from tenants.models import Authority, PolicyRule
from tenants.queries.people import staff_of
from tenants.queries.policies import policy, rules_of, who_is_hit
from tenants.services.authorities import register_authority, revise_authority, set_policy
from tenants.tables import AuthorityTable

SHOWN = 50


class Authorities(ListPage):
    queryset = Authority.objects.all()
    table_class = AuthorityTable
    filterset_class = AuthorityFilters
    title = _("Authorities")
    lede = _("Public bodies that admit tenants and promise GPUs")
    nav = "authorities"
    noun = _("authorities")
    search_hint = _("Name, region, contact")
    sorts = {"name": Sort("name"), "newest": Sort("created_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"name": _("By name"), "newest": _("Newest first")}  # noqa: RUF012
    create = ("authority-new", _("Register an authority"))
    empty = Empty(
        _("No authority yet"),
        _("Nobody can apply before an authority is registered."),
        icon="building-bank", url="authority-new", action=_("Register an authority"),
    )  # fmt: skip

    def may_create(self) -> bool:
        return self.user.is_platform_admin


class AuthorityPage(DetailPage):
    queryset = Authority.objects.all()
    template_name = "tenants/authority.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities"))]

    def context(self, row: Authority) -> dict[str, Any]:
        staff = staff_of(row).visible_to(self.user)[:SHOWN]
        return {
            "title": row.name, "may_edit": may(self.user, "edit", row), "may_approve": may(self.user, "approve", row), "staff": staff, "rules": rules_of(row),
            "sees_people": may(self.user, "people", row),
        }  # fmt: skip


class AuthorityFormPage(FormPage):
    form_class = AuthorityForm
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities"))]


class NewAuthority(AuthorityFormPage):
    title = _("Register an authority")
    lede = _("A public body that admits tenants. Staff and policy follow on its page")
    button = _("Register the authority")
    done = _("Registered. Add the people who work for it.")

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise NotFound

    def act(self, form: Any) -> str:
        row = register_authority(acting_user=self.user, facts=form.cleaned_data)
        return reverse("authority", args=[row.public_id])


class EditAuthority(AuthorityFormPage):
    queryset = Authority.objects.all()
    title = _("Change the authority")
    button = _("Save the authority")
    done = _("Saved.")

    def initial(self) -> dict[str, Any]:
        return AuthorityForm.facts_of(self.row)

    def act(self, form: Any) -> str:
        revise_authority(acting_user=self.user, authority=self.row, facts=form.cleaned_data)
        return reverse("authority", args=[self.row.public_id])


class Policies(PlainPage):
    """The rules of every authority one may see, with their value in force."""

    template_name = "tenants/policies.html"
    title = _("Policies")
    lede = _("Thresholds of the authorities, as data that can be read and changed; older versions are kept")
    nav = "policies"

    def context(self) -> dict[str, Any]:
        rows = Authority.objects.visible_to(self.user).order_by("name")[:SHOWN]
        return {"authorities": [(row, rules_of(row)) for row in rows], "may_edit": self.user.is_platform_admin}


class SetPolicy(FormPage):
    """A new version of one rule. The page says who is hit before it is put in force."""

    queryset = Authority.objects.all()
    form_class = PolicyForm
    template_name = "tenants/policy_set.html"
    button = _("Put in force")
    done = _("In force from now on. The version before is kept.")
    nav = "policies"
    title = _("Change a rule")

    key: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.key = kwargs["key"]
        if self.key not in PolicyRule.Key.values:
            raise NotFound
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self) -> Any:
        return [(reverse("policies"), _("Policies"))]

    def make_form(self, data: Any = None) -> Any:
        initial = {"key": self.key, "value": self.request.GET.get("value", policy(self.row, self.key))}
        return PolicyForm(data, initial=initial, user=self.user, row=self.row)

    def context(self, form: Any) -> dict[str, Any]:
        value = str(form["value"].value() or "")
        rule = next(rule for rule in rules_of(self.row) if rule.key == self.key)
        hit = who_is_hit(self.row, self.key, int(value)) if value.isdigit() else []
        return {"rule": rule, "hit": hit, "lede": f"{self.row.name}: {rule.label}"}

    def act(self, form: Any) -> str:
        set_policy(acting_user=self.user, authority=self.row, key=self.key, **form.cleaned_data)
        return reverse("policies")


class PolicyEffect(SetPolicy):
    """Who a value would hit, as a part of the page that follows what is typed."""

    template_name = "tenants/policy_set.html#hit"
