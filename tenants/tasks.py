"""Wake-ups of this app; each may be lost, late or repeated."""

from __future__ import annotations

from typing import Any

from portal.core.tasks import job
from tenants.services import grants, people

TIMETABLE: dict[str, dict[str, Any]] = {
    "sweep-memberships": {"task": "tenants.sweep_memberships", "schedule": 60.0, "options": {"expires": 50}},
}


@job("tenants.sweep_memberships")
def sweep_memberships() -> None:
    """Take back the rights of memberships that have ended, and give those that have begun."""
    grants.sweep()


@job("tenants.send_welcome")
def send_welcome(user_id: int, site: str) -> None:
    """Mail a person who was given an account where to choose their password."""
    people.send_welcome(user_id, site)
