"""Numbers of one kind alone, each with its check and the sentence when it fails. Check digits are python-stdnum's work."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from stdnum import lei

from tenants.legal_ids import WrongNumber

EUID = re.compile(r"[A-Z]{2}[0-9A-Z]{1,20}\.[0-9A-Z./ \-]{1,40}(?:_[0-9A-Z]{1,3})?")
"""Country, register, number and perhaps a check, as regulation (EU) 2021/1042, annex, 8 writes it."""
PIC = re.compile(r"[0-9]{9}")


def read_lei(text: str) -> str:
    compact = re.sub(r"[\s.\-]", "", text).upper()
    if not lei.is_valid(compact):
        raise WrongNumber(
            _(
                "%(number)s is no LEI: it has twenty letters and digits, and the last two check the others. Compare it with the LEI certificate."
            )
            % {"number": text}
        )
    return compact


def read_euid(text: str) -> str:
    compact = text.upper().strip()
    if not EUID.fullmatch(compact):
        raise WrongNumber(
            _(
                "%(number)s is no EUID: it begins with the country and the register and has a point before the number, such as DEK1101R.HRB116737."
            )
            % {"number": text}
        )
    return compact


def read_pic(text: str) -> str:
    compact = re.sub(r"[\s.\-]", "", text)
    if not PIC.fullmatch(compact):
        raise WrongNumber(
            _(
                "%(number)s is no participant code: it has nine digits. It stands in the participant register of the Commission."
            )
            % {"number": text}
        )
    return compact


NUMBERED: Mapping[str, Callable[[str], str]] = {"lei": read_lei, "euid": read_euid, "pic": read_pic}
