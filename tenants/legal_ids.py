"""Recognising the numbers by which Europe knows an organisation, and saying clearly when one cannot be right.

Check digits are python-stdnum's work. A number it has no rule for is a register number: people look it up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from django.utils.translation import gettext as _
from stdnum import lei
from stdnum.eu import vat

SHORTEST = 4
VAT_SHAPE = re.compile(r"[A-Z]{2}(?=(?:[^0-9]*[0-9]){7})[0-9A-Z+*]{8,12}")
EUID_SHAPE = re.compile(r"([A-Z]{2})([0-9A-Z]{1,20})\.[0-9A-Z][0-9A-Z._/\-]{0,40}")
"""Country, register, number in it, and with _ a check digit of its own: Commission Implementing Regulation (EU) 2021/1042."""
PIC_SHAPE = re.compile(r"[0-9]{9}")
LEI_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
NOT_THEIR_ISO = {"EL": "GR", "XI": "GB"}
NATIONAL: dict[str, tuple[str, ...]] = {
    "AT": ("at.businessid",), "BE": ("be.vat",), "BG": ("bg.vat",), "CH": ("ch.uid",), "CY": ("cy.vat",),
    "CZ": ("cz.dic",), "DE": ("de.handelsregisternummer",), "DK": ("dk.cvr",), "EE": ("ee.registrikood",),
    "ES": ("es.cif", "es.nif"), "FI": ("fi.ytunnus", "fi.associationid"), "FR": ("fr.siren", "fr.siret"),
    "GR": ("gr.vat",), "HR": ("hr.oib",), "HU": ("hu.anum",), "IE": ("ie.vat",), "IS": ("is_.kennitala",),
    "IT": ("it.iva", "it.codicefiscale"), "LT": ("lt.pvm",), "LU": ("lu.tva",), "LV": ("lv.pvn",), "MT": ("mt.vat",),
    "NL": ("nl.btw", "nl.bsn"), "NO": ("no.orgnr",), "PL": ("pl.regon", "pl.nip"), "PT": ("pt.nif",),
    "RO": ("ro.cui", "ro.onrc"), "SE": ("se.orgnr",), "SI": ("si.maticna", "si.ddv"), "SK": ("sk.dph",),
}  # fmt: skip
"""ISO code → rules of python-stdnum for numbers under which the country's registers know organisations."""


class WrongNumber(ValueError):
    """The number has the shape of a known kind and fails its check; the text is the sentence for the person."""


@dataclass(frozen=True)
class LegalId:
    """A number as it is kept. ``country`` is an ISO code where the number itself says it, else empty."""

    kind: Literal["vat", "lei", "euid", "register"]
    number: str
    country: str = ""


def recognise(text: str) -> LegalId:
    """Read ``text`` as a VAT number, an LEI, an EUID or a number of a national register; raises WrongNumber."""
    number = re.sub(r"\s+", " ", text).strip()
    compact = re.sub(r"[\s.\-]", "", number).upper()
    if LEI_SHAPE.fullmatch(compact):
        return _lei(compact)
    if euid := _euid(number, compact):
        return euid
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


def _euid(number: str, compact: str) -> LegalId | None:
    """An EUID; None of anything else, such as a VAT number that was written with a dot."""
    written = number.replace(" ", "").upper()
    shape = EUID_SHAPE.fullmatch(written)
    if shape is None or not _of_the_union(shape[1]) or not any(character.isdigit() for character in written):
        return None
    if VAT_SHAPE.fullmatch(compact) and (shape[2].isdigit() or vat.is_valid(compact)):
        return None
    return LegalId("euid", written, NOT_THEIR_ISO.get(shape[1], shape[1]))


def _of_the_union(country: str) -> bool:
    """Whether registers of the country are connected: the Union, and the rest of the economic area."""
    return country.lower().replace("el", "gr") in vat.MEMBER_STATES or country in {"NO", "IS", "LI"}


def is_pic(text: str) -> bool:
    """Whether it may be a participant identification code of European programmes."""
    return bool(PIC_SHAPE.fullmatch(re.sub(r"\s", "", text)))


def fits_national(number: str, country: str) -> str:
    """The name of the first rule of the country's registers whose check digits fit; "" where none does."""
    compact = re.sub(r"^[A-Za-z]{2}[- ]?[A-Za-z]{0,6}[- :]+(?=[0-9A-Z])", "", number).strip()
    for name in NATIONAL.get(country, ()):
        rule = import_module(f"stdnum.{name}")
        if rule.is_valid(compact) or rule.is_valid(number):
            return str(rule.__doc__ or name).partition("(")[0].strip().rstrip(".")
    return ""


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
        "euid": _("European unique identifier (EUID)"),
        "register": _("National register number, to be looked up there"),
    }[found.kind]
