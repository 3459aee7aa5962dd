"""Rows that bear one name, however it is written."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tenants.checks.names import keys_of

MOST = 20


def named(rows: QuerySet[Any], column: str, name: str, *, most: int = MOST) -> list[int]:
    """Keys of the rows whose name is the same one, as tenants.checks.names compares them; the newest first.

    Names are read and compared here: what makes two of them one (alphabets, legal forms, characters that nobody sees) is
    no rule that a database knows. Their readings are kept in the process.
    """
    wanted, found = keys_of(name), list[int]()
    if not wanted:
        return found
    for key, other in rows.order_by("-pk").values_list("pk", column):
        if not wanted.isdisjoint(keys_of(other)):
            found.append(key)
            if len(found) == most:
                break
    return found
