"""Forms of rules that approve requests: what has to hold, and over how many days a rule is tried."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm, offer
from resources.models import AutoRule, GPUKind
from resources.queries.modes import modes_in_force
from resources.queries.rules import rules_of
from resources.services.rules import FACTS
from tenants.forms import Checks
from tenants.models import DataClass, OrganisationKind

LARGEST = 2_000_000_000
LONGEST = 3660
EMPTY = gettext_lazy("Left empty, there is no limit.")


class NewRuleForm(PlainForm):
    """``row`` is the authority. The next version of a rule, or a new one by its name."""

    rule = forms.ChoiceField(label=gettext_lazy("Which one"), required=False)
    own = forms.CharField(
        label=gettext_lazy("Or a new one, by its name"), required=False, max_length=80,
        help_text=gettext_lazy("As it stands beside what it decides, such as: Playground up to 2 GPUs."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {rule.slug: rule.name for rule in reversed(rules_of(self.row))}
        offer(self, "rule", [("", _("A new one")), *self.known.items()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own = data.get("own", "")
        if not data.get("rule") and not slugify(own):
            self.add_error("own", _("Choose one of the rules that there are, or write the name of a new one."))
        elif not data.get("rule") and slugify(own)[:40] in self.known:
            self.add_error("own", _("There is a rule by that name. Choose it above, or write another name."))
        return data

    def facts(self) -> dict[str, str]:
        data = self.cleaned_data
        return {"slug": data["rule"] or slugify(data["own"])[:40].strip("-"), "name": data["own"]}


class RuleForm(PlainForm):
    """``row`` is the version that is worked on."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=1000,
        help_text=gettext_lazy("The first rule that holds decides; the lowest number is asked first."),
    )  # fmt: skip
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("Access modes"), widget=Checks,
        help_text=gettext_lazy("Only those of which their own page says that rules may decide."),
    )  # fmt: skip
    tenant_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of organisation"), widget=Checks, required=False, choices=OrganisationKind.choices,
        help_text=gettext_lazy("Without a tick it holds for all of them."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("GPU kinds"), widget=Checks, required=False,
        help_text=gettext_lazy("Without a tick it holds for all of them."),
    )  # fmt: skip
    max_data_class = forms.ChoiceField(label=gettext_lazy("Most sensitive data, at most"), choices=DataClass.choices)
    max_gpus = forms.IntegerField(label=gettext_lazy("GPUs at once, at most"), min_value=1, max_value=LARGEST)
    max_gpu_hours = forms.IntegerField(
        label=gettext_lazy("GPU hours, at most"), required=False, min_value=1, max_value=LARGEST, help_text=EMPTY
    )
    max_days = forms.IntegerField(label=gettext_lazy("Days, at most"), min_value=1, max_value=LONGEST)
    max_held = forms.IntegerField(
        label=gettext_lazy("GPUs that the tenant holds already, at most"), required=False, min_value=0,
        max_value=LARGEST, help_text=gettext_lazy("At any time in the period that it asks for. Left empty, there is no limit."),
    )  # fmt: skip
    keep_free_percent = forms.IntegerField(
        label=gettext_lazy("Percent of the pool that stay free"), min_value=0, max_value=100,
        help_text=gettext_lazy("Over the whole period; 0 where the pool’s policy line is enough."),
    )  # fmt: skip
    only_calm = forms.BooleanField(
        label=gettext_lazy("Only while the pool is nowhere past its policy line from then on"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modes = [(mode.slug, str(mode)) for mode in modes_in_force(self.row.authority_id) if mode.auto_decision]
        kinds = [(str(kind.public_id), str(kind)) for kind in GPUKind.objects.order_by("name")]
        offer(self, "modes", modes)
        offer(self, "kinds", kinds)

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS}


class DaysForm(PlainForm):
    """Over how many days back a rule is tried."""

    days = forms.IntegerField(label=gettext_lazy("Requests of so many days"), min_value=1, max_value=730, initial=90)


def initial_of(rule: AutoRule) -> dict[str, Any]:
    """A rule as the form shows it."""
    return {**{name: getattr(rule, name) for name in FACTS}, "kinds": [str(kind) for kind in rule.kinds]}
