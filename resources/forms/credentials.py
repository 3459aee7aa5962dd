"""Putting in a credential. What is typed here is never written into a page again, not even into this one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm
from resources.models import ClusterCredential

Purpose = ClusterCredential.Purpose
CERTIFICATES = {Purpose.SOURCE_CA, Purpose.ENGINE_CA}


class TokenForm(PlainForm):
    secret = forms.CharField(
        label=_("Token"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One word of plain characters, as the source or engine issued it. It is kept sealed."),
    )


class CertificateForm(PlainForm):
    secret = forms.CharField(
        label=_("CA certificate"),
        widget=forms.Textarea(attrs={"spellcheck": "false", "class": "mono"}),
        help_text=_("In PEM form. Several may follow one another. Never the private key."),
    )


def form_for(purpose: str) -> type[Any]:
    return CertificateForm if purpose in CERTIFICATES else TokenForm
