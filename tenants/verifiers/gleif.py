"""GLEIF, which keeps the LEIs of the world: https://www.gleif.org/en/lei-data/gleif-api."""

from __future__ import annotations

from tenants.verifiers.base import Entry, Inquiry, Silent, dig, fetched, name_of, register

ADDRESS = "https://api.gleif.org/api/v1"


@register
class Gleif:
    key = "gleif"
    label = "GLEIF"

    def answers(self, inquiry: Inquiry) -> bool:
        return inquiry.kind == "lei"

    def ask(self, inquiry: Inquiry) -> Entry:
        found = fetched(inquiry, self.key, ADDRESS, f"lei-records/{inquiry.number}", missing=True)
        if found is None:
            return Entry(known=False)
        facts = dig(found, "data", "attributes")
        if dig(facts, "lei") != inquiry.number:
            raise Silent("an answer about another LEI")
        live = dig(facts, "entity", "status") == "ACTIVE" and dig(facts, "registration", "status") not in ENDED
        return Entry(known=True, live=live, name=name_of(dig(facts, "entity", "legalName", "name")))


ENDED = {"RETIRED", "ANNULLED", "DUPLICATE", "MERGED", "CANCELLED", "TRANSFERRED"}
"""States of a registration under which the number is nobody's any more; a lapsed one only was not renewed."""
