import gettext
import os
import threading
from multiprocessing.dummy import Pool
from typing import IO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

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


def test_two_that_start_at_the_same_moment_both_compile(tmp_path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(TEXT)
    both_wrote = threading.Barrier(2, timeout=20)

    def write_and_wait(file: IO[bytes], catalog: Catalog) -> None:
        write_mo(file, catalog)
        both_wrote.wait()

    monkeypatch.setattr("portal.management.catalogs.write_mo", write_and_wait)
    with Pool(2) as pool:
        assert pool.map(compile_catalogs, [tmp_path, tmp_path]) == [1, 1]
    assert sorted(each.name for each in folder.iterdir()) == ["django.mo", "django.po"]
