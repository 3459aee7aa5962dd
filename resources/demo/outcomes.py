"""Applications of the demo world that were decided: refused, appealed against, admitted under conditions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from resources.demo import checking, clock
from resources.demo.history import send_case
from tenants.models import CaseCondition, OnboardingCase
from tenants.services.admission import approve_case, reject_case
from tenants.services.appeals import appeal_case
from tenants.services.conditions import Condition, meet_condition

if TYPE_CHECKING:
    from resources.demo.world import Cast


def happen(people: Cast, now: datetime) -> None:
    """All of it, each on its day."""
    _refused(people, now)
    _appealed(people, now)
    _under_conditions(people, now)


def _sent(people: Cast, day: datetime, office: str, writer: str, **facts: object) -> OnboardingCase:
    with clock.on(day):
        return send_case(people.users[writer], people.authorities[office], {"contact_email": writer, **facts})


def _refused(people: Cast, now: datetime) -> None:
    case = _sent(
        people, now - timedelta(days=40, hours=5), "lysvik", "hans.blom@kronbukt.example", organisation="Kronbukt Odds",
        kind="industry", country="SE", legal_id="SE-REG 556930-2217", data_class="public", residency=["SE"],
        purpose="Odds for football matches while they are played.",
    )  # fmt: skip
    with clock.on(now - timedelta(days=36, hours=2)):
        reject_case(
            acting_user=people.at("lysvik", "onboarding_officer")[0], case=case, grounds=["purpose"],
            reason="Betting is not a use for which the factory was set up; its statutes name research, public tasks and industry.",
        )  # fmt: skip


def _appealed(people: Cast, now: datetime) -> None:
    writer = "doris.kamp@rauhfeld.example"
    case = _sent(
        people, now - timedelta(days=16, hours=3), "auental", writer, organisation="Institut Rauhfeld",
        kind="academia", country="DE", legal_id="DE VR 4471", data_class="internal", residency=["DE"],
        purpose="Predicting rockfall from pictures of slopes.",
    )  # fmt: skip
    first = people.at("auental", "onboarding_officer")[0]
    with clock.on(now - timedelta(days=12, hours=4)):
        reject_case(
            acting_user=first, case=case, reason="The extract of the register names a chair who left in spring."
        )
    with clock.on(now - timedelta(days=2, hours=6)):
        appeal_case(
            acting_user=people.users[writer], case=case,
            text="The register has entered the new chair meanwhile; the extract of last week is among the documents.",
        )  # fmt: skip


def _under_conditions(people: Cast, now: datetime) -> None:
    case = _sent(
        people, now - timedelta(days=34, hours=3), "lysvik", "ylva.tern@vassdal.example", organisation="Vassdal Herbarium",
        kind="public_agency", country="SE", legal_id="SE-REG 202100-7719", data_class="public", residency=["SE", "FI"],
        purpose="Naming a million pressed plants from their scans.",
    )  # fmt: skip
    maja = people.at("lysvik", "onboarding_officer")[0]
    with clock.on(now - timedelta(days=30, hours=2)):
        checking.clear(case, maja)
        day = now.date()
        approve_case(
            acting_user=maja, case=case, reason="Complete but for two papers.",
            conditions=[
                Condition("Name a security contact who answers at night.", day - timedelta(days=4), "The head of the herbarium"),
                Condition("Hand in the agreement on data processing, signed by both sides.", day + timedelta(days=19), "The organisation"),
            ],
        )  # fmt: skip
    with clock.on(now - timedelta(days=8, hours=1)):
        meet_condition(
            acting_user=maja, condition=CaseCondition.objects.get(case=case, number=1),
            evidence="Called the number at half past ten in the evening; it was answered.",
        )  # fmt: skip
