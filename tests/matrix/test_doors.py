"""People × doors: every address of the portal, asked by the whole cast."""

from __future__ import annotations

import pytest

from tests.matrix.asking import ask, leaks, shows, status, wrote
from tests.matrix.doors import address, doors
from tests.matrix.people import EVERYBODY, OUTSIDE
from tests.matrix.rows import ROWS

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
OUTSIDERS = ("stranger", "admin", "two owner", "south officer", "dale operator", "anonymous")
"""Enough people to try what nobody but the right ones may do: GET is tried with everybody."""
AT_OTHERS = frozenset(
    {"stranger", "admin", "one owner", "two owner", "three owner", "north officer", "north approver", "south officer",
     "south approver", "hill operator", "dale operator", "asking applicant", "elsewhere applicant"}
)  # fmt: skip
"""Enough people for the second and third object behind a door."""
AT_PARTS = ("two owner", "south officer", "anonymous")
UNOFFERED_TO = "two owner"
"""Who tries the methods that a door does not offer: their answer knows nobody."""

known = pytest.mark.parametrize("name", sorted(ROWS))


def test_every_door_has_a_row():
    assert set(doors()) == set(ROWS)


def test_the_cast_of_the_world_is_the_cast_of_the_matrix(world):
    assert set(world.people) == EVERYBODY


def visits(world, name, people):
    """(person, thing, path) of everybody at the first object behind the door, and of some at the others."""
    door = doors()[name]
    for number, thing in enumerate(ROWS[name].things):
        path = address(door, thing.kwargs(world)) + thing.query(world)
        for person in people:
            if not number or person in AT_OTHERS or person in AT_PARTS:
                yield person, thing, path


@known
def test_get_answers_each_person_as_the_row_says(world, browsers, name):
    row, api = ROWS[name], doors()[name].is_api
    expected, found, leaked, shown = {}, {}, [], {}
    for person, thing, path in visits(world, name, sorted(EVERYBODY)):
        answer = ask(browsers[person], "GET", path)
        expected[thing.label, person] = thing.expected(person, api=api) if row.gets else status(answer)
        found[thing.label, person] = status(answer)
        leaked += leaks(world, person, path, answer, row.tells)
        if answer.status_code == 302 and person in OUTSIDE and not thing.public:
            assert "/accounts/login/" in answer["Location"]
        for key in row.shows or ():
            if shows(world, person, key, answer):
                shown.setdefault(key, set()).add(person)
    assert found == expected
    assert leaked == []
    if row.shows is not None:
        assert shown == {key: set(people) for key, people in row.shows.items() if people}


@known
def test_a_part_answers_as_its_page(world, browsers, name):
    """htmx asks the same address; nobody gets more in a part than in the page."""
    door = doors()[name]
    if door.is_api or not ROWS[name].gets:
        return
    expected, found, leaked = {}, {}, []
    for person, thing, path in visits(world, name, AT_PARTS):
        answer = ask(browsers[person], "GET", path, **{"HX-Request": "true"})
        expected[thing.label, person] = thing.expected(person, api=False)
        found[thing.label, person] = 302 if "/accounts/login/" in answer.get("HX-Redirect", "") else status(answer)
        leaked += leaks(world, person, path, answer)
    assert found == expected
    assert leaked == []


@known
def test_an_export_shows_what_its_list_shows(world, browsers, name):
    door = doors()[name]
    if not door.is_list_page and name != "capacity":
        return
    row, leaked, shown = ROWS[name], [], {}
    for person, thing, path in visits(world, name, sorted(EVERYBODY)):
        answer = ask(browsers[person], "GET", path + ("&" if "?" in path else "?") + "format=csv")
        assert status(answer) == thing.expected(person, api=False)
        leaked += leaks(world, person, path, answer, row.tells)
        for key in row.shows or ():
            if shows(world, person, key, answer):
                shown.setdefault(key, set()).add(person)
    assert leaked == []
    if row.shows is not None:
        assert shown == {key: set(people) for key, people in row.shows.items() if people}


@known
def test_whoever_may_not_changes_nothing_by_any_method(world, browsers, name):
    """404 of what is not seen, 403 of what is, 405 of what is not offered; never a written row, never a fault."""
    door = doors()[name]
    wrong, leaked = [], []
    for person, thing, path in visits(world, name, OUTSIDERS):
        if person in thing.may:
            continue
        methods = [each for each in UNSAFE if person == UNOFFERED_TO or door.offers(each)] if door.is_api else ["POST"]
        allowed = {thing.expected(person, api=door.is_api), 403 if person in thing.sees else thing.other, 405}
        for method in methods:
            answer, statements = wrote(browsers[person], method, path, {})
            if status(answer) not in allowed or statements:
                wrong.append((person, thing.label, method, status(answer), statements))
            leaked += leaks(world, person, path, answer)
    assert wrong == []
    assert leaked == []


@known
def test_whoever_may_is_never_answered_with_a_fault(world, browsers, name):
    door = doors()[name]
    wrong = []
    for thing in ROWS[name].things:
        path = address(door, thing.kwargs(world)) + thing.query(world)
        for person in sorted(thing.may)[:3]:
            for method in UNSAFE if door.is_api else ("POST",):
                answer = ask(browsers[person], method, path, {})
                if answer.status_code >= 500:
                    wrong.append((person, thing.label, method, status(answer)))
    assert wrong == []
