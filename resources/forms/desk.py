"""Forms of the work around a decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.ui.forms import PlainForm, RadioCards
from resources.forms.requests import LONGEST_TEXT
from resources.queries.desk import Load, colleagues


class AssignForm(PlainForm):
    """Which approver looks after a request; beside each name what they have in hand."""

    approver = forms.ChoiceField(label=_("Approver"), widget=RadioCards)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        approver: Any = self.fields["approver"]
        approver.choices = [
            (str(load.person.public_id), f"{load.person.get_full_name()}|{in_hand(load)}")
            for load in colleagues(self.row)
        ]


def in_hand(load: Load) -> str:
    """How much work an approver has, as people read it."""
    has = ngettext("%(count)d open request", "%(count)d open requests", load.open) % {"count": load.open}
    late = ngettext("%(count)d of them late", "%(count)d of them late", load.late) % {"count": load.late}
    return f"{has}, {late}" if load.late else has


class AppealForm(PlainForm):
    """Why a refusal should be decided again."""

    text = forms.CharField(
        label=_("Why it should be decided again"),
        help_text=_("Other people read it than those who refused. One appeal is possible."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea,
    )
