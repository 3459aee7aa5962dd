"""What cells of lists look up once a column or once a language says what Django says."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse, set_script_prefix
from django.utils import translation

from portal.ui.labels import label
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
