"""Files that people attach: honest ones, and the corpus of those that are refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
TEXT = "Statutes of the institute, § 1: name and seat.\n".encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + b"".join([
    chunk(b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""),
])  # fmt: skip
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x00" * 20 + b"\xff\xd9"


def archive(parts: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
DOCX = archive(WORD)
XLSX = archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
ODT = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"})
HONEST = {
    "statutes.pdf": PDF, "logo.png": PNG, "photo.jpg": JPEG, "photo.jpeg": JPEG, "letter.docx": DOCX, "list.xlsx": XLSX,
    "letter.odt": ODT, "notes.txt": TEXT, "NOTES.TXT": TEXT, "no ending": TEXT,
}  # fmt: skip


def lying(parts: Mapping[str, bytes]) -> bytes:
    """An archive whose directory says that its biggest part is ten bytes long."""
    made = bytearray(archive(parts))
    entry = made.find(b"PK\x01\x02", made.find(b"word/big.xml") + 20)
    while entry >= 0 and b"word/big.xml" not in made[entry : entry + 80]:
        entry = made.find(b"PK\x01\x02", entry + 4)
    made[entry + 24 : entry + 28] = struct.pack("<I", 10)
    return bytes(made)


BOMB = b"0" * (80 * 2**20)
OTHER_KIND = "What can be attached: PDF, PNG, JPEG, Word, Excel, OpenDocument text and plain text."
MORE_INSIDE = "holds something besides what it seems to be. Save it anew"
REFUSED = {
    "empty": ("a.pdf", b"", "is empty. Choose the file again"),
    "oversize": ("a.txt", b"a" * (2 * 2**20 + 1), "is larger than 2 MiB. Make it smaller"),
    "a page": ("a.html", b"<!DOCTYPE html><html><script>alert(1)</script>", OTHER_KIND),
    "a page as a text": ("a.txt", b"\n\n <html><body onload=alert(1)>", OTHER_KIND),
    "a script in a text": ("a.txt", b"hello <script src=//x></script>", OTHER_KIND),
    "a drawing": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', OTHER_KIND),
    "a drawing as a picture": ("a.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>', OTHER_KIND),
    "a programme": ("a.exe", b"MZ" + bytes(200), OTHER_KIND),
    "a programme as a PDF": ("a.pdf", b"\x7fELF" + bytes(200), OTHER_KIND),
    "a GIF": ("a.gif", b"GIF89a" + bytes(50), OTHER_KIND),
    "an old Word document": ("a.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), OTHER_KIND),
    "bytes that are no text": ("a.txt", b"\xff\xfe\x00a", OTHER_KIND),
    "a NUL in a text": ("a.txt", b"hello\0world", OTHER_KIND),
    "a PDF that is also an archive": ("a.pdf", PDF + DOCX, MORE_INSIDE),
    "a PDF with a page behind it": ("a.pdf", PDF + b"<html><script>alert(1)</script>", MORE_INSIDE),
    "a PDF behind something": ("a.pdf", b"#!/bin/sh\nrm -rf /\n\x00" + PDF, OTHER_KIND),
    "half a PDF": ("a.pdf", PDF[:40], "its end is missing"),
    "a PNG that is also an archive": ("a.png", PNG + DOCX, MORE_INSIDE),
    "a PNG with a page behind it": ("a.png", PNG + b"<html>", MORE_INSIDE),
    "half a PNG": ("a.png", PNG[:30], "its end is missing"),
    "a JPEG that is also an archive": ("a.jpg", JPEG + DOCX, MORE_INSIDE),
    "a JPEG with a page behind it": ("a.jpg", JPEG + b"<script>alert(1)</script>", MORE_INSIDE),
    "a Word document behind a programme": ("a.docx", b"MZ" + bytes(100) + DOCX, OTHER_KIND),
    "a Word document with something behind it": ("a.docx", DOCX + b"<script>", "archive|damaged|besides"),
    "a bomb in a Word document": ("a.docx", archive({**WORD, "word/big.xml": BOMB}), "unpacks to far more"),
    "a bomb that lies about its size": ("a.docx", lying({**WORD, "word/big.xml": BOMB}), "unpacks to far more|damaged"),
    "many parts": ("a.docx", archive({**WORD, **{f"word/{n}": b"" for n in range(5001)}}), "unpacks to far more"),
    "a part that climbs out": ("a.docx", archive({**WORD, "../../etc/passwd": b"x"}), MORE_INSIDE),
    "a part with a root": ("a.docx", archive({**WORD, "/etc/passwd": b"x"}), MORE_INSIDE),
    "macros": ("a.docx", archive({**WORD, "word/vbaProject.bin": b"x"}), "holds macros. Save it without them"),
    "an archive": ("a.zip", archive({"a.pdf": PDF}), "is an archive. Attach the documents in it one by one."),
    "an archive as a Word document": ("a.docx", archive({"a.pdf": PDF}), "is an archive"),
    "a broken archive": ("a.docx", DOCX[:-30] + bytes(30), "is damaged or locked"),
    "a PDF called a programme": ("bill.pdf.exe", PDF, "its content is PDF. Give it the ending .pdf."),
    "a PDF called a page": ("bill.html", PDF, "Give it the ending .pdf."),
    "a PDF called a picture": ("a.png", PDF, "Give it the ending .pdf."),
}  # fmt: skip
NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\system32\\a.pdf": "a.pdf",
    "a\0.html\0.pdf": "a_html.pdf",
    "bill.php.pdf": "bill_php.pdf",
    "bill.pdf.pdf": "bill_pdf.pdf",
    ".htaccess.pdf": "htaccess.pdf",
    "...pdf": "document.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie_ x=1.pdf",
    "fdp.\u202eexe.pdf": "fdp_exe.pdf",
    'a";b|c<d>.pdf': "a_b_c_d.pdf",
    "x" * 400 + ".pdf": "x" * 100 + ".pdf",
    "Satzung der Universität Ærø.pdf": "Satzung der Universität Ærø.pdf",
    "": "document.pdf",
    ".pdf": "pdf.pdf",
    "/": "document.pdf",
}
