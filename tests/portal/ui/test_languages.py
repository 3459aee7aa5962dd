"""The language of the pages before sign-in."""

import re

import pytest

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def test_the_first_pages_offer_three_languages_by_their_own_names(client):
    for path in (LOGIN, "/accounts/signup/", "/accounts/password/reset/", "/apply/"):
        text = client.get(path).content.decode()
        assert re.findall(r'name="language" value="(..)" lang="(..)"[^>]*>([^<]+)<', text) == [
            ("en", "en", "English"), ("fr", "fr", "Français"), ("de", "de", "Deutsch"),
        ]  # fmt: skip
        assert f'name="next" value="{path}"' in text


def test_a_choice_leads_back_and_stays_with_the_browser(client):
    answer = client.post("/language/", {"language": "de", "next": f"{LOGIN}?next=/apply/"})
    assert answer["Location"] == f"{LOGIN}?next=/apply/"
    text = client.get(LOGIN, headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="de"' in text
    assert "Anmelden" in text
    assert re.search(r'value="de" lang="de" aria-current="true"', text)


def test_a_choice_leads_nowhere_else_and_to_no_other_language(client):
    assert client.post("/language/", {"language": "fr", "next": "https://elsewhere.test/"})["Location"] == "/"
    refused = client.post("/language/", {"language": "tlh", "next": LOGIN})
    assert (refused.status_code, refused.cookies.get("django_language")) == (422, None)
    assert client.get("/language/")["Location"] == "/"


def test_the_language_of_a_profile_is_stronger_than_that_of_the_browser(site, admin):
    site.cookies["django_language"] = "de"
    assert '<html lang="de"' in site.get("/profile/").content.decode()
    admin.language = "fr"
    admin.save(update_fields=["language"])
    assert '<html lang="fr"' in site.get("/profile/").content.decode()
