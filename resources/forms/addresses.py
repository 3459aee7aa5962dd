"""Addresses that an operator types in: what can be said of them at once is said at once, at their field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext

from portal.core.addresses import OutboundError, check_all, checked_url

LOOK_SECONDS = 1.5
"""How long names may take to be looked up while a form is read, all of them together; nothing is locked meanwhile."""


def sentence(error: OutboundError) -> str:
    """What is wrong with the address, in the reader's language."""
    return gettext(error.template) % error.facts


def check_address(url: str) -> str:
    """An address as it may be written; anything else is refused with a sentence."""
    try:
        checked_url(url.strip())
    except OutboundError as error:
        raise forms.ValidationError(sentence(error), code="address") from None
    return url.strip()


def refused_addresses(urls: Sequence[str]) -> list[str]:
    """A sentence for each address that this installation would not ask, as its name leads now."""
    return [sentence(error) for error in check_all(urls, settings.ALLOWED_NETWORKS, LOOK_SECONDS).values()]


def addresses_in(wanted: Mapping[str, Any]) -> list[str]:
    """The addresses among a cluster's settings, as a machine sends them."""
    listed = wanted.get("urls") or []
    found = [*(listed if isinstance(listed, list) else [listed]), *([wanted["url"]] if wanted.get("url") else [])]
    return [str(each) for each in found]


class AddressesField(forms.CharField):
    """Addresses, one a line; cleans to a list."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        super().validate(value)
        for url in value:
            check_address(url)

    def run_validators(self, value: Any) -> None:
        """Each line is checked by itself."""
