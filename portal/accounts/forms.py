from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.factors import use_up


class SignupForm(forms.Form):
    """What we ask beyond allauth's address and password."""

    full_name = forms.CharField(label=_("Your name"), max_length=150)
    field_order = ("full_name", "email", "password1", "password2")

    def signup(self, request: Any, user: Any) -> None:
        """The adapter has kept the name already."""


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "class": "secret"}
    )
    return forms.CharField(label=label, help_text=help_text, max_length=20, widget=widget)


class OnceForm:
    """Takes a code once: with a tolerance for slow clocks a code is good for longer than allauth remembers it."""

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # the form beside this one
        if self.authenticator.type == Authenticator.Type.TOTP and not use_up(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


HELP = _("Six digits from your authenticator app, or one of your recovery codes.")


class CodeForm(OnceForm, AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """At sign-in."""

    code = code_field(_("Code"), HELP)


class CodeAgainForm(OnceForm, ReauthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """Before a decision."""

    code = code_field(_("Code"), HELP)


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth is untyped
    """Shows that the app and the portal agree."""

    code = code_field(_("Code that the app shows now"))


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    name = forms.CharField(
        label=_("Name of this passkey"), required=False, max_length=60,
        help_text=_("So that you know it again: “work laptop”, “blue key”."),
    )  # fmt: skip
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without e-mail address and password"), required=False, initial=True,
        help_text=_("The device then asks for your fingerprint, face or PIN."),
    )  # fmt: skip
