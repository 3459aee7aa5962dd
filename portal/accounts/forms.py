from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.Form):
    """What we ask beyond allauth's address and password."""

    full_name = forms.CharField(label=_("Your name"), max_length=150)
    field_order = ("full_name", "email", "password1", "password2")

    def signup(self, request: Any, user: Any) -> None:
        """The adapter has kept the name already."""
