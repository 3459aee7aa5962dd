"""What is filtered, as sheets: the same rows and columns as the list, numbers and formulas harmless."""

import io

import openpyxl
import pytest
from django.urls import reverse

from resources.services.decisions import approve_request
from tests.factories.resources import make_request
from tests.factories.tenants import make_project

pytestmark = pytest.mark.django_db


def sheet(client, name, query=""):
    answer = client.get(reverse(name) + "?format=xlsx" + query)
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    return [list(row) for row in rows]


@pytest.mark.parametrize("name", ["requests", "grants"])
def test_the_sheet_has_the_rows_of_the_csv(client, house, name):
    for number in (7, 9):
        project = make_project(house.tenant, name=f"={number}+1")
        approve_request(
            acting_user=house.approver, request=make_request(project, house.pool, house.owner, amount=number)
        )
    client.force_login(house.approver)
    plain = client.get(reverse(name) + "?tab=all&format=csv").content.decode().splitlines()
    found = sheet(client, name, "&tab=all")
    assert len(found) == len(plain) == 3
    assert plain[0].split(",")[0] == found[0][0]
    assert not any(str(cell).startswith("=") for row in found for cell in row)


def test_the_sheet_has_only_what_is_filtered(client, house):
    keep = make_request(house.project, house.pool, house.owner, amount=7)
    make_request(house.project, house.pool, house.owner, amount=9)
    client.force_login(house.owner)
    found = sheet(client, "requests", f"&tab=all&q={keep.reference}")
    assert [row for row in found if keep.reference in row] == found[1:]
    assert len(found) == 2
