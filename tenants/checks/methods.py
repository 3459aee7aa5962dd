"""Automatic checks as plain functions: facts in, a finding out. What no rule can decide stays open for an officer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants import legal_ids
from tenants.checks.catalogue import CheckRule, in_order
from tenants.checks.findings import Finding
from tenants.checks.names import same_name
from tenants.questions.europe import EUROPE

FREE_MAIL = frozenset(
    [
        "aol.com",
        "bigmir.net",
        "bluewin.ch",
        "centrum.cz",
        "chello.at",
        "citromail.hu",
        "email.cz",
        "email.com",
        "fastmail.com",
        "free.fr",
        "freemail.hu",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "hotmail.fr",
        "hotmail.it",
        "hushmail.com",
        "icloud.com",
        "inbox.lv",
        "inbox.lt",
        "interia.pl",
        "laposte.net",
        "libero.it",
        "live.com",
        "live.fr",
        "live.nl",
        "mail.bg",
        "mail.com",
        "mail.ee",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "o2.pl",
        "onet.pl",
        "online.de",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "outlook.fr",
        "outlook.it",
        "posteo.de",
        "post.cz",
        "proton.me",
        "protonmail.com",
        "rocketmail.com",
        "sapo.pt",
        "seznam.cz",
        "sfr.fr",
        "tiscali.it",
        "t-online.de",
        "tuta.com",
        "tuta.io",
        "tutanota.com",
        "ukr.net",
        "virgilio.it",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.de",
        "yahoo.es",
        "yahoo.fr",
        "yahoo.it",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
        "abv.bg",
    ]
)
"""Mail services at which anybody gets an address."""
MOST_NAMED = 10
MOST_OWNERS = 50
ENDINGS = {"EL": "GR", "UK": "GB"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: when it was made as it says itself, else when it was added."""

    name: str
    made: dt.date


@dataclass(frozen=True, slots=True)
class Other:
    """A tenant or open application that might be the same organisation; ``called`` is how people refer to it."""

    called: str
    name: str
    country: str
    legal_id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that checks look at. ``answers`` are those that were sent last; ``quarantined`` is how many documents
    wait for the virus scanner.
    """

    organisation: str
    country: str
    legal_id: str
    contact_email: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    quarantined: int = 0
    others: tuple[Other, ...] = ()
    today: dt.date = dt.date.min
    document_days: int = 0


def answer(subject: Subject, rule: CheckRule) -> Finding:
    if in_order(rule, subject.answers):
        return Finding("passed", "answer.in_order")
    return Finding("open", "answer.look")


def legal_id(subject: Subject, rule: CheckRule) -> Finding:
    """The form and check digits of the number; one that no rule knows is looked up by hand."""
    if not subject.legal_id.strip():
        return Finding("failed", "legal_id.missing")
    try:
        found = legal_ids.recognise(subject.legal_id)
    except legal_ids.WrongNumber:
        return Finding("failed", "legal_id.wrong", {"number": subject.legal_id})
    facts = {"number": found.number}
    if found.kind != "register":
        return Finding("passed", f"legal_id.{found.kind}", facts)
    if rule_name := legal_ids.fits_national(found.number, subject.country):
        return Finding("passed", "legal_id.national", {**facts, "rule": rule_name})
    return Finding("open", "legal_id.no_rule", facts)


def country(subject: Subject, rule: CheckRule) -> Finding:
    """Whether the number is of the seat's country; the endings of mail and web addresses are a hint, no proof."""
    seat = subject.country
    facts = {"country": seat}
    try:
        told = legal_ids.recognise(subject.legal_id).country
    except legal_ids.WrongNumber:
        told = ""
    if told and told != seat:
        return Finding("failed", "country.legal_id", {**facts, "other": told})
    for what, domain in (("mail", mail_domain_of(subject.contact_email)), ("site", site_of(subject.answers))):
        ending = domain.rpartition(".")[2].upper()
        of = ENDINGS.get(ending, ending)
        if of in {*EUROPE, "GB"} and of != seat:
            return Finding("open", "country.hints", {**facts, "what": what, "other": of})
    return Finding("passed", "country.agrees", facts)


def mail_domain(subject: Subject, rule: CheckRule) -> Finding:
    """Whether the contact's domain is the organisation's own, as its web site has it."""
    domain, site = mail_domain_of(subject.contact_email), site_of(subject.answers)
    facts = {"domain": domain}
    if domain in FREE_MAIL:
        return Finding("failed", "mail.free", facts)
    if not site:
        return Finding("open", "mail.no_site", facts)
    if domain == site or domain.endswith(f".{site}") or site.endswith(f".{domain}"):
        return Finding("passed", "mail.own", facts)
    return Finding("open", "mail.other", {**facts, "site": site})


def duplicate(subject: Subject, rule: CheckRule) -> Finding:
    """Who has the same number, or the same name however it is written."""
    same = sorted({other.called for other in subject.others if is_same(subject, other)})
    if not same:
        return Finding("passed", "duplicate.none")
    return Finding("open", "duplicate.found", {"others": same[:MOST_NAMED]})


def is_same(subject: Subject, other: Other) -> bool:
    mine, theirs = compact(subject.legal_id), compact(other.legal_id)
    if mine and mine == theirs and subject.country == other.country:
        return True
    return same_name(subject.organisation, other.name)


def documents(subject: Subject, rule: CheckRule) -> Finding:
    facts = {"days": subject.document_days}
    if subject.quarantined:
        return Finding("open", "documents.waiting", {"count": subject.quarantined}, retry=True)
    if not subject.papers:
        return Finding("passed", "documents.none")
    limit = subject.today - dt.timedelta(days=subject.document_days)
    old = [f"{paper.name} ({paper.made.isoformat()})" for paper in subject.papers if paper.made < limit]
    if old:
        return Finding("open", "documents.old", {**facts, "names": old[:MOST_NAMED]})
    return Finding("passed", "documents.fresh", {**facts, "count": len(subject.papers)})


def pic(subject: Subject, rule: CheckRule) -> Finding:
    number = str(subject.answers.get("pic") or "")
    return Finding(
        "passed" if legal_ids.is_pic(number) else "failed",
        "pic.form" if legal_ids.is_pic(number) else "pic.wrong",
        {"number": number},
    )


METHODS: Mapping[str, Callable[[Subject, CheckRule], Finding]] = {
    "answer": answer, "legal_id": legal_id, "country": country, "mail_domain": mail_domain, "duplicate": duplicate,
    "documents": documents, "pic": pic,
}  # fmt: skip
"""Those that ask nobody else; registers and the sanctions list are asked by the service."""


def mail_domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").casefold()


def site_of(answers: Mapping[str, Any]) -> str:
    """The host of the web site without www; "" where none was given."""
    address = str(answers.get("website") or "").casefold()
    host = re.sub(r"^[a-z]+://", "", address).partition("/")[0].rpartition("@")[2].partition(":")[0]
    return host.removeprefix("www.").rstrip(".")


def compact(number: str) -> str:
    return re.sub(r"[\W_]", "", number).upper()


def screened_names(subject: Subject) -> list[str]:
    """Whom the sanctions list is asked about: the organisation, who signs for it, and who owns it."""
    return [name for name in _names(subject) if name.strip()]


def _names(subject: Subject) -> Iterable[str]:
    yield subject.organisation
    yield str(subject.answers.get("signatory_name") or "")
    yield from str(subject.answers.get("owners") or "").splitlines()[:MOST_OWNERS]
