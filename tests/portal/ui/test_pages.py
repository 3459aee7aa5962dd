from urllib.parse import quote

import pytest

from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_staff

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/things/?tab=german"}
GOOD = {"name": "Luxembourg", "decision": "full", "since": "2026-11-23"}


def test_signed_out_page_leads_to_sign_in_and_back(client, settings, db):
    settings.ROOT_URLCONF = "tests.portal.ui.site"
    answer = client.get("/things/?tab=german")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=" + quote("/things/?tab=german"))


def test_signed_out_part_moves_the_whole_page_to_sign_in(client, settings, db):
    settings.ROOT_URLCONF = "tests.portal.ui.site"
    answer = client.get("/things/", **PART)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=" + quote("/things/?tab=german")
    assert answer.content == b""


def test_public_page_opens_for_everybody(client, settings, db):
    settings.ROOT_URLCONF = "tests.portal.ui.site"
    answer = client.get("/open/")
    assert answer.status_code == 200
    assert "Sign out" not in answer.content.decode()


def test_detail_of_an_unseen_row_is_not_found(site, client):
    thing = make_authority()
    assert site.get(f"/things/{thing.public_id}/").status_code == 200
    client.force_login(make_user())
    assert site.get(f"/things/{thing.public_id}/").status_code == 404


def test_act_on_a_seen_row_without_the_right_is_forbidden(site):
    thing = make_authority()
    answer = site.post(f"/things/{thing.public_id}/close/")
    assert answer.status_code == 403
    assert "your roles do not let you do that" in answer.content.decode()


def test_action_asks_first_and_then_acts(site, client):
    thing, officer = make_authority(), make_user()
    make_staff(thing, "onboarding_officer", officer)
    client.force_login(officer)
    asked = client.get(f"/things/{thing.public_id}/close/").content.decode()
    assert "Close this thing?" in asked
    assert "Nothing can be decided there any more." in asked
    assert client.post(f"/things/{thing.public_id}/close/")["Location"] == "/things/"


def test_good_form_acts_says_so_and_leads_on(site):
    answer = site.post("/things/new/", GOOD, follow=True)
    assert answer.redirect_chain == [("/things/", 302)]
    assert "Made." in answer.content.decode()


def test_bad_form_is_422_keeps_what_was_typed_and_names_each_error(site):
    answer = site.post("/things/new/", {"name": "x" * 41, "decision": "maybe", "since": "soon"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: New thing" in " ".join(text.split()).replace("<title> ", "<title>")
    assert 'value="' + "x" * 41 in text
    assert "3 things need your attention" in text
    assert 'href="#id_name"' in text
    assert 'href="#id_decision_0"' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text
    assert 'aria-invalid="true"' in text


def test_refusal_with_a_field_stands_at_that_field(site):
    answer = site.post("/things/new/", GOOD | {"name": "taken"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["This name is taken. Choose another."]


def test_refusal_without_a_field_stands_above_the_form_with_its_own_status(site):
    answer = site.post("/things/new/", GOOD | {"name": "moved"})
    assert answer.status_code == 409
    assert answer.context["form"].non_field_errors() == ["Somebody was faster. Reload to see it."]
    assert 'value="moved"' in answer.content.decode()


def test_form_begins_with_what_the_address_says(site):
    assert 'value="Luxembourg"' in site.get("/things/new/?name=Luxembourg").content.decode()


def test_radio_cards_show_both_halves_of_a_label(site):
    text = site.get("/things/new/").content.decode()
    assert "<b>In full</b><small>48 H100</small>" in text
    assert 'type="radio"' in text


def test_every_answer_carries_the_policy_and_the_security_headers(site):
    answer = site.get("/things/")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
        "font-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'", "form-action": "'self'",
        "frame-ancestors": "'none'", "base-uri": "'none'", "object-src": "'none'",
    }  # fmt: skip
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/things/new/", "/profile/"])
def test_post_without_the_token_is_refused_with_a_way_out(site, path, admin):
    site.handler.enforce_csrf_checks = True
    answer = site.post(path, GOOD)
    assert answer.status_code == 403
    assert "reload the page and send it again" in answer.content.decode()
