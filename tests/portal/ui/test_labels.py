"""What cells of lists look up once a column or once a language says what Django says."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import get_resolver, reverse, set_script_prefix
from django.utils import translation

from portal.ui.labels import label
from portal.ui.lists import ListPage
from portal.ui.tables import to
from tenants.models import OnboardingCase

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*OnboardingCase.State, "no state of ours", ""])
def test_a_label_is_the_one_that_django_shows_in_every_language(language, state):
    row = OnboardingCase(state=state)
    with translation.override(language):
        assert label(row, "state") == row.get_state_display()


def test_an_address_is_the_one_that_django_reverses_wherever_the_portal_stands():
    row, case = OnboardingCase(), to("case")
    assert case(row) == reverse("case", args=[row.public_id])
    try:
        set_script_prefix("/portal/")
        assert case(row) == reverse("case", args=[row.public_id]) == f"/portal/applications/{row.public_id}/"
    finally:
        set_script_prefix("/")
    with override_settings(ROOT_URLCONF="tests.portal.ui.site"):
        assert to("thing")(row) == reverse("thing", args=[row.public_id])


def every(kind):
    for each in kind.__subclasses__():
        yield each
        yield from every(each)


def test_every_order_of_every_list_has_words_of_its_own():
    get_resolver().reverse_dict  # noqa: B018 - reads every address, and with them every list
    pages = [page for page in every(ListPage) if page.__module__.split(".")[0] in {"portal", "tenants", "resources"}]
    assert len(pages) > 10
    bare = [
        (page.__name__, name)
        for page in pages
        if len(page.sorts) > 1
        for name in page.sorts
        if name not in page.sort_labels
    ]
    assert bare == []
