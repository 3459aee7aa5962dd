"""Saved views: a list as somebody wants it again, for themselves or for their colleagues, and never more than an address."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from portal.core.errors import Conflict
from portal.core.saved_views import MOST, save_view, views_of
from portal.models import AuditEvent, SavedView
from portal.ui.lists import KEEPERS, kept
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    authority = make_authority(name="North Office")
    officer = make_staff(authority)
    client.force_login(officer)
    return authority, officer


def test_lists_of_which_views_are_kept_are_named_as_their_addresses():
    wanted = {"cases", "tenants", "audit", "requests", "grants", "grant-conditions", "idle-findings", "maintenance"}
    assert all(reverse(name) for name in wanted)
    assert set(KEEPERS) == wanted


def test_a_view_is_saved_from_the_list_and_stands_above_it(client, office):
    make_case("submitted", authority=office[0])
    page = client.get(reverse("cases") + "?q=Zebra&at=abc&size=25").content.decode()
    assert "Save this view" in page
    address = reverse("view-save", args=["cases"]) + "?q=Zebra"
    assert address in page
    assert client.post(address, {"name": "Zebras", "circle": ""}).url == reverse("cases") + "?q=Zebra"
    page = client.get(reverse("cases") + "?q=Zebra").content.decode()
    assert "Zebras" in page
    assert "Save this view" not in page
    assert 'aria-current="page">' in page.replace("\n", "").replace("  ", "")
    assert AuditEvent.objects.get(act="view.saved").after == {"page": "cases", "shared": False}


def test_nothing_is_offered_to_save_on_a_list_as_it_is_by_itself(client, office):
    assert "Save this view" not in client.get(reverse("cases")).content.decode()


def test_the_same_name_again_replaces_what_was_kept(office):
    for query in ("q=a", "q=b"):
        save_view(acting_user=office[1], page="cases", name="Mine", query=query)
    assert [row.query for row in views_of(office[1], "cases")] == ["q=b"]


def test_shared_views_are_seen_by_colleagues_of_today_and_nobody_else(client, office):
    authority, _officer = office
    client.post(reverse("view-save", args=["cases"]) + "?q=x", {"name": "Ours", "circle": str(authority.public_id)})
    colleague, stranger = make_staff(authority), make_staff(make_authority())
    assert [row.name for row in views_of(colleague, "cases")] == ["Ours"]
    assert views_of(stranger, "cases") == []
    assert views_of(colleague, "requests") == []


def test_nobody_shares_with_a_place_that_is_not_theirs(client, office):
    other = make_authority()
    page = client.post(reverse("view-save", args=["cases"]), {"name": "x", "circle": str(other.public_id)})
    assert page.status_code == 422
    answer = client.post(
        reverse("api-saved-view-list"),
        {"page": "cases", "name": "x", "circle": str(other.public_id)},
        "application/json",
    )
    assert answer.status_code == 422
    assert not SavedView.objects.exists()


def test_a_list_that_keeps_no_views_is_not_found(client, office):
    assert client.get(reverse("view-save", args=["profile"])).status_code == 404


def test_only_its_owner_removes_a_view(client, office):
    row = save_view(acting_user=office[1], page="cases", name="Mine", query="q=a")
    other = make_user()
    client.force_login(other)
    address = reverse("saved-view-remove", args=[row.public_id])
    assert client.post(address).status_code == 404
    client.force_login(office[1])
    assert client.post(address).status_code == 302
    assert not SavedView.objects.exists()


def test_one_person_keeps_a_bounded_number(office):
    for each in range(MOST):
        save_view(acting_user=office[1], page="cases", name=f"View {each}", query="q=a")
    save_view(acting_user=office[1], page="cases", name="View 1", query="q=b")
    with pytest.raises(Conflict, match="20 views"):
        save_view(acting_user=office[1], page="cases", name="One more", query="q=a")


def test_an_odd_address_is_cut_to_what_a_list_understands():
    assert kept("q=a%20b&at=x&size=100&format=csv&state=&state=new") == "q=a+b&state=new"
    assert len(kept("q=" + "x" * 5000)) == 1000


def test_the_api_keeps_and_removes(client, office):
    made = client.post(
        reverse("api-saved-view-list"), {"page": "cases", "name": "New", "query": "q=a&at=b"}, "application/json"
    )
    assert (made.status_code, made.json()["query"]) == (201, "q=a")
    assert client.delete(reverse("api-saved-view-detail", args=[made.json()["public_id"]])).status_code == 204
    assert client.get(reverse("api-saved-view-list")).json()["results"] == []


def test_a_workbook_holds_what_is_filtered_and_no_formula(client, office):
    for name in ("=cmd|' /C calc'!A0", "Plain"):
        make_case("submitted", authority=office[0], organisation=name)
    answer = client.get(reverse("cases") + "?format=xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="cases.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 3
    texts = [cell for row in sheet.iter_rows() for cell in row if "cmd" in str(cell.value)]
    assert {cell.data_type for cell in texts} == {"s"}
    assert all(str(cell.value).startswith("'=") for cell in texts)
    lone = client.get(reverse("cases") + "?q=Plain&format=xlsx")
    assert len(list(load_workbook(io.BytesIO(lone.content)).active.iter_rows())) == 2
