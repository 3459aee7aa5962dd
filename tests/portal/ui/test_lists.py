import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.models import Authority
from tests.factories.people import make_user
from tests.factories.tenants import make_authority

PART = {"HTTP_HX_REQUEST": "true"}


def things(n, **fields: object):
    return [make_authority(name=f"Thing {i:03}", slug=f"thing-{i:03}", **fields) for i in range(n)]


def names(answer):
    """The rows of the page, each of which stands in its table."""
    rows = [row.name for row in answer.context["cut"].rows]
    drawn = re.findall(r'<td data-l="Name"[^>]*>(?:<a[^>]*>)?([^<]+)<', answer.content.decode())
    assert drawn == rows
    return rows


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_queries_whatever_its_length(site, rows, django_assert_num_queries):
    things(rows)
    site.get("/things/")
    with django_assert_num_queries(4):
        site.get("/things/", **PART)


def test_pages_by_key_meet_without_gap_or_repeat_in_both_directions(site):
    expected = [thing.name for thing in reversed(things(60))]
    seen, address = [], "/things/?size=25"
    pages = []
    while True:
        answer = site.get(address)
        pages.append(names(answer))
        if not answer.context["cut"].older:
            break
        address = f"/things/?at={answer.context['cut'].older}"
    seen = [name for cut in pages for name in cut]
    assert seen == expected
    back = site.get(f"/things/?at={answer.context['cut'].newer}")
    assert names(back) == pages[1]
    assert names(site.get(f"/things/?at={back.context['cut'].newer}")) == pages[0]
    assert names(site.get("/things/?at=last")) == expected[-25:]


def test_rows_of_one_moment_are_told_apart_by_their_key(site):
    things(30)
    Authority.objects.update(created_at=timezone.now())
    first = site.get("/things/?size=25")
    second = site.get(f"/things/?at={first.context['cut'].older}")
    assert len(set(names(first) + names(second))) == 30


@pytest.mark.parametrize("at", ["rubbish", "WyJhIl0", "WyJhIiwgIngiLCAieSJd", "%00"])
def test_token_that_nobody_made_is_the_first_page(site, at):
    things(2)
    assert names(site.get("/things/", {"at": at})) == ["Thing 001", "Thing 000"]


def test_page_whose_rows_are_gone_is_the_first_page(site):
    things(26)
    last = site.get("/things/?size=25").context["cut"].older
    Authority.objects.filter(name="Thing 000").delete()
    assert len(names(site.get(f"/things/?at={last}"))) == 25


def test_size_is_remembered_and_others_are_not_accepted(site):
    things(30)
    assert len(names(site.get("/things/?size=25"))) == 25
    assert len(names(site.get("/things/"))) == 25
    assert len(names(site.get("/things/?size=7"))) == 25


@pytest.mark.parametrize("size", [25, 50, 100])
def test_every_row_of_a_page_stands_in_its_table_whatever_else_the_address_says(site, size):
    expected = [thing.name for thing in reversed(things(101))]
    assert names(site.get(f"/things/?size={size}&page=2&per_page=5")) == expected[:size]


def test_search_and_filters_narrow_and_stand_as_chips_that_can_be_removed(site):
    things(3, country="DE")
    make_authority(name="Elsewhere", country="FR")
    answer = site.get("/things/?q=thing&country=DE&country=FR")
    assert names(answer) == ["Thing 002", "Thing 001", "Thing 000"]
    assert [(chip.label, chip.url) for chip in answer.context["chips"]] == [
        ("“thing”", "?country=DE&country=FR"),
        ("Germany", "?q=thing&country=FR"),
        ("France", "?q=thing&country=DE"),
    ]


def test_filter_value_that_does_not_exist_is_left_out(site):
    things(2)
    assert len(names(site.get("/things/?country=XX"))) == 2


def test_tab_cuts_the_rows_and_is_kept_by_search(site):
    things(2, country="DE")
    make_authority(name="French", country="FR")
    answer = site.get("/things/?tab=german&q=0")
    assert names(answer) == ["Thing 001", "Thing 000"]
    assert '<input type="hidden" name="tab" value="german">' in answer.content.decode()


def test_sort_follows_the_address_and_unknown_ones_are_the_first(site):
    things(3)
    assert names(site.get("/things/?sort=name")) == ["Thing 000", "Thing 001", "Thing 002"]
    assert names(site.get("/things/?sort=password")) == ["Thing 002", "Thing 001", "Thing 000"]


def test_part_is_the_same_text_as_in_the_page_and_pushes_a_clean_address(site):
    things(2)
    whole = site.get("/things/?q=thing&zone=&sort=newest").content.decode()
    part = site.get("/things/?q=thing&zone=&sort=newest", **PART)
    assert part.content.decode().strip().startswith('<div id="results"')
    assert part.content.decode().strip() in whole
    assert part["HX-Push-Url"] == "/things/?q=thing&sort=newest"


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "No thing yet"), ("?q=zzz", "Nothing matches"), ("?tab=german", "Nothing in this view")],
)
def test_nothing_to_show_is_said_in_three_different_ways(site, query, words):
    if query:
        things(1, country="FR")
    assert words in site.get(f"/things/{query}").content.decode()


def test_csv_holds_what_is_filtered_in_order_and_no_formula(site):
    made = things(3, country="DE", region="=1+1")
    make_authority(name="French", country="FR")
    answer = site.get("/things/?format=csv&country=DE&sort=name")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="things.csv"'
    lines = answer.content.decode().splitlines()
    assert lines[0] == "Name,Region,Number,Made"
    assert lines[1:] == [f"{row.name},'=1+1,{row.pk},{row.created_at.isoformat()}" for row in made]
    assert lines[1].endswith("+00:00")


def test_csv_of_too_many_rows_asks_to_narrow(site, monkeypatch):
    monkeypatch.setattr("portal.ui.lists.EXPORT_BOUND", 2)
    things(3)
    answer = site.get("/things/?format=csv")
    assert answer.status_code == 422
    assert "Narrow the list with a filter" in answer.content.decode()


def test_count_beyond_the_bound_says_so(site, monkeypatch):
    monkeypatch.setattr("portal.ui.keyset.COUNT_BOUND", 2)
    monkeypatch.setattr("portal.ui.lists.COUNT_BOUND", 2)
    things(3)
    assert site.get("/things/").context["count"] == "2+"


def test_people_see_only_their_rows(site, client):
    things(2)
    client.force_login(make_user())
    assert names(site.get("/things/")) == []


def test_times_are_shown_in_the_persons_zone(site):
    thing = things(1)[0]
    local = (thing.created_at + timedelta(hours=2 if timezone.now().month in {11, 12, 1, 2} else 3)).strftime("%H:%M")
    text = site.get("/things/").content.decode()
    assert f"{local} EE" in text
    assert "Times in Europe/Helsinki." in text
