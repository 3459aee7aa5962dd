"""The small words that templates say again and again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from portal.ui.tables import safe_cell
from portal.ui.times import age_text, last_day, when

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def said(text, **context: object):
    return Template("{% load ui %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3600, "1 h ago"),
        (86400, "1 day ago"),
        (-172800, "in 2 days"),
    ],
)
def test_age_in_words(seconds, text):
    assert age_text(NOW - timedelta(seconds=seconds), NOW) == text


def test_time_names_its_zone_and_is_readable_by_machines(settings):
    assert when(NOW).startswith('<time datetime="2026-11-23T12:00:00+00:00"')
    assert when(NOW).endswith(">23 Nov 2026, 12:00 UTC</time>")
    assert when(None) == "–"
    assert when(date(2026, 1, 2)) == '<time datetime="2026-01-02">2 Jan 2026</time>'


def test_last_day_of_an_exclusive_end():
    assert last_day(datetime(2026, 12, 1, tzinfo=UTC)) == date(2026, 11, 30)


def test_bar_writes_percent_with_a_point_in_every_language():
    with translation.override("de"):
        text = said('{% bar "half" "alloc" 62.5 "used" 130 "ask@40.25" 10 size="m" mark=90 %}')
    assert 'class="alloc" x="0.00%" width="62.50%"' in text
    assert 'class="used" x="0.00%" width="100.00%"' in text
    assert 'class="ask" x="40.25%" width="10.00%"' in text
    assert 'aria-label="half"' in text


def test_bar_escapes_its_label():
    assert "&lt;b&gt;" in said("{% bar label %}", label="<b>")


def test_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in said('{% icon "clock" %}')
    assert 'role="img" aria-label="Late"' in said('{% icon "clock" "" "Late" %}')


def test_qs_keeps_the_query_drops_the_cut_and_takes_none_out():
    request = RequestFactory().get("/", {"q": "x", "at": "abc", "tab": "mine"})
    assert said("{% qs size=25 tab=None %}", request=request) == "?q=x&amp;size=25"
    assert said("{% qs %}", request=RequestFactory().get("/")) == "?"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "\uff1d1"])
def test_cell_that_a_spreadsheet_would_compute_is_quoted(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (3, "3"), ("a=b", "a=b")])
def test_harmless_cell_stays_as_it_is(value, text):
    assert safe_cell(value) == text
