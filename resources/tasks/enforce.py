"""Wake-ups for quotas and grants. The tables say what is due; each task may be lost, late or repeated."""

from __future__ import annotations

from portal.core.tasks import job
from resources.services import (
    budgets,
    condition_watch,
    desk,
    grant_notices,
    idle_finding,
    maintenance,
    quotas,
    request_documents,
    request_letters,
    rule_decisions,
    turning,
)


@job("resources.enforce_quotas")
def enforce_quotas() -> None:
    quotas.wake_clusters()


@job("resources.enforce_cluster")
def enforce_cluster(cluster_id: int) -> None:
    quotas.enforce_cluster(cluster_id)


@job("resources.watch_quotas")
def watch_quotas() -> None:
    quotas.wake_watchers()


@job("resources.watch_cluster")
def watch_cluster(cluster_id: int) -> None:
    quotas.watch_cluster(cluster_id)


@job("resources.turn_grants")
def turn_grants() -> None:
    turning.turn_grants()


@job("resources.turn_maintenance")
def turn_maintenance() -> None:
    maintenance.turn_maintenance()


@job("resources.remind_of_ends")
def remind_of_ends() -> None:
    grant_notices.remind()


@job("resources.watch_budgets")
def watch_budgets() -> None:
    budgets.watch()


@job("resources.find_idle")
def find_idle() -> None:
    idle_finding.sweep()


@job("resources.escalate_requests")
def escalate_requests() -> None:
    desk.escalate_requests()


@job("resources.sweep_questions")
def sweep_questions() -> None:
    """Remind of questions without an answer, and let requests lapse that waited too long."""
    desk.sweep_questions()


@job("resources.look_at_request")
def look_at_request(request_id: int) -> None:
    """Let the rules of its authority look at one request that was sent."""
    rule_decisions.look_at_request(request_id)


@job("resources.look_at_requests")
def look_at_requests() -> None:
    """Every sent request at which no rule has looked."""
    rule_decisions.look_at_requests()


@job("resources.write_letter")
def write_letter(request_id: int) -> None:
    """Write the letter about one request that was decided."""
    request_letters.write_letter(request_id)


@job("resources.write_letters")
def write_letters() -> None:
    """Every letter that is due."""
    request_letters.write_letters()


@job("resources.scan_document")
def scan_document(document_id: int) -> None:
    """Let the virus scanner look at one file of a request."""
    request_documents.scan_document(document_id)


@job("resources.scan_documents")
def scan_documents() -> None:
    """Every file of a request that still waits for the scanner."""
    for document_id in request_documents.waiting_documents():
        request_documents.scan_document(document_id)


@job("resources.watch_conditions")
def watch_conditions() -> None:
    """Remind of conditions of grants, and mark those whose day has passed."""
    condition_watch.sweep_conditions()


TIMETABLE = {
    "write letters about requests": {"task": "resources.write_letters", "schedule": 60.0, "options": {"expires": 59}},
    "let rules look at requests": {"task": "resources.look_at_requests", "schedule": 30.0, "options": {"expires": 29}},
    "escalate requests": {"task": "resources.escalate_requests", "schedule": 60.0, "options": {"expires": 50}},
    "sweep questions": {"task": "resources.sweep_questions", "schedule": 600.0, "options": {"expires": 550}},
    "scan documents of requests": {"task": "resources.scan_documents", "schedule": 60.0, "options": {"expires": 50}},
    "enforce quotas": {"task": "resources.enforce_quotas", "schedule": 15.0, "options": {"expires": 14}},
    "watch quotas": {"task": "resources.watch_quotas", "schedule": 30.0, "options": {"expires": 29}},
    "turn grants": {"task": "resources.turn_grants", "schedule": 20.0, "options": {"expires": 19}},
    "turn maintenance": {"task": "resources.turn_maintenance", "schedule": 20.0, "options": {"expires": 19}},
    "remind of ends": {"task": "resources.remind_of_ends", "schedule": 120.0, "options": {"expires": 119}},
    "watch budgets": {"task": "resources.watch_budgets", "schedule": 300.0, "options": {"expires": 299}},
    "watch conditions of grants": {
        "task": "resources.watch_conditions",
        "schedule": 300.0,
        "options": {"expires": 299},
    },
    "find idle GPUs": {"task": "resources.find_idle", "schedule": 900.0, "options": {"expires": 899}},
}
