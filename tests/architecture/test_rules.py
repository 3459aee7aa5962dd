"""The house rules on the real tree, and each of them on a tree in which it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.planted import PLANTED, SOUND
from tests.architecture.rules import doors, migrations, sizes, traces, words, work

PROJECT = Path(__file__).resolve().parents[2]
RULES = [*sizes.RULES, *doors.RULES, *work.RULES, *traces.RULES, *words.RULES, *migrations.RULES]
BY_NAME = {rule.__name__: rule for rule in RULES}


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize("name", BY_NAME)
def test_rule_on_the_project_finds_nothing(name):
    assert BY_NAME[name](PROJECT) == []


@pytest.mark.parametrize(("name", "files"), [(name, files) for name, cases in PLANTED.items() for files in cases])
def test_rule_on_a_planted_violation_finds_it(name, files, tmp_path):
    found = BY_NAME[name](plant(tmp_path, files))
    assert found
    assert found[0].split(":")[0] in files


@pytest.mark.parametrize(("name", "files"), [(name, files) for name, cases in SOUND.items() for files in cases])
def test_rule_on_what_is_allowed_finds_nothing(name, files, tmp_path):
    assert BY_NAME[name](plant(tmp_path, files)) == []


def test_every_rule_is_broken_by_something_planted():
    assert set(PLANTED) == set(BY_NAME)
