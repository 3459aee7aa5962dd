"""Countries as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from django_countries import countries


def country_names(codes: Iterable[str]) -> str:
    """FI, SE → Finland, Sweden; a code that is no country stays as it is."""
    return ", ".join(sorted(str(countries.name(code) or code) for code in codes))
