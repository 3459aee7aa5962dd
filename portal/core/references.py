"""Numbers that people say on the telephone: ON-2026-0187 for an application, QR-2026-0412 for a quota request."""

from __future__ import annotations

from typing import Literal

from django.db import connection
from django.utils import timezone


def next_reference(kind: Literal["ON", "QR"]) -> str:
    """The next free reference of ``kind``. Numbers may have gaps (a refused transaction keeps its number)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"portal_reference_{kind.lower()}"])
        (number,) = cursor.fetchone()
    return f"{kind}-{timezone.now().year}-{number:04d}"
