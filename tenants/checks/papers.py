"""When a document was made, as far as the file says so itself."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib

PDF_DATE = re.compile(rb"/CreationDate\s*\(\s*D:(\d{8})")
OFFICE_DATE = re.compile(rb"<(?:dcterms:created|meta:creation-date)[^>]*>\s*(\d{4})-(\d{2})-(\d{2})")
PARTS = ("docProps/core.xml", "meta.xml")
LARGEST_PART = 2**20


def made_on(ending: str, content: bytes) -> dt.date | None:
    """The day on which the file says that it was made; None where it does not say, or nonsense."""
    if ending == "pdf":
        found = PDF_DATE.search(content)
        text = found[1].decode() if found else ""
        return _day(text[:4], text[4:6], text[6:8])
    if ending in {"docx", "xlsx", "odt"}:
        found = OFFICE_DATE.search(_told(content))
        return _day(*(part.decode() for part in found.groups())) if found else None
    return None


def _told(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in PARTS:
                if name in archive.namelist():
                    with archive.open(name) as part:
                        return part.read(LARGEST_PART)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        return b""
    return b""


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
