from __future__ import annotations

from portal.core.lands import country_names


def test_countries_are_named_in_the_order_of_their_names_and_what_is_none_stays():
    assert country_names(["SE", "FI"]) == "Finland, Sweden"
    assert country_names(["QQ"]) == "QQ"
    assert country_names([]) == ""
