"""Questions about a person whose SQL is always the same but for who asks and when: built once, asked often.

The menu of every page asks several, and building their SQL anew each time cost more than everything the database did.
What is kept knows nothing of a token's bounds: a person who acts with one is asked about anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.utils import timezone

from portal.core.bounds import bound_of
from portal.models import User

# Stand-ins in SQL that is written once; no key and no moment of a real row.
SOMEBODY, SOME_TIME = -1_414_213_562, datetime(1, 1, 2, 3, 4, 5, tzinfo=UTC)
Build = Callable[[User, datetime], "models.QuerySet[Any]"]
Sql = tuple[str, tuple[Any, ...]]


class Written:
    """``build(person, now)`` is the question; only the person's key, ``now`` and whether they are an administrator of the
    site may enter it.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self._known: dict[bool, Sql | None] = {}

    def rows(self, user: User) -> list[tuple[Any, ...]]:
        """What the database answers for ``user`` now, as it stores it."""
        if bound_of(user) is not None:
            written = _sql(self.build(user, timezone.now()))
        else:
            written = self._of(is_admin=bool(user.is_platform_admin))
        if written is None:
            return []
        sql, params = written
        known = {SOMEBODY: user.pk, SOME_TIME: timezone.now()}
        values: list[Any] = [known.get(each, each) if _plain(each) else each for each in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _of(self, *, is_admin: bool) -> Sql | None:
        if is_admin not in self._known:
            somebody = User(pk=SOMEBODY, is_active=True, is_platform_admin=is_admin)
            written = _sql(self.build(somebody, SOME_TIME))
            if written and any(isinstance(each, datetime) and each != SOME_TIME for each in written[1]):
                raise LookupError("a moment of its own entered a question that is kept; let it come from `now`")
            self._known[is_admin] = written
        return self._known[is_admin]


def _plain(value: object) -> bool:
    return isinstance(value, int | datetime)


def _sql(rows: models.QuerySet[Any]) -> Sql | None:
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
