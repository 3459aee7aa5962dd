from __future__ import annotations

from portal.templatetags.ui import breakable


def test_an_address_may_break_after_its_sign_and_nothing_of_it_is_markup():
    assert breakable("<b>ida@rivers.test") == "&lt;b&gt;ida@<wbr>rivers.test"
    assert breakable("–") == "–"
