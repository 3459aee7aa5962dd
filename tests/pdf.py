"""Reads the text of a PDF that the portal wrote, as a reader's program would: through each font's table to Unicode."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:[^\\()]|\\.)*)\) Tj|(ET)", re.DOTALL)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
NAMED = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """All its text in the order of printing, one line for each that is set."""
    objects = {int(found[1]): found[2] for found in OBJECT.finditer(pdf)}
    fonts = dict(_fonts(objects))
    lines: list[str] = []
    for body in objects.values():
        content = _stream(body)
        if b" Tj" in content:
            lines += _lines(content, fonts)
    return "\n".join(lines)


def _stream(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def _fonts(objects: dict[int, bytes]) -> Iterator[tuple[bytes, dict[int, str]]]:
    resources = b"".join(objects.values())
    for name, number in set(re.findall(rb"/(F\d+) (\d+) 0 R", resources)):
        table = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert table is not None
        pairs = re.findall(rb"<(\w{4})> <(\w+)>", _stream(objects[int(table[1])]))
        yield name, {int(code, 16): bytes.fromhex(said.decode()).decode("utf-16-be") for code, said in pairs}


def _lines(content: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    font, line = b"", ""
    for chosen, shown, end in SHOWN.findall(content):
        if chosen:
            font = chosen
        elif end:
            if line:
                yield line
            line = ""
        else:
            raw = ESCAPED.sub(lambda found: NAMED.get(found[1], found[1]), shown)
            codes = [int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)]
            line += "".join(fonts[font].get(code, "?") for code in codes)
