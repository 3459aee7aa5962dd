"""Checks: the page of one with all its rounds, what officers do about it, and what an authority verifies at all."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import may
from portal.core.errors import Forbidden, NotFound, Refused
from portal.ui.pages import ActionPage, DetailPage, FormPage
from tenants.check_forms import ProposeForm, RuleForm, SecondForm, SettleForm, initial_of
from tenants.checks.catalogue import BY_ITSELF, METHODS
from tenants.models import Authority, ComplianceCheck, OnboardingCase
from tenants.queries import checks as queries
from tenants.queries.policies import OPEN
from tenants.queries.questions import set_in_force, standard_questions
from tenants.questions.texts import said
from tenants.questions.words import condition_text
from tenants.services import check_catalogues, check_decisions

State = ComplianceCheck.State


def place_of(check: ComplianceCheck) -> tuple[str, Any]:
    """Where the check stands among others: (address, label)."""
    about = check.about
    if isinstance(about, OnboardingCase):
        return reverse("case", args=[about.public_id]), about.organisation
    return reverse("tenant", args=[about.public_id]), about.name


class Check(DetailPage):
    """One check, with everything that was found and decided about it."""

    queryset = ComplianceCheck.objects.select_related(*queries.BESIDE)
    template_name = "tenants/check.html"
    nav = "cases"

    def crumbs(self) -> Any:
        return [(reverse("cases"), _("Applications")), place_of(self.row)]

    def allow(self) -> None:
        if why := queries.of_its_side(self.row, self.user):
            raise Forbidden(why)

    def context(self, row: ComplianceCheck) -> dict[str, Any]:
        decides = row.current and may(self.user, "decide", row) and is_open_to_decide(row)
        against = queries.conflict(row, self.user) if decides else ""
        acts = decides and not against
        is_open, proposed = row.state == State.OPEN, bool(row.proposal)
        return {
            "title": row.title, "lede": place_of(row)[1], "against": against, "rounds": queries.rounds_of(row),
            "may_settle": acts and is_open and not proposed,
            "may_propose": acts and not proposed and (is_open or row.state == State.FAILED),
            "may_second": acts and is_open and proposed,
            "may_renew": acts and not proposed and (not is_open or row.method in BY_ITSELF),
            "method": METHODS.get(row.method, row.method), "about": place_of(row),
        }  # fmt: skip


def is_open_to_decide(check: ComplianceCheck) -> bool:
    """Whether what it is about is not over."""
    if check.tenant is not None:
        return check.tenant.state != "closed"
    return check.case is not None and check.case.state in OPEN


class OnCheck(FormPage):
    """A form about one check, from which the way leads back to where it stands."""

    queryset = Check.queryset
    verb = "decide"
    nav = "cases"
    template_name = "tenants/check_act.html"

    def allow(self) -> None:
        if why := queries.of_its_side(self.row, self.user):
            raise Forbidden(why)

    def crumbs(self) -> Any:
        return [place_of(self.row), (reverse("check", args=[self.row.public_id]), self.row.title)]

    def page_context(self) -> dict[str, Any]:
        method = METHODS.get(self.row.method, self.row.method) if self.row else ""
        return {**super().page_context(), "lede": self.row.title if self.row else "", "method": method}

    def back(self) -> str:
        return place_of(self.row)[0]


class SettleCheck(OnCheck):
    form_class = SettleForm
    title = gettext_lazy("Record a result")
    button = gettext_lazy("Record the result")
    done = gettext_lazy("Recorded, with your name and what it rests on.")

    def act(self, form: Any) -> str:
        check_decisions.settle_check(acting_user=self.user, check=self.row, **form.cleaned_data)
        return self.back()


class ProposeCheck(OnCheck):
    form_class = ProposeForm
    title = gettext_lazy("Propose to a second officer")
    button = gettext_lazy("Propose it")
    done = gettext_lazy("Proposed. Nothing changes until a second officer agrees.")

    def page_context(self) -> dict[str, Any]:
        shown = super().page_context()
        if self.row is not None:
            clear = self.row.method == "sanctions"
            shown["title"] = _("Propose to clear the hit") if clear else _("Propose to waive the check")
        return shown

    def act(self, form: Any) -> str:
        check_decisions.propose_check(acting_user=self.user, check=self.row, **form.cleaned_data)
        return self.back()


class SecondCheck(OnCheck):
    form_class = SecondForm
    title = gettext_lazy("Decide as the second officer")
    button = gettext_lazy("Send the decision")
    done = gettext_lazy("Recorded, beside what the first officer wrote.")

    def act(self, form: Any) -> str:
        service = {"confirm": check_decisions.confirm_check, "decline": check_decisions.decline_check}
        data = form.cleaned_data
        service[data["outcome"]](acting_user=self.user, check=self.row, reason=data["reason"])
        return self.back()


class RenewCheck(ActionPage):
    queryset = Check.queryset
    verb = "decide"
    nav = "cases"
    title = gettext_lazy("Look at it again")
    consequence = gettext_lazy(
        "The check is open from now on: the portal looks at once where it can by itself, otherwise an officer does. What was found before stays in its history."
    )
    button = gettext_lazy("Look at it again")
    done = gettext_lazy("It is open, and will be looked at again.")

    def allow(self) -> None:
        if why := queries.of_its_side(self.row, self.user):
            raise Forbidden(why)

    def crumbs(self) -> Any:
        return [place_of(self.row), (reverse("check", args=[self.row.public_id]), self.row.title)]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.title}

    def back(self) -> str:
        return place_of(self.row)[0]

    def act(self, form: Any) -> str:
        check_decisions.renew_check(acting_user=self.user, check=self.row)
        return self.back()


class CheckRules(DetailPage):
    """What an authority verifies, and every version of that."""

    queryset = Authority.objects.all()
    template_name = "tenants/check_rules.html"
    title = gettext_lazy("What is verified")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        force = set_in_force(row)
        asked = force.questionnaire if force else standard_questions()
        rules = [
            {"rule": rule, "title": said(rule.title), "help": said(rule.help), "method": METHODS[rule.method],
             "when": condition_text(asked, rule.when)}
            for rule in queries.catalogue_of(row)
        ]  # fmt: skip
        mine = queries.versions(row).visible_to(self.user)
        return {"rules": rules, "versions": mine, "may_edit": may(self.user, "edit", row)}


class AddRule(FormPage):
    queryset = Authority.objects.all()
    verb = "edit"
    form_class = RuleForm
    nav = "authorities"
    title = gettext_lazy("Verify something more")
    lede = gettext_lazy("An officer looks at it; applications that are sent from now on get it")
    button = gettext_lazy("Put it in force")
    done = gettext_lazy("In force for what is sent from now on.")

    def crumbs(self) -> Any:
        return [(self.back(), _("What is verified"))]

    def back(self) -> str:
        return reverse("check-rules", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        plain = form.plain()
        if any(each["key"] == plain["key"] for each in queries.content_of(self.row)["checks"]):
            raise Refused(_("There is a check of this short name already. Choose a different one."), field="key")
        check_catalogues.change_rule(
            acting_user=self.user, authority=self.row, rule=plain, reason=form.cleaned_data["reason"]
        )
        return self.back()


class EditRule(AddRule):
    title = gettext_lazy("Change what is verified")
    lede = gettext_lazy("Checks that were planned before keep what they were planned with")

    def plain(self) -> dict[str, Any]:
        found = next((e for e in queries.content_of(self.row)["checks"] if e["key"] == self.kwargs["key"]), None)
        if found is None:
            raise NotFound
        return dict(found)

    def initial(self) -> dict[str, Any]:
        return initial_of(self.plain())

    def make_form(self, data: Any = None) -> Any:
        rule = self.plain()
        return RuleForm(data, initial=initial_of(rule), user=self.user, row=self.row, rule=rule)

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        check_catalogues.change_rule(
            acting_user=self.user, authority=self.row, rule=form.plain(), reason=data["reason"], drop=data["drop"]
        )
        return self.back()
