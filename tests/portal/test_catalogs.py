import gettext
import os

from portal.management.catalogs import compile_catalogs

TEXT = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "quota"\nmsgstr "Kontingent"\n'


def test_catalog_that_changed_is_compiled_once(tmp_path):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(TEXT)
    assert [compile_catalogs(tmp_path), compile_catalogs(tmp_path)] == [1, 0]
    os.utime(folder / "django.po", (2_000_000_000, 2_000_000_000))
    assert compile_catalogs(tmp_path) == 1
    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("quota") == "Kontingent"
