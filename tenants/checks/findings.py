"""What came of a check, as a code with facts, and the sentence that people read in their own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

Outcome = Literal["passed", "failed", "open"]
HIT = "sanctions.hit"
CLEARED, CONFIRMED = "sanctions.cleared", "sanctions.confirmed"
"""How a hit reads once people have said whether the one on the list is theirs; kept is what was found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``open`` is never in order: somebody looks, or with ``retry`` the portal asks again later."""

    outcome: Outcome
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    retry: bool = False


SENTENCES: Mapping[str, Any] = {
    "manual": gettext_lazy("An officer has to look at it."),
    "answer.in_order": gettext_lazy("The answers are in order."),
    "answer.look": gettext_lazy("The answers ask for a closer look by an officer."),
    "legal_id.vat": gettext_lazy("%(number)s is a VAT number whose check digits fit."),
    "legal_id.lei": gettext_lazy("%(number)s is an LEI whose check digits fit."),
    "legal_id.euid": gettext_lazy("%(number)s is written as a European unique identifier (EUID)."),
    "legal_id.national": gettext_lazy("%(number)s fits the rule of %(rule)s."),
    "legal_id.no_rule": gettext_lazy("There is no rule by which %(number)s could be checked: look it up in its register."),
    "legal_id.wrong": gettext_lazy("%(number)s cannot be right: its form or its check digits do not fit."),
    "legal_id.missing": gettext_lazy("No legal id was given."),
    "register.confirmed": gettext_lazy("%(register)s knows %(number)s as “%(name)s”."),
    "register.nameless": gettext_lazy("%(register)s knows %(number)s and tells no name: compare the name yourself."),
    "register.other_name": gettext_lazy("%(register)s knows %(number)s under another name: “%(name)s”."),
    "register.unknown": gettext_lazy("%(register)s does not know %(number)s."),
    "register.over": gettext_lazy("%(register)s knows %(number)s as “%(name)s”, which has ended."),
    "register.silent": gettext_lazy("Not verified: %(register)s gave no usable answer. The portal asks again by itself."),
    "register.none": gettext_lazy("Not verified: no register that the portal can ask knows this kind of number. Look it up by hand."),
    "country.agrees": gettext_lazy("Nothing names another country than %(country)s."),
    "country.legal_id": gettext_lazy("The legal id is of %(other)s, and the seat is in %(country)s."),
    "country.hints": gettext_lazy("The seat is in %(country)s, but %(what)s points to %(other)s."),
    "mail.own": gettext_lazy("%(domain)s is the domain of the organisation's web site."),
    "mail.free": gettext_lazy("%(domain)s is a free mail service, so the address shows nothing about the organisation."),
    "mail.other": gettext_lazy("The contact writes from %(domain)s, and the web site is %(site)s."),
    "mail.no_site": gettext_lazy("The contact writes from %(domain)s; there is no web site to compare it with."),
    "duplicate.none": gettext_lazy("No tenant and no open application of this authority has this legal id or name."),
    "duplicate.found": gettext_lazy("The same legal id or name: %(others)s."),
    "sanctions.clear": gettext_lazy("No name like these on the list of %(list_date)s (%(list_version)s)."),
    HIT: gettext_lazy("Possible hit on the list of %(list_date)s (%(list_version)s): %(names)s."),
    CLEARED: gettext_lazy("Cleared: who is on the list of %(list_date)s (%(list_version)s) is somebody else: %(names)s."),
    CONFIRMED: gettext_lazy("On the list of %(list_date)s (%(list_version)s): %(names)s."),
    "sanctions.absent": gettext_lazy("Not screened: no sanctions list is loaded."),
    "sanctions.stale": gettext_lazy("Not screened: the list is of %(list_date)s, which is older than %(days)d days."),
    "documents.waiting": gettext_lazy("Not verified: %(count)d of the documents still wait for the virus scanner."),
    "documents.none": gettext_lazy("There are no documents."),
    "documents.fresh": gettext_lazy("None of %(count)d documents is older than %(days)d days."),
    "documents.old": gettext_lazy("Older than %(days)d days: %(names)s."),
    "pic.form": gettext_lazy("%(number)s has the form of a participant code."),
    "pic.wrong": gettext_lazy("A participant code has nine digits; this is “%(number)s”."),
    "fault": gettext_lazy("Not verified: the portal could not do this check. It tries again by itself."),
}  # fmt: skip
"""Code → the sentence, in which facts are put."""


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """A finding in the reader's language; "" of a check that nobody has looked at yet."""
    if not code:
        return ""
    if code not in SENTENCES:
        return _("Found: %(code)s") % {"code": code}
    shown = {name: _shown(name, value) for name, value in facts.items()}
    try:
        return str(SENTENCES[code]) % shown
    except (KeyError, TypeError, ValueError):
        return str(SENTENCES[code])


def _listed(hit: dict[str, Any]) -> str:
    """A name of the list with the number of its entry, by which an officer finds who is meant."""
    if hit.get("reference"):
        return _("%(name)s (%(percent)d %%, entry %(reference)s)") % hit
    return _("%(name)s (%(percent)d %%)") % hit


def _shown(name: str, value: Any) -> Any:
    if name in {"country", "other"}:
        return str(countries.name(value) or value)
    if name == "what":
        return {"mail": _("the mail address"), "site": _("the web site")}.get(value, value)
    if name == "names" and isinstance(value, list):
        return "; ".join(_listed(each) if isinstance(each, dict) else str(each) for each in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value
