"""Recognising the numbers by which Europe knows an organisation, and saying clearly when one cannot be right.

Check digits are python-stdnum's work. A number it has no rule for is a register number: people look it up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from stdnum import lei
from stdnum.eu import vat

SHORTEST = 4
VAT_SHAPE = re.compile(r"[A-Z]{2}(?=(?:[^0-9]*[0-9]){7})[0-9A-Z+*]{8,12}")
LEI_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
NOT_THEIR_ISO = {"EL": "GR", "XI": "GB"}


class WrongNumber(ValueError):
    """The number has the shape of a known kind and fails its check; the text is the sentence for the person."""


@dataclass(frozen=True)
class LegalId:
    """A number as it is kept. ``country`` is an ISO code where the number itself says it, else empty."""

    kind: Literal["vat", "lei", "register"]
    number: str
    country: str = ""


def recognise(text: str) -> LegalId:
    """Read ``text`` as a VAT number, an LEI or a number of a national register; raises WrongNumber."""
    number = re.sub(r"\s+", " ", text).strip()
    compact = re.sub(r"[\s.\-]", "", number).upper()
    if LEI_SHAPE.fullmatch(compact):
        return _lei(compact)
    if VAT_SHAPE.fullmatch(compact) and compact[:2].lower().replace("el", "gr") in vat.MEMBER_STATES:
        return _vat(compact)
    if len(compact) < SHORTEST or not any(character.isdigit() for character in compact):
        raise WrongNumber(
            _(
                "Enter the number under which a public register knows the organisation, with its digits: a VAT number such as LU12345613, an LEI, or a national register number."
            )
        )
    return LegalId("register", number)


def _lei(compact: str) -> LegalId:
    if not lei.is_valid(compact):
        raise WrongNumber(
            _(
                "%(number)s looks like an LEI, but its two check digits at the end do not fit. Compare it with the LEI certificate."
            )
            % {"number": compact}
        )
    return LegalId("lei", compact)


def _vat(compact: str) -> LegalId:
    if not vat.is_valid(compact):
        raise WrongNumber(
            _(
                "%(number)s looks like a VAT number of %(country)s, but its digits do not fit the rule of that country. Compare it with a letter of the tax office, or enter another register number."
            )
            % {"number": compact, "country": compact[:2]}
        )
    return LegalId("vat", compact, NOT_THEIR_ISO.get(compact[:2], compact[:2]))


def described(number: str) -> str:
    """What is known of a number that was accepted, in words for the person who has to verify it."""
    if not number:
        return ""
    try:
        found = recognise(number)
    except WrongNumber:
        return _("Not checked by the portal")
    return {
        "vat": _("VAT number, check digits fit"),
        "lei": _("LEI, check digits fit"),
        "register": _("National register number, to be looked up there"),
    }[found.kind]
