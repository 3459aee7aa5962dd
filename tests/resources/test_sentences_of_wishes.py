"""Large numbers in what a tenant is told are grouped, as everywhere else on its pages."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from resources.errors import OverMode
from resources.models import AccessMode
from resources.services.wishes import Wish, check_mode
from tests.factories.resources import period


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "limit", "asked"), [("en", "50,000", "72,000"), ("de", "50.000", "72.000")])
def test_the_hours_of_a_mode_and_of_the_lines_are_grouped(house, language, limit, asked):
    mode = AccessMode(slug="large", name={"en": "Large scale"}, version=1, service_days=10, max_gpu_hours=50_000)
    with override(language), pytest.raises(OverMode) as refusal:
        check_mode(mode, [Wish(house.pool, 100, *period(0, 30))])
    assert limit in str(refusal.value.sentence)
    assert asked in str(refusal.value.sentence)
    assert refusal.value.facts == {"limit": 50_000, "asked": 72_000}
