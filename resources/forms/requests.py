"""Forms of requests and decisions. They say what is well formed; what is lawful is the services' business."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm
from resources.models import RequestLine

LONGEST_TEXT = 4000


class PoolField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.kind} · {obj.cluster}, {obj.cluster.city}"


class ReasonForm(PlainForm):
    """An act that may be explained."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_TEXT, widget=forms.Textarea, required=False
    )


def asked_text(lines: Iterable[RequestLine]) -> str:
    """What is asked for in words: "48 H100 SXM, 96 H200"."""
    return ", ".join(line.asked for line in lines)
