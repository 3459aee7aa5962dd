import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from portal.management.messages import collect, refresh, texts

ROOT = Path(__file__).parents[2]
CATALOGS = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
PAGE = """{% load i18n %}
    {% translate "one" %}
  {% blocktranslate count n=rows|length trimmed %}
    {{ n }} row
  {% plural %}
    {{ n }} rows
  {% endblocktranslate %}
      {% translate "May" context "month" %}<p title="{% translate 'two' %}">don't</p>
"""


def test_texts_of_a_template_are_found_however_it_is_indented(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    found = [(text, context) for text, _comments, context in texts(tmp_path / "page.html")]
    assert found == [("one", None), (("%(n)s row", "%(n)s rows"), None), ("May", "month"), ("two", None)]


def test_texts_of_a_module_are_found_with_their_comments(tmp_path):
    (tmp_path / "a.py").write_text('# Translators: a fruit\n_("date")\nngettext("%d GPU", "%d GPUs", 2)\nf("no")\n')
    found = [(text, comments) for text, comments, _context in texts(tmp_path / "a.py")]
    assert found == [("date", ["Translators: a fruit"]), (("%d GPU", "%d GPUs"), [])]


def test_refreshing_keeps_translations_adds_texts_and_drops_gone_ones(tmp_path):
    target = tmp_path / "django.po"
    target.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
                      'msgid "kept"\nmsgstr "behalten"\n\nmsgid "gone"\nmsgstr "fort"\n')  # fmt: skip
    source = Catalog()
    for text in ("kept", "new"):
        source.add(text, locations=[("a.py", 0)])
    once = refresh(target, "de", source)
    assert 'msgid "kept"\nmsgstr "behalten"' in once
    assert 'msgid "new"\nmsgstr ""' in once
    assert "gone" not in once
    target.write_text(once)
    assert refresh(target, "de", source) == once


def test_whole_portal_is_collected():
    found = collect(ROOT)
    assert "Sign in" in found
    assert len(found) > 500


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
def test_translations_keep_the_placeholders_of_their_text(path):
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    wrong = []
    for message in catalog:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = sorted(set(PLACEHOLDER.findall(ids[-1])))
        wrong += [text for text in strings if message.id and text and sorted(set(PLACEHOLDER.findall(text))) != wanted]
    assert wrong == []
