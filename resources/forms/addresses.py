"""Addresses that an operator types in: what can be said of them at once is said at once, at their field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.ui.addresses import check_address


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
