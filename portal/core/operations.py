"""Long works: begun by a person, done by the portal step by step, shown while they run, and stopped when asked.

An app registers an ``OperationKind``; its ``step`` does a bounded piece and says where the next begins. The effects of
a step in the database and its cursor are written in one transaction, under the lock of the operation's row: a worker
that is killed leaves nothing half done, and who takes over (after the lease) goes on from the last whole step. Files
that a step writes lie in the operation's own folder, under names that the cursor decides, so that a step done again
writes the same file again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.core import walls
from portal.core.access import PersonScope, ScopedQuerySet
from portal.core.audit import record
from portal.core.errors import Conflict
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.registry import Registry, act_words, fact_words, notice_acts, target_pages, target_rows
from portal.core.states import Moves, advance
from portal.core.tasks import nudge
from portal.models import Operation, OperationLine, User

State = Operation.State
Tone = OperationLine.Tone
MOVES = Moves(
    "operation",
    {
        "waiting": {"running", "failed", "cancelled"},
        "running": {"done", "failed", "cancelled"},
        "done": set(),
        "failed": set(),
        "cancelled": set(),
    },
)
Operation.moves = MOVES


@dataclass(frozen=True)
class Line:
    """What a step has to say; ``place`` is the row of a file, if it is about one."""

    text: str
    tone: str = Tone.INFO
    subject: str = ""
    place: int = 0


@dataclass(frozen=True)
class Step:
    """What one step did: where the next begins, how far it is, and, at the end, what came of it.

    ``file``: name of the result as people save it; the step has written it (portal.core.operation_files).
    """

    cursor: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int | None = None
    finished: bool = False
    lines: tuple[Line, ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    """Counts that are added to those of the steps before."""
    result: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True)
class OperationKind:
    """A kind of long work. ``step`` runs in a transaction, as the portal; keep each to a second or two."""

    label: str | Promise
    step: Callable[[Operation], Step]
    objection: Callable[[Operation], str] = lambda _operation: ""
    """Why it must not go on any more (the person has lost the right): a sentence; empty: it may."""
    words: Mapping[str, str | Promise] = field(default_factory=dict)
    """Key of the tally → what is counted, in words."""
    unit: str | Promise = ""
    keep_days: int = 7
    """How long a file that came of it is kept."""
    sealed: bool = False
    """The file is given out to its person only with a second factor shown within the last minutes."""
    asked_again: bool = False
    """Its ``objection`` is asked once more whenever its file is saved."""
    page: Callable[[Operation], str | None] = lambda _operation: None
    """The page of what it is about."""
    ended: Callable[[Operation], None] = lambda _operation: None
    """Told in the transaction in which it ends, however it ends."""


operation_kinds: Registry[OperationKind] = Registry("kinds of long works")


class OperationQuerySet(ScopedQuerySet[Operation]):
    """A person's own."""

    scopes = (PersonScope("user", ["view"]),)

    def open(self) -> OperationQuerySet:
        return self.exclude(state__in=Operation.FINAL)


def operations() -> OperationQuerySet:
    return OperationQuerySet(Operation)


def kind_of(operation: Operation) -> OperationKind:
    return operation_kinds[operation.kind]


@transaction.atomic
def begin(
    kind: str,
    *,
    acting_user: User,
    about: str = "",
    target: models.Model | None = None,
    tenant: models.Model | None = None,
    authority: models.Model | None = None,
    params: Mapping[str, Any] | None = None,
    total: int | None = None,
) -> Operation:
    """Put a long work on the list; a worker takes it up after the commit. Whether it may, the calling service asks.

    ``target`` is what it is about; ``tenant`` and ``authority`` say in whose record it belongs.
    """
    if kind not in operation_kinds:
        raise LookupError(f"no kind of operation is called {kind!r}")
    office = authority.pk if authority is not None else getattr(tenant, "authority_id", None)
    with as_worker():
        row = Operation.objects.create(
            kind=kind, user=acting_user, about=about[:200], language=get_language() or settings.LANGUAGE_CODE,
            target_type=target._meta.label if target else "", target_public_id=getattr(target, "public_id", None),
            tenant_id=tenant.pk if tenant is not None else None, authority_id=office, params=dict(params or {}),
            total=total,
        )  # fmt: skip
    record(
        "operation.begun", acting_user=acting_user, target=row, tenant=row.tenant_id, authority=row.authority_id,
        after={"work": kind},
    )  # fmt: skip
    tell(row)
    nudge("portal.run_operation", row.pk)
    return row


@transaction.atomic
def cancel(*, acting_user: User, operation: Operation) -> Operation:
    """Ask for the work to stop: at once if it has not begun, else after the step that runs now."""
    with as_worker():
        row = Operation.objects.select_for_update().get(pk=operation.pk)
        if not row.is_open:
            raise Conflict(
                _("“%(thing)s” has ended already: %(state)s. Nothing was stopped.")
                % {"thing": row, "state": row.get_state_display()},
                code="portal.operation_ended",
            )
        Operation.objects.filter(pk=row.pk).update(cancel_asked_at=timezone.now())
        row.cancel_asked_at = timezone.now()
        record(
            "operation.cancelled", acting_user=acting_user, target=row, tenant=row.tenant_id,
            authority=row.authority_id, before={"state": row.state}, after={"done": row.done},
        )  # fmt: skip
        if row.state == State.WAITING:
            end(row, State.CANCELLED)
        else:
            tell(row)
    return row


def end(row: Operation, state: str, **fields: Any) -> None:
    """Move to a final state; tells whoever waits for it."""
    advance(row, state, ended_at=timezone.now(), lease_until=None, **fields)
    if row.kind in operation_kinds:
        kind_of(row).ended(row)
    tell(row)


def tell(row: Operation) -> None:
    """Open pages of its person fetch it again."""
    announce("operation.changed", topics=[f"user.{row.user_id}"], operation=str(row.public_id))


def write_lines(row: Operation, lines: tuple[Line, ...]) -> None:
    OperationLine.objects.bulk_create(
        [
            OperationLine(
                operation=row, user_id=row.user_id, tenant_id=row.tenant_id, place=each.place, tone=each.tone,
                subject=each.subject[:200], text=each.text,
            )
            for each in lines
        ],
        batch_size=1000,
    )  # fmt: skip


def soon(seconds: float) -> Any:
    return timezone.now() + timedelta(seconds=seconds)


ACTS = {
    "operation.begun": gettext_lazy("Long work begun"),
    "operation.cancelled": gettext_lazy("Long work stopped"),
    "operation.downloaded": gettext_lazy("Result of a long work downloaded"),
    "operation.done": gettext_lazy("Long work done"),
    "operation.failed": gettext_lazy("Long work failed"),
}
FACTS = {"work": gettext_lazy("Work"), "done": gettext_lazy("Done")}
NOTICES = {"operation.done": "circle-check", "operation.failed": "alert-octagon"}


def register() -> None:
    """Called once, from ``AppConfig.ready()``: words for the record, and the second wall."""
    for registry, words in ((act_words, ACTS), (fact_words, FACTS), (notice_acts, NOTICES)):
        for name, word in words.items():
            registry.add(name, word)  # type: ignore[arg-type]  # each registry takes its own kind
    target_pages.add("portal.Operation", "operation")
    target_rows.add("portal.Operation", operations)
    labels = ("portal.Operation", "portal.OperationLine")
    walls.shelter(dict.fromkeys(labels, "tenant_id"), officers=labels)
    for label in labels:
        walls.policies[label] = ["user_id = app.me()"]
