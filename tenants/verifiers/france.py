"""The French register of enterprises, by SIREN: https://recherche-entreprises.api.gouv.fr (open, without a key)."""

from __future__ import annotations

import re

from tenants.verifiers.base import Entry, Inquiry, Silent, dig, fetched, name_of, register

ADDRESS = "https://recherche-entreprises.api.gouv.fr"
SIREN = re.compile(r"(?<!\d)(\d{3} ?\d{3} ?\d{3})(?: ?\d{5})?(?!\d)")


@register
class France:
    key = "france"
    label = "Annuaire des entreprises"

    def answers(self, inquiry: Inquiry) -> bool:
        return inquiry.country == "FR" and inquiry.kind in {"register", "euid"} and bool(SIREN.search(inquiry.number))

    def ask(self, inquiry: Inquiry) -> Entry:
        found = SIREN.search(inquiry.number)
        siren = found[1].replace(" ", "") if found else ""
        results = dig(fetched(inquiry, self.key, ADDRESS, f"search?q={siren}"), "results")
        if not isinstance(results, list):
            raise Silent("no list of results")
        same = [each for each in results if isinstance(each, dict) and each.get("siren") == siren]
        if not same:
            return Entry(known=False)
        live = dig(same[0], "etat_administratif") == "A"
        return Entry(
            known=True, live=live, name=name_of(same[0].get("nom_raison_sociale") or same[0].get("nom_complet"))
        )
