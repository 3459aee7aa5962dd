"""Applications that are still being written in the demo world: of different kinds, each at another point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from resources.demo import clock
from tenants.models import CaseLink
from tenants.services.answers import keep_answers
from tenants.services.case_links import go_on, invite_writer
from tenants.services.documents import attach_document
from tenants.services.onboarding import draft_case

if TYPE_CHECKING:
    from resources.demo.world import Cast

SITE = "http://localhost/"
STATUTES = "Statutes of the harbour school, paragraph 1: name, seat and aims.\n"


class Draft(NamedTuple):
    """``facts`` were typed by the first writer, ``more`` by the second; ``asked``: who was asked to write and has not come."""

    authority: str
    writer: str
    facts: Mapping[str, Any]
    second: str = ""
    more: Mapping[str, Any] = {}
    asked: str = ""
    document: str = ""


DRAFTS = (
    Draft(
        "lysvik", "anke.sommer@hs-buchenried.example",
        {"organisation": "Havsbruk University College", "kind": "academia", "country": "SE", "legal_form": "University college",
         "recognised_by": "The state", "sector": "research", "contact_name": "Anke Sommer", "data_class": "internal"},
        second="theo.garnier@brumeval.example",
        more={"purpose": "Recognise fish by their sound, from hydrophones of six harbours.", "ai_role": "provider"},
    ),
    Draft(
        "auental", "bruno.salvi@rivaforte.example",
        {"organisation": "Rivaforte Robotica", "kind": "startup", "country": "IT", "legal_form": "S.r.l.", "employees": "14",
         "sme": "yes", "controlled_abroad": "no", "founded": "2023-02-01", "sector": "manufacturing"},
        asked="cto@rivaforte.example",
    ),
    Draft(
        "lysvik", "per.lundin@granby.example",
        {"organisation": "Granby Harbour School", "kind": "education", "country": "SE", "school_body": "Granby municipality",
         "minors": "yes", "sector": "research"},
        document="statutes.txt",
    ),
)  # fmt: skip


def begin(people: Cast, now: datetime) -> None:
    """Begin them all, some days ago."""
    for number, each in enumerate(DRAFTS):
        with clock.on(now - timedelta(days=2 + number, hours=number)):
            _write(people, each)
    CaseLink.objects.update(sent_at=now)  # nobody reads their mail, and it would fill the console


def _write(people: Cast, each: Draft) -> None:
    writer = people.users[each.writer]
    facts = {**each.facts, "contact_email": each.writer}
    case = draft_case(acting_user=writer, authority=people.authorities[each.authority], facts=facts)
    if each.second:
        second = people.users[each.second]
        go_on(acting_user=second, link=invite_writer(acting_user=writer, case=case, email=each.second, site=SITE))
        keep_answers(acting_user=second, case=case, answers=each.more)
    if each.asked:
        invite_writer(acting_user=writer, case=case, email=each.asked, site=SITE)
    if each.document:
        attach_document(
            acting_user=writer, case=case, name=each.document, content=STATUTES.encode(), question="register_extract"
        )
