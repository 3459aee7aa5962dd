"""Addresses of other machines that a person types in: what can be said of them at once is said at once."""

from __future__ import annotations

from collections.abc import Sequence

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
