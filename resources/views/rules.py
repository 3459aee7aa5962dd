"""Rules of an authority that approve requests: what is in force, the next version, trying it on the past, its end."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import may
from portal.core.errors import Refused
from portal.ui.pages import ActionPage, DetailPage, FormPage
from resources.forms.requests import ReasonForm
from resources.forms.rules import DaysForm, NewRuleForm, RuleForm, initial_of
from resources.models import AutoRule
from resources.queries.rule_trials import MOST, try_rule
from resources.queries.rule_work import counts, decided_by, resting, why_it_rests
from resources.queries.rules import in_words, rules_of, words_of
from resources.services import rules as service
from tenants.models import Authority
from tenants.queries.standing import eyes
from tenants.set_forms import PublishForm

DAYS = 90
SHOWN = 10


class Rules(DetailPage):
    """What an authority lets the portal approve, every version of it, and a way to the next one."""

    queryset = Authority.objects.all()
    template_name = "resources/rules.html"
    title = gettext_lazy("Rules that approve requests")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        every = list(rules_of(row).visible_to(self.user))
        done, running = counts(every), [rule for rule in every if rule.is_in_force]
        words, rests = words_of(running), resting(running)
        return {
            "in_force": [(rule, words[rule.pk], done.get(rule.pk, 0), rests.get(rule.pk, "")) for rule in running],
            "versions": [(rule, done.get(rule.pk, 0)) for rule in every], "may_edit": may(self.user, "approve", row),
        }  # fmt: skip


class RuleBegin(FormPage):
    """The next version of a rule, or a new one."""

    queryset = Authority.objects.all()
    verb = "approve"
    form_class = NewRuleForm
    nav = "authorities"
    title = gettext_lazy("Work on a rule")
    lede = gettext_lazy(
        "The next version begins as a copy of the newest. It decides nothing before another approver puts it in force."
    )
    button = gettext_lazy("Begin the version")

    def crumbs(self) -> Any:
        return [(reverse("rules", args=[self.row.public_id]), self.row)]

    def act(self, form: Any) -> str:
        row = service.begin_rule(acting_user=self.user, authority=self.row, **form.facts())
        return reverse("rule-edit" if row.set_by == self.user else "rule", args=[row.public_id])


class Rule(DetailPage):
    """One version: what it says, who made it, and what it decided."""

    queryset = AutoRule.objects.select_related("authority", "set_by", "activated_by", "ended_by")
    template_name = "resources/rule.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("rules", args=[self.row.authority.public_id]), self.row.authority)]

    def context(self, row: AutoRule) -> dict[str, Any]:
        edits = may(self.user, "edit", row)
        decided = decided_by(row, self.user)
        return {
            "title": _("%(rule)s, version %(n)d") % {"rule": row, "n": row.version}, "words": in_words(row),
            "may_edit": edits and row.is_begun, "may_end": edits and row.is_in_force, "rests": why_it_rests(row),
            "own": row.is_begun and row.set_by_id in eyes(self.user, row.created_at),
            "decided": list(decided[:SHOWN]), "total": decided.count(),
        }  # fmt: skip


class RuleTrial(DetailPage):
    """What the version would have decided of the requests of the past, beside what people decided."""

    queryset = AutoRule.objects.select_related("authority", "activated_by")
    template_name = "resources/rule_trial.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        home = reverse("rules", args=[self.row.authority.public_id])
        return [(home, self.row.authority), (reverse("rule", args=[self.row.public_id]), self.row)]

    def context(self, row: AutoRule) -> dict[str, Any]:
        form = DaysForm({"days": self.request.GET.get("days", DAYS)}, user=self.user, row=row)
        days = form.cleaned_data["days"] if form.is_valid() else DAYS
        return {
            "title": _("%(rule)s, version %(n)d, tried on the past") % {"rule": row, "n": row.version}, "form": form,
            "trial": try_rule(row, self.user, days), "most": MOST, "words": in_words(row),
        }  # fmt: skip


class OnRule(FormPage):
    """Something about one version that is worked on."""

    queryset = AutoRule.objects.select_related("authority", "set_by")
    verb = "edit"
    nav = "authorities"

    def allow(self) -> None:
        if not self.row.is_begun:
            raise Refused(_("This version was put in force, and it stays as it was. Begin the next version."))

    def crumbs(self) -> Any:
        return [(reverse("rules", args=[self.row.authority.public_id]), self.row.authority), (self.back(), self.row)]

    def back(self) -> str:
        return reverse("rule", args=[self.row.public_id])


class RuleEdit(OnRule):
    form_class = RuleForm
    title = gettext_lazy("What the rule says")
    lede = gettext_lazy("All of it has to hold. Whoever saves it last cannot put it in force.")

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def act(self, form: Any) -> str:
        service.write_rule(acting_user=self.user, row=self.row, facts=form.facts())
        return self.back()


class RuleActivate(OnRule, ActionPage):
    form_class = PublishForm
    template_name = "resources/rule_activate.html"
    title = gettext_lazy("Put the rule in force")
    consequence = gettext_lazy(
        "From now on it approves requests by itself, in your right, and you answer for it: your name stands beside each. "
        "Requests that were sent before are left to people."
    )
    button = gettext_lazy("Put it in force")
    done = gettext_lazy("It is in force.")

    def context(self, form: Any) -> dict[str, Any]:
        return {"words": in_words(self.row), "trial": try_rule(self.row, self.user, DAYS)}

    def act(self, form: Any) -> str:
        service.activate_rule(acting_user=self.user, row=self.row, note=form.cleaned_data["note"])
        return self.back()


class RuleDrop(OnRule, ActionPage):
    title = gettext_lazy("Give up this version")
    consequence = gettext_lazy("What you changed here is lost. What is in force stays as it is.")
    button = gettext_lazy("Give up this version")
    danger = True

    def act(self, form: Any) -> str:
        home = reverse("rules", args=[self.row.authority.public_id])
        service.drop_rule(acting_user=self.user, row=self.row)
        return home


class RuleRetire(OnRule, ActionPage):
    form_class = ReasonForm
    title = gettext_lazy("End the rule")
    consequence = gettext_lazy("It decides nothing from now on. What it approved stands.")
    button = gettext_lazy("End the rule")
    done = gettext_lazy("It decides nothing any more.")
    danger = True

    def allow(self) -> None:
        if not self.row.is_in_force:
            raise Refused(_("This version is not in force, so it decides nothing."))

    def act(self, form: Any) -> str:
        service.retire_rule(acting_user=self.user, row=self.row, reason=form.cleaned_data["reason"])
        return self.back()
