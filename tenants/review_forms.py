"""Forms of the work around a decision: whose application it is, and what officers note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.ui.forms import PlainForm, RadioCards, offer
from tenants.forms import reason_field
from tenants.queries.review import Load, loads


class AssignForm(PlainForm):
    """Which officer looks after an application; beside each name what they have in hand."""

    officer = forms.ChoiceField(label=_("Officer"), widget=RadioCards)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.row is not None, "the page has an application"
        rows = [
            (str(load.person.public_id), f"{load.person.get_full_name()}|{in_hand(load)}")
            for load in loads(self.row.authority_id)
        ]
        offer(self, "officer", rows)


def in_hand(load: Load) -> str:
    """How much work an officer has, as people read it."""
    has = ngettext("%(count)d open application", "%(count)d open applications", load.open) % {"count": load.open}
    late = ngettext("%(count)d of them late", "%(count)d of them late", load.late) % {"count": load.late}
    return f"{has}, {late}" if load.late else has


class NoteForm(PlainForm):
    text = reason_field(
        _("Internal note"), hint=_("Officers and auditors of the authority read it; the applicant never does.")
    )
