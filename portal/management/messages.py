"""Collects the texts of the portal for its translators, with Babel, since a bare machine has no xgettext."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = ("portal", "tenants", "resources", "templates")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def texts(path: Path) -> Iterator[tuple[Any, list[str], str | None]]:
    """Each text of a Python file or a template: (text or its forms, comments to translators, context)."""
    source = path.read_text()
    if path.suffix != ".py":
        # what is left of a template reads as Python but for its indentation
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=("Translators:",))
    for _line, text, comments, context in found:
        yield text, comments, context


def collect(root: Path) -> Catalog:
    """All texts below ``root`` with the files they stand in, in a stable order."""
    catalog = Catalog(project="portal", charset="utf-8", fuzzy=False)
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"}:
                place = (str(path.relative_to(root)), 0)
                for text, comments, context in texts(path):
                    catalog.add(text, None, locations=[place], auto_comments=comments, context=context)
    return catalog


def refresh(target: Path, language: str, source: Catalog) -> str:
    """The catalog at ``target`` as it should be now: new texts empty, old translations kept, gone texts dropped.

    Its head holds no times: they would change with every run and tell nothing.
    """
    if target.exists():
        with target.open("rb") as file:
            catalog = read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, project="portal", charset="utf-8", fuzzy=False)
    catalog.update(source, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    head = f"# {catalog.locale.english_name if catalog.locale else language} texts of the portal.\n"
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, include_lineno=False, omit_header=True)
    plain = "".join(f'"{name}: {value}\\n"\n' for name, value in headers(catalog))
    return f'{head}msgid ""\nmsgstr ""\n{plain}\n{out.getvalue().decode().lstrip()}'


def headers(catalog: Catalog) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Language", str(catalog.locale)),
        ("Plural-Forms", catalog.plural_forms),
    ]
