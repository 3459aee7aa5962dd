"""What a person wants to be told, and how: each act in the bell, by mail, or not at all; mails in their rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.notices import choice_of, choose_notices
from portal.models import MailRhythm
from portal.ui.forms import PlainForm
from portal.ui.notifications import acts
from portal.ui.pages import FormPage, Text

GROUPS: dict[str, str | Promise] = {
    "case": gettext_lazy("Applications"),
    "check": gettext_lazy("Checks"),
    "tenant": gettext_lazy("Tenants"),
    "request": gettext_lazy("GPU requests"),
    "grant": gettext_lazy("Grants"),
    "budget": gettext_lazy("Budgets of GPU-hours"),
    "idle": gettext_lazy("Idle GPUs"),
}


@dataclass(frozen=True)
class ActRow:
    act: str
    label: str
    bell: bool
    mail: bool


class NoticeChoiceForm(PlainForm):
    rhythm = forms.ChoiceField(
        label=gettext_lazy("Mail"), choices=MailRhythm.choices, widget=forms.RadioSelect,
        help_text=gettext_lazy("Everything since the last one comes in one mail; what you have read here is left out."),
    )  # fmt: skip
    hour = forms.TypedChoiceField(
        label=gettext_lazy("At what time, if once a day or a week"),
        choices=lambda: [(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int,
        help_text=gettext_lazy("In your time zone, which your profile says."),
    )  # fmt: skip
    bell = forms.MultipleChoiceField(label=gettext_lazy("In the bell"), choices=acts, required=False)
    mail = forms.MultipleChoiceField(label=gettext_lazy("By mail"), choices=acts, required=False)

    def groups(self) -> Iterator[tuple[str, list[ActRow]]]:
        """(name of the group, its acts with what is ticked): those of one kind of thing stand together."""
        bell, mail = (set(self[name].value() or []) for name in ("bell", "mail"))
        found: dict[str, list[ActRow]] = {}
        for act, label in acts():
            group = str(GROUPS.get(act.partition(".")[0], _("Other")))
            found.setdefault(group, []).append(ActRow(act, str(label), act in bell, act in mail))
        yield from sorted(found.items())


class NoticeChoices(FormPage):
    form_class = NoticeChoiceForm
    template_name = "portal/notice_choices.html"
    title = gettext_lazy("What you are told")
    lede = gettext_lazy("The bell at the top of every page, and one mail of what you have not read")
    done = gettext_lazy("Saved.")
    nav = "notifications"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("notifications"), _("Notifications"))]

    def initial(self) -> dict[str, Any]:
        choice = choice_of(self.user)
        known = [act for act, _label in acts()]
        return {
            "rhythm": choice.rhythm, "hour": choice.hour,
            "bell": [act for act in known if act not in choice.not_in_bell],
            "mail": [act for act in known if act not in choice.not_by_mail],
        }  # fmt: skip

    def act(self, form: Any) -> str:
        said = form.cleaned_data
        known = {act for act, _label in acts()}
        choose_notices(
            acting_user=self.user, rhythm=said["rhythm"], hour=said["hour"],
            not_in_bell=known - set(said["bell"]), not_by_mail=known - set(said["mail"]),
        )  # fmt: skip
        return reverse("notice-choices")
