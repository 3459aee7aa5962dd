"""Compiles the translations with Babel, since a bare machine has no msgfmt."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(folder: Path) -> int:
    """Compile each catalog below ``folder`` that has changed since; how many those were. Fuzzy entries stay English."""
    count = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name)
        # A name of its own: whoever starts at the same moment compiles the same, and both end with a whole file.
        number, half = tempfile.mkstemp(dir=target.parent, suffix=".new")
        try:
            with os.fdopen(number, "wb") as file:
                write_mo(file, catalog)
            Path(half).chmod(0o644)
            Path(half).replace(target)
        finally:
            Path(half).unlink(missing_ok=True)
        count += 1
    return count
