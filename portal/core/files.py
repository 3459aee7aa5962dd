"""Files that people bring along: what they really are, under which name they are kept, and where.

The content decides about the kind, never the name or what a browser said. Each kind is read to its end, so that
nothing else can be hidden behind it. Files lie below ``settings.UPLOAD_DIR``, outside of whatever a web server serves,
under random names; what they are called and whose they are is in the database.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import puremagic
from django.conf import settings
from django.utils.translation import gettext as _

from portal.core.errors import Refused

KINDS = {
    "pdf": ("application/pdf", "PDF"),
    "png": ("image/png", "PNG"),
    "jpg": ("image/jpeg", "JPEG"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"),
    "odt": ("application/vnd.oasis.opendocument.text", "OpenDocument"),
    "txt": ("text/plain; charset=utf-8", "Text"),
}
"""Ending → media type, and what people call it."""
SAME = {"jpeg": "jpg", "text": "txt"}
LONGEST_NAME = 100
UNPACKED = 64 * 2**20
MOST_PARTS = 5000
END_OF_ZIP = b"PK\x05\x06"
MARKUP = re.compile(
    r"<\s*(!doctype|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|meta|img|a\s)", re.IGNORECASE
)
MARKS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"PK\x03\x04": "zip"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: a harmless name, the kind that it really is, its content."""

    name: str
    ending: str
    sha256: str
    content: bytes = field(repr=False)


class _Wrong(Exception):
    """What is wrong with the content, as a sentence."""


def check_file(name: str, content: bytes, *, field: str = "file") -> Checked:
    """The file as it may be kept. Raises Refused with what is wrong and what to do."""
    shown = clean_name(name, "")
    largest = settings.UPLOAD_LARGEST_MIB
    try:
        ending = _understood(name, content, largest)
    except _Wrong as wrong:
        facts = {"name": shown, "largest": largest}
        raise Refused(str(wrong) % facts, code="portal.file_refused", field=field) from None
    return Checked(clean_name(name, ending), ending, hashlib.sha256(content).hexdigest(), content)


def _understood(name: str, content: bytes, largest: int) -> str:
    if not content:
        raise _Wrong(_("“%(name)s” is empty. Choose the file again; it may not have been saved yet."))
    if len(content) > largest * 2**20:
        raise _Wrong(_("“%(name)s” is larger than %(largest)d MiB. Make it smaller, or split it."))
    ending = _kind_of(content)
    _agrees(name, ending)
    return ending


def clean_name(name: str, ending: str) -> str:
    """The last part of a name without what a file system, a header or a reader could stumble over.

    Only one dot stays, before the ending that belongs to the content.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(c for c in last if c == " " or unicodedata.category(c)[0] not in "CZ")
    stem, dot, given = plain.rpartition(".")
    if not dot or not stem:
        stem, given = plain.strip("."), ""
    stem = re.sub(r'[.<>:"|?*%\x27`$;&]+', "_", stem).strip(" _-")[:LONGEST_NAME] or _("document")
    shown = ending or re.sub(r"\W", "", given)[:10]
    return f"{stem}.{shown}" if shown else stem


def _agrees(name: str, ending: str) -> None:
    given = re.split(r"[/\\]", name)[-1].rpartition(".")
    said = SAME.get(given[2].strip().lower(), given[2].strip().lower()) if given[1] else ""
    if said and said != ending:
        raise _Wrong(
            _("“%(name)s” is called something else than it is: its content is %(kind)s. Give it the ending .%(ending)s.")
            .replace("%(kind)s", KINDS[ending][1]).replace("%(ending)s", ending)
        )  # fmt: skip


def _kind_of(content: bytes) -> str:
    found = next((kind for mark, kind in MARKS.items() if content.startswith(mark)), "txt")
    {"pdf": _pdf, "png": _png, "jpg": _jpg, "txt": _txt}.get(found, _other)(content)
    return _office(content) if found == "zip" else found


def _other(content: bytes) -> None:
    """Archives are looked into by ``_office``."""


def _hides_more() -> _Wrong:
    return _Wrong(
        _("“%(name)s” holds something besides what it seems to be. Save it anew with the program it was made with.")
    )


def _pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _Wrong(_("“%(name)s” is damaged: its end is missing. Save it anew, or scan it again."))
    if content[end + 5 :].strip(b" \t\r\n\0") or END_OF_ZIP in content[-66_000:]:
        raise _hides_more()


def _png(content: bytes) -> None:
    place, kind = 8, b""
    while place + 12 <= len(content) and kind != b"IEND":
        kind = content[place + 4 : place + 8]
        place += 12 + int.from_bytes(content[place : place + 4], "big")
    if kind != b"IEND" or place > len(content):
        raise _Wrong(_("“%(name)s” is damaged: its end is missing. Save it anew, or scan it again."))
    if place != len(content):
        raise _hides_more()


def _jpg(content: bytes) -> None:
    if not content.rstrip(b"\0").endswith(b"\xff\xd9") or END_OF_ZIP in content[-66_000:]:
        raise _hides_more()


def _txt(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if any(ord(c) < ord(" ") and c not in "\t\n\r\f" for c in text) or MARKUP.search(text):
        what = _named(content) or _("unknown")
        raise _Wrong(
            _(
                "“%(name)s” is a file of another kind: %(what)s. What can be attached: PDF, PNG, JPEG, Word, Excel, OpenDocument text and plain text. Save it as one of these, for example as PDF."
            ).replace("%(what)s", what.replace("%", ""))
        )


def _named(content: bytes) -> str:
    """What a foreign file is, as far as it can be told."""
    try:
        return str(puremagic.magic_string(content[:4096])[0].name)
    except (puremagic.PureError, IndexError, ValueError):
        return ""


def _office(content: bytes) -> str:
    """Which office document an archive is; all of it is unpacked once, within bounds, and thrown away."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if content[-22:-18] != END_OF_ZIP or not parts or min(part.header_offset for part in parts):
                raise _hides_more()
            if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
                raise _hides_more()
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise _Wrong(_("“%(name)s” holds macros. Save it without them, or as PDF."))
            _unpack(archive, parts)
            if "mimetype" in names and archive.read("mimetype") == KINDS["odt"][0].encode():
                return "odt"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise _Wrong(_("“%(name)s” is damaged or locked with a password. Save it anew without one.")) from None
    for ending, inside in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")):
        if {"[Content_Types].xml", inside} <= names:
            return ending
    raise _Wrong(_("“%(name)s” is an archive. Attach the documents in it one by one."))


def _unpack(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    bomb = _Wrong(_("“%(name)s” unpacks to far more than a document holds. Save it anew, or as PDF."))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise bomb
    left = UNPACKED
    for part in parts:
        with archive.open(part) as unpacked:
            while piece := unpacked.read(2**20):
                left -= len(piece)
                if left < 0:
                    raise bomb


def keep(content: bytes) -> str:
    """Write a file under a random name, and say the name; it is on the disk when this returns."""
    key = secrets.token_hex(16)
    path = place(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return key


def read(key: str) -> bytes:
    """Raises OSError."""
    return place(key).read_bytes()


def forget(key: str) -> None:
    place(key).unlink(missing_ok=True)


def place(key: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError("no name of a kept file")
    return Path(settings.UPLOAD_DIR) / key[:2] / key


def all_kept() -> Iterator[Path]:
    return Path(settings.UPLOAD_DIR).glob("??/" + "[0-9a-f]" * 32)
