"""Every file of a list, found by asking every page for one: a spreadsheet takes none of its cells for a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest

from portal.models import User
from portal.ui.tables import FORMULA_STARTS
from resources.models import Cluster, GPUKind, Provider
from tenants.models import Authority, OnboardingCase, Project, Tenant
from tests.matrix.asking import ask
from tests.matrix.doors import address, doors
from tests.matrix.rows import ROWS

NAMED = {
    Tenant: "name", Project: "name", Authority: "name", Provider: "name", Cluster: "name", GPUKind: "name",
    OnboardingCase: "organisation", User: "full_name",
}  # fmt: skip
"""What people type that stands in a column of some list."""
EVIL = "=HYPERLINK(1)"
EXPORTS = {
    "audit", "authorities", "authority-people", "capacity", "cases", "claims", "clusters", "grant-conditions", "grants", "idle-findings",
    "idle-savings", "import-template", "imports", "kinds", "maintenance", "notifications", "operation-report", "operations",
    "people", "pools", "projects", "provider-people", "providers", "recertifications", "requests", "saved-views",
    "shares", "tenant-claims", "tenant-invitations", "tenant-people", "tenants", "tokens", "webhooks",
}  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@pytest.fixture
def evil(world):
    """Everything that has a name is called like a formula, with its own name behind."""
    for model, field in NAMED.items():
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{field: f"{EVIL} {getattr(row, field)}"})


def files(world, browsers):
    """(name of the door, person, answer) of each page that gives out a table when asked for one."""
    for name, door in sorted(doors().items()):
        if door.is_api or not ROWS[name].gets:
            continue
        for thing in ROWS[name].things[:1]:
            path = address(door, thing.kwargs(world)) + (thing.query(world) or "?") + "&format=csv"
            for person in sorted(thing.may)[:20]:
                answer = ask(browsers[person], "GET", path)
                if not answer.get("Content-Type", "").startswith("text/csv"):
                    break
                yield name, person, answer


@pytest.mark.usefixtures("evil")
def test_every_export_is_a_file_whose_cells_are_no_formulas(world, browsers):
    found, cells, wrong = set(), set(), []
    for name, person, answer in files(world, browsers):
        found.add(name)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
        assert re.fullmatch(r'attachment; filename="[a-z-]+\.csv"', answer["Content-Disposition"])
        assert answer["X-Content-Type-Options"] == "nosniff"
        head, *rows = csv.reader(io.StringIO(answer.content.decode()))
        assert all(head), (name, head)
        assert {len(row) for row in rows} <= {len(head)}
        for row in rows:
            wrong += [
                (name, person, cell) for cell in row if cell.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell)
            ]
            cells.update(name for cell in row if cell.startswith(f"'{EVIL}"))
    assert wrong == []
    assert found == EXPORTS
    # these name people by their address, or begin with words of the portal's own
    assert found - cells == {
        "authority-people", "provider-people", "tenant-people", "notifications", "import-template",
        "operation-report", "operations", "tenant-invitations", "idle-savings", "saved-views",
    }  # fmt: skip
