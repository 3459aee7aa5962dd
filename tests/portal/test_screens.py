from portal.management.screens import Shot, index, pages, shots
from resources.demo.world import Account

SITE = {
    "/": '<a class="x" href="/requests/">r</a> <a href="/static/a.css">no</a> <a href="/requests/?format=csv">no</a>',
    "/requests/": '<a href="/requests/00000000-0000-0000-0000-000000000001/">1</a>'
    '<a href="/requests/00000000-0000-0000-0000-000000000002/">2</a><a href="https://elsewhere.example/">no</a>',
    "/requests/00000000-0000-0000-0000-000000000001/": "nothing to do",
    "/requests/00000000-0000-0000-0000-000000000002/": "<form>",
}
FIRST, SECOND = Account("Tenant owner", "A", "a@x.test"), Account("Quota approver", "B", "b@x.test")


def test_every_address_is_found_once_by_the_page_with_most_to_do():
    assert pages(lambda path: (path, SITE[path]), ["/"]) == {
        "requests": "/requests/",
        "request": "/requests/00000000-0000-0000-0000-000000000002/",
    }


def test_what_does_not_answer_is_no_page():
    assert pages(lambda path: (path, {**SITE, "/requests/": ""}[path]), ["/"]) == {}


def test_page_is_taken_once_and_again_for_roles_that_see_it_differently():
    seen: set[str] = set()
    found = {"requests": "/requests/", "request": "/requests/1/"}
    assert shots(found, FIRST, seen) == [Shot("requests", "/requests/", FIRST), Shot("request", "/requests/1/", FIRST)]
    assert shots(found, SECOND, seen) == [Shot("request-as-quota-approver", "/requests/1/", SECOND)]


def test_index_shows_each_picture():
    text = index([Shot("requests", "/requests/", FIRST)], (1440, 390), ("light", "dark"))
    assert "`/requests/`, as A, Tenant owner" in text
    assert text.count("![") == 4
    assert "![requests, phone, dark](requests-390-dark.webp)" in text
