from __future__ import annotations

import pytest

from portal.core.references import next_reference
from portal.core.registry import Registry


def test_a_registry_keeps_its_things_by_weight():
    things = Registry("things")
    things.add("b", "second", weight=20)
    things.add("a", "third", weight=30)
    things.add("c", "first", weight=10)
    assert list(things) == ["first", "second", "third"]
    assert things["a"] == "third"


def test_a_registry_refuses_two_things_under_one_name():
    things = Registry("things")
    things.add("a", 1)
    things.add("a", 1)
    with pytest.raises(ValueError, match="things: 'a' is already there"):
        things.add("a", 2)


@pytest.mark.django_db
def test_references_of_one_kind_never_repeat():
    numbers = [next_reference("QR") for _ in range(3)]
    assert len(set(numbers)) == 3
    assert all(number.startswith("QR-") for number in numbers)
    assert next_reference("ON").startswith("ON-")
