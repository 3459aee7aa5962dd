"""Wake-ups of this app; each may be lost, late or repeated."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from portal.core import digests
from portal.core.tasks import job, nudge
from portal.core.trail import checkpoints, reading, verifying, witnesses
from tenants.services import (
    case_links,
    checks,
    deadlines,
    documents,
    factors,
    grants,
    leaving,
    people,
    recertification,
    review,
    sanctions,
    webhooks,
)

TIMETABLE: dict[str, dict[str, Any]] = {
    "look back at tenants": {"task": "tenants.sweep_recertifications", "schedule": 300.0, "options": {"expires": 290}},
    "tenants that leave": {"task": "tenants.sweep_departures", "schedule": 300.0, "options": {"expires": 290}},
    "escalate-cases": {"task": "tenants.escalate_cases", "schedule": 60.0, "options": {"expires": 50}},
    "sweep-deadlines": {"task": "tenants.sweep_deadlines", "schedule": 60.0, "options": {"expires": 50}},
    "scan-documents": {"task": "tenants.scan_documents", "schedule": 60.0, "options": {"expires": 50}},
    "make digests": {"task": "tenants.make_digests", "schedule": 60.0, "options": {"expires": 50}},
    "send digests": {"task": "tenants.send_digests", "schedule": 60.0, "options": {"expires": 50}},
    "deliver to webhooks": {"task": "tenants.deliver_due", "schedule": 60.0, "options": {"expires": 50}},
    "send-case-links": {"task": "tenants.send_case_links", "schedule": 60.0, "options": {"expires": 50}},
    "sweep-orphans": {"task": "tenants.sweep_orphans", "schedule": 3600.0, "options": {"expires": 3000}},
    "seal the audit trail": {"task": "tenants.seal_audit", "schedule": 60.0, "options": {"expires": 50}},
    "verify the audit trail": {"task": "tenants.verify_audit", "schedule": 600.0, "options": {"expires": 550}},
    "run-checks": {"task": "tenants.run_checks", "schedule": 60.0, "options": {"expires": 50}},
    "sweep-checks": {"task": "tenants.sweep_checks", "schedule": 300.0, "options": {"expires": 250}},
    "load-sanctions": {"task": "tenants.load_sanctions", "schedule": 600.0, "options": {"expires": 550}},
    "sweep-memberships": {"task": "tenants.sweep_memberships", "schedule": 60.0, "options": {"expires": 50}},
}


@job("tenants.sweep_memberships")
def sweep_memberships() -> None:
    """Take back the rights of memberships that have ended, and give those that have begun."""
    grants.sweep()


@job("tenants.escalate_cases")
def escalate_cases() -> None:
    """Mark applications that were not decided by their day, and show it on the pages that are open."""
    review.escalate_cases()


@job("tenants.sweep_deadlines")
def sweep_deadlines() -> None:
    """Remind of what has a day, and do what follows when it has passed: lapse, overdue, suspended."""
    deadlines.sweep_answers()
    deadlines.sweep_conditions()


@job("tenants.seal_audit")
def seal_audit() -> None:
    """Put the heads of the audit trail under a signed checkpoint, and hand it to those outside."""
    checkpoints.seal()
    witnesses.hand_over()


@job("tenants.verify_audit")
def verify_audit() -> None:
    """Check the whole audit trail when that is due, keep what was found, and erase addresses that are old."""
    if verifying.is_due():
        verifying.keep(verifying.verify())
    reading.forget_addresses(settings.AUDIT_ADDRESS_DAYS)


@job("tenants.send_case_link")
def send_case_link(link_id: int) -> None:
    """Mail one link that leads into an application."""
    case_links.send_case_link(link_id)


@job("tenants.send_case_links")
def send_case_links() -> None:
    """Mail the links whose wake-up was lost, or that the mail server did not take."""
    for link_id in case_links.sweep_case_links():
        nudge("tenants.send_case_link", link_id)


@job("tenants.scan_document")
def scan_document(document_id: int) -> None:
    """Let the virus scanner look at one attached file."""
    documents.scan_document(document_id)


@job("tenants.scan_documents")
def scan_documents() -> None:
    """Every attached file that still waits for the scanner."""
    for document_id in documents.sweep_documents():
        documents.scan_document(document_id)


@job("tenants.sweep_file")
def sweep_file(key: str) -> None:
    """Away with a file that no row names any more."""
    documents.sweep_file(key)


@job("tenants.sweep_orphans")
def sweep_orphans() -> None:
    documents.sweep_orphans()


@job("tenants.make_digests")
def make_digests() -> None:
    """Put together the mails that are due of what happened."""
    digests.make_digests()


@job("tenants.send_digests")
def send_digests() -> None:
    digests.send_digests()


@job("tenants.deliver")
def deliver(delivery_id: int) -> None:
    """Send one message to a webhook."""
    webhooks.deliver(delivery_id)


@job("tenants.deliver_due")
def deliver_due() -> None:
    """Every message to a webhook that is due to be tried."""
    for delivery_id in webhooks.sweep_deliveries():
        webhooks.deliver(delivery_id)


@job("tenants.send_welcome")
def send_welcome(user_id: int, site: str) -> None:
    """Mail a person who was given an account where to choose their password."""
    people.send_welcome(user_id, site)


@job("tenants.tell_of_reset")
def tell_of_reset(person_id: int, admin_id: int) -> None:
    """Mail those who are to know that a second factor was taken off an account."""
    factors.tell_of_reset(person_id, admin_id)


@job("tenants.check_case")
def check_case(case_id: int) -> None:
    """The automatic checks of one application that are due."""
    checks.check_case(case_id)


@job("tenants.run_checks")
def run_checks() -> None:
    """Whatever check is due anywhere, such as one whose register did not answer."""
    checks.run_due()


@job("tenants.sweep_checks")
def sweep_checks() -> None:
    """Plan what was never planned, and say what ends."""
    checks.sweep_unplanned()
    checks.sweep_validity()


@job("tenants.load_sanctions")
def load_sanctions() -> None:
    """The installation's sanctions list, when its file has changed; then everybody is screened again."""
    if sanctions.load_configured():
        sanctions.rescreen()


@job("tenants.rescreen")
def rescreen() -> None:
    sanctions.rescreen()


@job("tenants.sweep_recertifications")
def sweep_recertifications() -> None:
    """Give every tenant its day, remind of those that come, and escalate those that have passed."""
    recertification.open_missing()
    recertification.remind()


@job("tenants.sweep_departures")
def sweep_departures() -> None:
    """Close what is at the end of its grace period, and erase what is at the end of its retention."""
    leaving.sweep_departures()
