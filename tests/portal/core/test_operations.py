"""Long works: done step by step, taken over from workers that died, stopped when asked, and failed in plain words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core import operation_files, operation_work
from portal.core.errors import Conflict, Refused
from portal.core.operations import MOVES, Line, OperationKind, Step, begin, cancel, operation_kinds, operations
from portal.models import AuditEvent, Notification, Operation, OperationLine
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


class Counter:
    """A work that counts to ``n``, one audit-free row of its person's name a step; tests make it stumble."""

    def __init__(self) -> None:
        self.calls = []
        self.stumble = {}
        self.objection = ""

    def step(self, operation):
        at = operation.cursor.get("at", 0)
        self.calls.append(at)
        OperationLine.objects.create(operation=operation, user_id=operation.user_id, place=at + 1, text="effect")
        if error := self.stumble.get(at):
            raise error
        last = at + 1 == operation.params["n"]
        return Step({"at": at + 1}, at + 1, operation.params["n"], finished=last, tally={"counted": 1})


@pytest.fixture
def counter(monkeypatch):
    made = Counter()
    kind = OperationKind("Count", made.step, objection=lambda _row: made.objection)
    monkeypatch.setitem(operation_kinds._items, "test.count", (50, kind))
    return made


@pytest.fixture
def person(db):
    return make_user()


def start(person, n=3):
    return begin("test.count", acting_user=person, about="To three", params={"n": n})


def again(row):
    return Operation.objects.get(pk=row.pk)


def lapse(row):
    """The lease of a dead worker ends."""
    Operation.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def places(row):
    return list(row.lines.order_by("pk").values_list("place", flat=True))


def test_run_does_every_step_once_and_says_so(counter, person):
    row = start(person)
    operation_work.run(row.pk)
    row = again(row)
    assert (row.state, row.done, row.total, row.tally) == ("done", 3, 3, {"counted": 3})
    assert places(row) == [1, 2, 3]
    assert list(Notification.objects.values_list("user", "act")) == [(person.pk, "operation.done")]
    acts = AuditEvent.objects.filter(target_type="portal.Operation").order_by("pk").values_list("act", "actor")
    assert list(acts) == [("operation.begun", person.pk), ("operation.done", person.pk)]


def test_run_twice_does_nothing_the_second_time(counter, person):
    row = start(person)
    operation_work.run(row.pk)
    operation_work.run(row.pk)
    operation_work.sweep()
    assert counter.calls == [0, 1, 2]


def test_worker_that_dies_in_a_step_loses_its_effects_and_the_next_goes_on_from_there(counter, person):
    row = start(person)
    counter.stumble[1] = KeyboardInterrupt()  # nothing of ours runs after it
    with pytest.raises(KeyboardInterrupt):
        operation_work.run(row.pk)
    assert (again(row).state, again(row).cursor, places(row)) == ("running", {"at": 1}, [1])
    operation_work.run(row.pk)
    assert again(row).state == "running", "the lease still runs"
    counter.stumble.clear()
    lapse(row)
    operation_work.sweep()
    assert (again(row).state, places(row)) == ("done", [1, 2, 3])


def test_worker_that_was_overtaken_writes_nothing_more(counter, person):
    row = start(person)
    Operation.objects.filter(pk=row.pk).update(fence=7)
    assert operation_work._step(row.pk, 6) is False
    assert (again(row).state, counter.calls) == ("waiting", [])


def test_fault_is_tried_again_and_fails_in_the_end_with_what_was_done_kept(counter, person):
    row = start(person)
    counter.stumble[2] = ValueError("ours")
    for _ in range(operation_work.MOST_ATTEMPTS):
        operation_work.sweep()
        lapse(row)
    row = again(row)
    assert (row.state, row.done, places(row)[:2]) == ("failed", 2, [1, 2])
    assert row.trouble.startswith("Something went wrong that should not have.")
    assert Notification.objects.get().act == "operation.failed"


def test_worker_that_dies_each_time_in_the_same_step_is_not_taken_up_for_ever(counter, person):
    row = start(person)
    counter.stumble[1] = KeyboardInterrupt()
    for _ in range(operation_work.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            operation_work.sweep()
        lapse(row)
    operation_work.sweep()
    assert (again(row).state, again(row).trouble[:26]) == ("failed", "It broke off 5 times in th")


def test_refusal_of_a_step_is_the_reason_it_failed(counter, person):
    row = start(person)
    counter.stumble[1] = Refused("The file is gone. Upload it again.")
    operation_work.run(row.pk)
    assert (again(row).state, again(row).trouble) == ("failed", "The file is gone. Upload it again.")
    assert places(row) == [1, 0]


def test_person_who_lost_the_right_ends_it(counter, person):
    row = start(person)
    counter.objection = "You are no officer any more."
    operation_work.run(row.pk)
    assert (again(row).state, again(row).trouble, counter.calls) == ("failed", "You are no officer any more.", [])


def test_cancel_before_it_begins_ends_it_at_once(counter, person):
    row = start(person)
    cancel(acting_user=person, operation=row)
    operation_work.run(row.pk)
    assert (again(row).state, counter.calls) == ("cancelled", [])


def test_cancel_while_it_runs_ends_it_after_the_step(counter, person):
    row = start(person)
    counter.stumble[1] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        operation_work.run(row.pk)
    cancel(acting_user=person, operation=row)
    assert again(row).state == "running"
    lapse(row)
    operation_work.sweep()
    assert (again(row).state, again(row).done, Notification.objects.count()) == ("cancelled", 1, 0)


def test_cancel_after_the_end_says_so(counter, person):
    row = start(person)
    operation_work.run(row.pk)
    with pytest.raises(Conflict, match="has ended already: Done"):
        cancel(acting_user=person, operation=row)


def test_every_pair_of_states_is_lawful_or_refused():
    finals = {"done", "failed", "cancelled"}
    lawful = {("waiting", s) for s in ("running", "failed", "cancelled")} | {("running", s) for s in finals}
    assert {(a, b) for a in MOVES.states for b in MOVES.states if MOVES.lawful(a, b)} == lawful


def test_file_is_kept_measured_and_forgotten_on_its_day(person, monkeypatch, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path

    def step(operation):
        operation_files.write(operation, "piece", b"a")
        operation_files.write(operation, operation_files.RESULT, b"whole")
        return Step(finished=True, file="x.zip", lines=(Line("Packed"),))

    monkeypatch.setitem(operation_kinds._items, "test.count", (50, OperationKind("Pack", step)))
    row = start(person)
    operation_work.run(row.pk)
    row = again(row)
    assert (row.file_name, row.file_size, len(row.file_sha256)) == ("x.zip", 5, 64)
    assert [path.name for path in operation_files.folder(row).iterdir()] == ["result"]
    Operation.objects.filter(pk=row.pk).update(file_until=timezone.now())
    operation_work.forget_files()
    assert (again(row).file_until, list(tmp_path.rglob("result"))) == (None, [])


def test_only_its_person_sees_it(counter, person):
    row = start(person)
    assert list(operations().visible_to(person)) == [row]
    assert list(operations().visible_to(make_user())) == []
