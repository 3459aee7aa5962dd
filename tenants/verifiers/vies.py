"""VIES, the Commission's exchange of VAT numbers: https://ec.europa.eu/taxation_customs/vies/ (REST)."""

from __future__ import annotations

from tenants.verifiers.base import Entry, Inquiry, Silent, dig, fetched, name_of, register

ADDRESS = "https://ec.europa.eu/taxation_customs/vies/rest-api"
SAID = {"VALID": True, "INVALID": False}
"""``userError`` of an answer that is one; anything else says why there is none (MS_UNAVAILABLE, TIMEOUT, …)."""


@register
class Vies:
    key = "vies"
    label = "VIES"

    def answers(self, inquiry: Inquiry) -> bool:
        return inquiry.kind == "vat"

    def ask(self, inquiry: Inquiry) -> Entry:
        found = fetched(inquiry, self.key, ADDRESS, f"ms/{inquiry.number[:2]}/vat/{inquiry.number[2:]}")
        valid, said = dig(found, "isValid"), found.get("userError", "VALID" if found["isValid"] else "INVALID")
        if not isinstance(valid, bool) or SAID.get(said) is not valid:
            raise Silent(f"VIES says {said!r:.80}")
        return Entry(valid, name=name_of(found.get("name")))
