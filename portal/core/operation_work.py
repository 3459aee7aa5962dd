"""The worker's side of long works: claim one, do its steps, settle; and take over from workers that died."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.core import audit, operation_files
from portal.core.audit import record
from portal.core.errors import PortalError
from portal.core.notices import notify
from portal.core.operations import Line, State, Step, Tone, end, kind_of, operation_kinds, operations, soon, tell
from portal.core.operations import write_lines as _write_lines
from portal.core.outbox import claim
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import Operation

log = structlog.get_logger(__name__)

LEASE_SECONDS = 20
TURN_SECONDS = 20
"""After so long the work goes to the end of the queue, so that no long work keeps a thread from the others."""
MOST_ATTEMPTS = 5


def run(operation_id: int) -> None:
    """Do one work as far as one turn reaches; a wake-up that comes twice finds it taken."""
    wanted = operations().open().filter(pk=operation_id)
    for row in claim(wanted, lease_seconds=LEASE_SECONDS, limit=1):
        _turn(row)


def pause() -> None:
    """For whoever waits beside a worker that has the work."""
    time.sleep(1)


def sweep() -> None:
    """Everything that waits, or whose worker died; and files that are past their day."""
    for row in claim(operations().open(), lease_seconds=LEASE_SECONDS, limit=4):
        _turn(row)
    forget_files()


def forget_files() -> None:
    for row in operations().filter(file_until__lte=timezone.now())[:200]:
        operation_files.forget(row)
        Operation.objects.filter(pk=row.pk).update(file_until=None, file_size=None, file_sha256="")


def _turn(row: Operation) -> None:
    # counted before the work: one whose worker dies each time would otherwise be taken up for ever
    Operation.objects.filter(pk=row.pk, fence=row.fence).update(attempts=row.attempts + 1)
    began = time.monotonic()
    while _step(row.pk, row.fence):
        if time.monotonic() - began > TURN_SECONDS:
            with transaction.atomic():
                Operation.objects.filter(pk=row.pk, fence=row.fence).update(lease_until=None)
                nudge("portal.run_operation", row.pk)
            return


def _step(pk: int, fence: int) -> bool:
    """One step under the row's lock. False: it is over, or somebody else has it now."""
    try:
        with transaction.atomic():
            row = Operation.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
            if row is None or row.fence != fence or not row.is_open:
                return False
            token = audit.source.set("task")
            try:
                with translation.override(row.language):
                    return _guarded(row)
            finally:
                audit.source.reset(token)
    except (DatabaseError, OSError) as error:  # the database or the disk is away: tried again after the lease
        log.warning("operation_step_lost", operation=pk, error=repr(error))
        return False


def _guarded(row: Operation) -> bool:
    if row.kind not in operation_kinds:
        return _fail(row, _("This portal does not know this kind of work any more. Begin it anew."))
    if row.cancel_asked_at is not None:
        _finish(row, State.CANCELLED)
        return False
    if row.attempts > MOST_ATTEMPTS:
        return _fail(row, _("It broke off %(n)d times in the same place. Tell the people who run the portal.") % {"n": MOST_ATTEMPTS})  # fmt: skip
    if row.state == State.WAITING:
        advance(row, State.RUNNING, started_at=timezone.now())
    if objection := kind_of(row).objection(row):
        return _fail(row, objection)
    try:
        with transaction.atomic():
            step = kind_of(row).step(row)
    except PortalError as error:
        return _fail(row, str(error))
    except (DatabaseError, OSError):
        raise
    except Exception as error:
        log.exception("operation_step_failed", operation=row.pk, error=repr(error))
        return _retry(row)
    return _keep(row, step)


def _keep(row: Operation, step: Step) -> bool:
    """Write the cursor with the effects of the step."""
    tally = {**row.tally}
    for key, count in step.tally.items():
        tally[key] = tally.get(key, 0) + count
    fields = {
        "cursor": dict(step.cursor), "done": step.done, "tally": tally, "attempts": 1, "moved_at": timezone.now(),
        "lease_until": soon(LEASE_SECONDS), "total": row.total if step.total is None else step.total,
        "result": {**row.result, **step.result},
    }  # fmt: skip
    Operation.objects.filter(pk=row.pk).update(**fields)
    for name, value in fields.items():
        setattr(row, name, value)
    _write_lines(row, step.lines)
    if step.finished:
        if step.file:
            _keep_file(row, step.file)
        _finish(row, State.DONE)
        return False
    tell(row)
    return True


def _keep_file(row: Operation, name: str) -> None:
    size, digest = operation_files.measured(operation_files.result(row))
    until = timezone.now() + timedelta(days=kind_of(row).keep_days)
    facts = {"file_name": name[:150], "file_size": size, "file_sha256": digest, "file_until": until}
    Operation.objects.filter(pk=row.pk).update(**facts)


def _finish(row: Operation, state: str, trouble: str = "") -> None:
    end(row, state, trouble=trouble)
    if state != State.CANCELLED:  # that one stands in the record already, with whoever asked for it
        act = f"operation.{state}"
        record(
            act, acting_user=row.user, target=row, tenant=row.tenant_id, authority=row.authority_id,
            after={"done": row.done, **row.tally}, reason=trouble,
        )  # fmt: skip
        notify(act, to=[row.user_id], target=row, acting_user=None)
    if state == State.DONE:
        operation_files.tidy(row)
    else:
        operation_files.forget(row)


def _fail(row: Operation, sentence: str) -> bool:
    if row.state == State.WAITING:
        advance(row, State.RUNNING, started_at=timezone.now())
    _write_lines(row, (Line(sentence, Tone.BAD),))
    _finish(row, State.FAILED, sentence)
    return False


def _retry(row: Operation) -> bool:
    """A fault of ours: once more a little later, until it has happened too often."""
    if row.attempts >= MOST_ATTEMPTS:
        return _fail(row, _("Something went wrong that should not have. Nothing of the last step was kept; what was done before stays. The people who run the portal find the reason in their log."))  # fmt: skip
    Operation.objects.filter(pk=row.pk).update(lease_until=soon(2**row.attempts))
    return False
