"""Names that people type: long ones are broken, and those that run from right to left carry nothing along."""

import pytest
from django import forms

from portal.models import User, isolated
from portal.ui.forms import PlainForm
from portal.ui.tables import PortalTable, TextColumn, safe_cell
from resources.models import Cluster, GPUKind, Provider
from tenants.models import ApiToken, Authority, OnboardingCase, Project, Tenant

HEBREW = "זואי 23"
NAMED = {
    User: "full_name", Authority: "name", Tenant: "name", Project: "name", OnboardingCase: "organisation",
    ApiToken: "name", Provider: "name", Cluster: "name", GPUKind: "name",
}  # fmt: skip


@pytest.mark.parametrize(("model", "field"), NAMED.items(), ids=lambda each: getattr(each, "__name__", each))
def test_a_name_that_runs_the_other_way_is_isolated_wherever_it_is_said(model, field):
    assert f"\u2068{HEBREW}\u2069" in str(model(**{field: HEBREW}))
    assert str(model(**{field: "Zoé 🚢 23"})).startswith("Zoé 🚢 23")


@pytest.mark.parametrize("text", ["مرحبا", "a\u202eb", "אב"])
def test_isolated_marks_what_turns_a_line_round(text):
    assert isolated(text) == f"\u2068{text}\u2069"


def test_a_spreadsheet_gets_the_name_without_marks():
    assert safe_cell(isolated(HEBREW)) == HEBREW


class Typed(PlainForm):
    name = forms.CharField()
    amount = forms.IntegerField()


def test_a_name_is_typed_from_the_side_from_which_it_runs():
    assert 'dir="auto"' in str(Typed()["name"])
    assert "dir=" not in str(Typed()["amount"])


class Names(PortalTable):
    name = TextColumn()


@pytest.mark.parametrize(("name", "broken"), [("W" * 60, True), ("Norvik Weather Service of the North", False)])
def test_only_a_cell_with_a_long_unbroken_name_breaks_it(name, broken):
    assert ('<div class="long">' in Names([{"name": name}]).body()) is broken


def test_an_address_in_a_cell_s_link_is_no_long_name():
    body = Names([{"name": isolated("short")}]).body()
    assert "long" not in body
