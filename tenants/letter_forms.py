"""The form in which an authority words a letter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.letters.text import LONGEST_BODY, LONGEST_SUBJECT
from portal.ui.forms import PlainForm


class WordingForm(PlainForm):
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=_("Text"), max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 22}),
        help_text=_(
            "Paragraphs are divided by empty lines. A line that begins with “- ” is an item of a list. "
            "A paragraph that speaks of something which there is not is left out of the letter."
        ),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What changed"), max_length=300, required=False,
        help_text=_("One sentence; it stands beside the version. Not needed to look at the preview."),
    )  # fmt: skip
