"""Who may import whom (pyproject.toml, importlinter), on the real tree and on trees with an import that goes up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.rules.tree import PACKAGES

PROJECT = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path):
    """The sources alone, to plant something in."""
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")


def test_imports_on_the_project_keep_the_floors():
    status, said = lint(PROJECT)
    assert status == 0, said


@pytest.mark.parametrize(
    ("place", "line", "named"),
    [
        ("tenants/states.py", "from resources import models", "tenants.states -> resources.models"),
        ("portal/core/locks.py", "import tenants.models", "portal.core.locks -> tenants.models"),
        ("portal/models/base.py", "from portal.core import errors", "portal.models.base -> portal.core.errors"),
        ("portal/ui/badges.py", "from portal import urls", "portal.ui.badges -> portal.urls"),
        ("tenants/models/trail.py", "import tenants.services", "tenants.models.trail -> tenants.services"),
        (
            "resources/drivers/planted.py",
            "from resources import models",
            "resources.drivers.planted -> resources.models",
        ),
    ],
)
def test_an_upward_import_is_caught_and_named(copy, place, line, named):
    add(copy / "tenants/services/__init__.py", "")
    add(copy / place, line)
    status, said = lint(copy)
    assert status != 0
    assert named in " ".join(said.split())
