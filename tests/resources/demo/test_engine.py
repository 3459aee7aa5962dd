"""The fake engine keeps its word, also over a restart."""

from __future__ import annotations

import pytest

from resources.demo.engine import Engine, EngineError

KINDS = ("h100", "a100")


def test_it_begins_with_what_it_is_given_and_then_keeps_its_own(tmp_path):
    file = tmp_path / "state.json"
    first = Engine(KINDS, {"a": {"h100": 8}}, file)
    assert first.limit("a", "h100") == 8
    assert not file.exists()
    first.set_limit("b", "a100", 4)
    again = Engine(KINDS, {"a": {"h100": 99}}, file)
    assert again.limits == {"a": {"h100": 8}, "b": {"a100": 4}}
    again.ensure_environment("c")
    assert Engine(KINDS, {}, file).limits["c"] == {}


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"limits": 3}', '{"limits": {"a": {"h100": "many"}}}'])
def test_a_state_that_cannot_be_understood_is_begun_anew(tmp_path, kept):
    file = tmp_path / "state.json"
    file.write_text(kept)
    assert Engine(KINDS, {"a": {"h100": 8}}, file).limits == {"a": {"h100": 8}}


@pytest.mark.parametrize("limit", [True, False, -1, 1.5, "8", None, 10**7, [8]])
def test_a_limit_is_a_whole_number(limit):
    with pytest.raises(EngineError, match="whole number"):
        Engine(KINDS, {}).set_limit("a", "h100", limit)


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a_b", "a.b", "a" * 64, "a/b", "ä"])
def test_a_namespace_is_a_dns_label(name):
    with pytest.raises(EngineError, match="no name of a namespace"):
        Engine(KINDS, {}).ensure_environment(name)


def test_a_kind_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(EngineError, match="it has h100, a100") as refused:
        Engine(KINDS, {}).set_limit("a", "b200", 1)
    assert refused.value.status == 422
