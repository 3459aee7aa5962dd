"""Wake-ups of the ground: long works."""

from __future__ import annotations

from typing import Any

from portal.core import operation_work
from portal.core.tasks import job

TIMETABLE: dict[str, dict[str, Any]] = {
    "run-operations": {"task": "portal.run_operations", "schedule": 10.0, "options": {"expires": 9}},
}


@job("portal.run_operation")
def run_operation(operation_id: int) -> None:
    """Do the long work with this id, if nobody has it."""
    operation_work.run(operation_id)


@job("portal.run_operations")
def run_operations() -> None:
    """Every long work that waits or whose worker died."""
    operation_work.sweep()
