"""The portal's own fonts as a printer wants them: unpacked, in one weight each, kept beside the other things of the run.

Browsers get Inter as variable woff2 files, one for each script; a PDF needs a plain TrueType file for each weight.
They are made on first use and known by what they were made of, so that a new version of a font makes new ones.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.conf import settings
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
WEIGHTS = {"": 400, "B": 640}
"""Style as the paper names it → weight of Inter, as on the pages."""
NOT_PRINTED = ("GSUB", "GPOS", "GDEF", "STAT")


@cache
def font_file(script: str, style: str) -> Path:
    """The TrueType file of one script in one weight."""
    source = Path(settings.BASE_DIR) / "static" / "fonts" / f"inter-{script}.woff2"
    mark = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    made = Path(settings.VAR_DIR) / "fonts" / f"inter-{script}-{WEIGHTS[style]}-{mark}.ttf"
    if not made.exists():
        _make(source, WEIGHTS[style], made)
    return made


def _make(source: Path, weight: int, made: Path) -> None:
    font = TTFont(source)
    plain = instancer.instantiateVariableFont(font, {"wght": weight})
    plain.flavor = None
    for table in NOT_PRINTED:
        if table in plain:
            del plain[table]
    made.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=made.parent, suffix=".tmp")
    try:
        with os.fdopen(number, "wb") as file:
            plain.save(file)
        Path(name).replace(made)  # two processes that make it at once end with the same file
    finally:
        Path(name).unlink(missing_ok=True)


@cache
def letters_of(script: str) -> frozenset[int]:
    """The characters that the font of a script draws."""
    return frozenset(TTFont(font_file(script, "")).getBestCmap())


def scripts_for(text: str) -> list[str]:
    """The fonts that a text needs, Latin always first."""
    asked = {ord(each) for each in text} - letters_of("latin")
    return ["latin", *(script for script in SCRIPTS[1:] if asked & letters_of(script))]


def undrawn(text: str, but: Iterable[str] = "\n\t") -> list[str]:
    """Characters for which none of the fonts has a shape, in their order."""
    known = frozenset().union(*(letters_of(script) for script in SCRIPTS)) | {ord(each) for each in but}
    return sorted({each for each in text if ord(each) not in known})
