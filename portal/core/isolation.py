"""The second wall: the database shows a transaction only what its role and its lists of tenants and cases allow.

A scope says as whom queries run: a tenant's person (their tenants and cases), an officer (reads all, writes where
officers decide), the worker (sweeps and timetable), or nobody. It is ambient: whoever enters one need not open a
transaction; each transaction that begins inside takes on the role and the lists with ``SET LOCAL``, which end with it,
so nothing is left on a connection that a pooler hands to the next. A query to a tenant's table outside every scope
raises here, and in the database finds a login that was granted nothing. ``portal.core.walls`` builds the wall itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone
from psycopg.pq import TransactionStatus

from portal.core.bounds import Bound, bound_of
from portal.models import User


class Face(StrEnum):
    """As what somebody acts; each is a role of the database (``role``)."""

    TENANT = "tenant"
    OFFICER = "officer"
    WORKER = "worker"
    OWNER = "owner"
    """The connection's own role: migrations, and tests that set rows up."""


class OutsideScope(RuntimeError):
    """A query to a tenant's table with nobody on whose behalf."""


class Nested(RuntimeError):
    """A scope of one person inside another's."""


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf the database is asked. ``tenants`` and ``cases`` are ids as text, joined by commas."""

    face: Face
    user_id: int | None = None
    tenants: str = ""
    cases: str = ""
    dual: bool = False
    """Staff who belong to a tenant too: the door decides as which of the two they act."""


WORKER = Scope(Face.WORKER)
OWNER = Scope(Face.OWNER)
NOBODY = Scope(Face.TENANT)
current: ContextVar[Scope | None] = ContextVar("isolation_scope", default=None)
behind: dict[str, tuple[str, str]] = {}
"""Label of a model behind the wall → (column, the list its value must be on); apps fill it (``walls.shelter``)."""

not_for_tenants: set[str] = set()
"""Labels of models without a policy that only the roles of officers and of the portal itself can read."""

NO_SCOPE = frozenset({"/healthz"})
"""Paths that ask no table; a probe is to cost nothing."""
APPLY = (
    "SELECT set_config('app.user_id', %s, true), set_config('app.tenant_ids', %s, true), "
    "set_config('app.case_ids', %s, true), set_config('role', %s, true)"
)
DERIVE = "SELECT app.tenants_of(%s, %s), app.cases_of(%s), app.is_staff(%s, %s)"


def role(name: str) -> str:
    """The database's role of that name in this installation: the prefix keeps installations on one server apart."""
    return f"{settings.DATABASE_ROLE_PREFIX}_{name}"


@contextmanager
def scope(user: User | AnonymousUser | None, face: Face | None = None) -> Iterator[Scope]:
    """Act for ``user``. Without a ``face``, staff act as officers and everybody else as a tenant's person."""
    with entered(derive(user, face)) as found:
        yield found


def as_worker() -> Any:
    """Act as the portal itself: tasks, sweeps, commands."""
    return entered(WORKER)


@contextmanager
def for_tenant(tenant_id: int) -> Iterator[Scope]:
    """Act for one tenant and nobody in particular: a task that was told its id."""
    with entered(Scope(Face.TENANT, None, str(tenant_id))) as found:
        yield found


@contextmanager
def entered(wanted: Scope) -> Iterator[Scope]:
    """Make ``wanted`` the scope, inside a running transaction too, and put back what was there.

    One person's scope does not open inside another person's; the portal itself may act inside anybody's.
    """
    before = current.get()
    if before and before.user_id and wanted.user_id and before.user_id != wanted.user_id:
        raise Nested(f"a scope of person {wanted.user_id} inside one of person {before.user_id}")
    token = current.set(wanted)
    running = _in_transaction()
    if running:
        _apply(wanted)
    try:
        yield wanted
    finally:
        current.reset(token)
        # SET LOCAL outlives a savepoint, so it is put back by hand; a broken transaction ends by itself
        if running and _in_transaction():
            _apply(before)


def derive(user: User | AnonymousUser | None, face: Face | None = None) -> Scope:
    """The scope of a person as their memberships are at this moment."""
    if user is None or not user.is_authenticated or not user.is_active:
        return NOBODY
    connection.ensure_connection()
    now = timezone.now()
    with connection.connection.cursor() as cursor:  # beside Django's cursor: belongs to no page's queries
        cursor.execute(DERIVE, [user.pk, now, user.pk, user.pk, now])
        tenants, cases, staff = cursor.fetchone()
    if bound := bound_of(user):
        return _within(bound, user, tenants or "", cases or "", staff=bool(staff))
    chosen = face or (Face.OFFICER if staff or user.is_platform_admin else Face.TENANT)
    return Scope(chosen, user.pk, tenants or "", cases or "", bool(staff and tenants))


def _within(bound: Bound, user: User, tenants: str, cases: str, *, staff: bool) -> Scope:
    """The scope of a token: its one tenant, or what its person sees at an authority without their tenants."""
    if bound.field == "tenant":
        return Scope(Face.TENANT, user.pk, str(bound.pk) if str(bound.pk) in tenants.split(",") else "")
    return Scope(Face.OFFICER if staff else Face.TENANT, user.pk, "", cases)


def turn(face: Face) -> None:
    """Let the running scope of a person go on with another face: the door they came through says which."""
    now = current.get()
    assert now is not None, "only a scope can turn"
    wanted = replace(now, face=face)
    current.set(wanted)
    if _in_transaction():
        _apply(wanted)


def reserve(model: type[models.Model]) -> int:
    """The id of a row that is about to be made, so that the running scope can be let see it (``admit``)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        (number,) = cursor.fetchone()
    return int(number)


def within(wanted: Scope | None, parts: Iterable[Any]) -> Iterator[Any]:
    """Go through ``parts``, made while they are sent, in the scope of the request that began them."""
    if wanted is None:
        yield from parts
        return
    with entered(wanted):
        yield from parts


def admit(*, tenant_id: int | None = None, case_id: int | None = None) -> None:
    """Let the running scope see a row that it is about to make: its id goes onto the list beforehand."""
    now = current.get()
    if now is None or now.face is not Face.TENANT:
        return
    wider = replace(now, tenants=_with(now.tenants, tenant_id), cases=_with(now.cases, case_id))
    current.set(wider)
    if _in_transaction():
        _apply(wider)


def _with(ids: str, new: int | None) -> str:
    return ids if new is None else f"{ids},{new}" if ids else str(new)


def _in_transaction() -> bool:
    return connection.in_atomic_block and connection.connection is not None and _status() is TransactionStatus.INTRANS


def _status() -> TransactionStatus:
    found: TransactionStatus = connection.connection.info.transaction_status
    return found


def _apply(wanted: Scope | None) -> None:
    values = ["", "", "", "none"]
    if wanted is not None and wanted.face is not Face.OWNER:
        values = [str(wanted.user_id or ""), wanted.tenants, wanted.cases, role(wanted.face)]
    with connection.connection.cursor() as cursor:
        cursor.execute(APPLY, values)


def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's signature
    """Around every statement: the first of a transaction takes on the scope, and without one tenants' tables are shut."""
    wanted = current.get()
    if wanted is None:
        if settings.ISOLATION_REQUIRED and (table := touches(sql)):
            raise OutsideScope(f"a query to {table} outside a scope (portal.core.isolation): {sql[:200]}")
        return execute(sql, params, many, context)
    if wanted.face is Face.OWNER:
        return execute(sql, params, many, context)
    if context["connection"].in_atomic_block:
        if _status() is TransactionStatus.IDLE:
            _apply(wanted)
        return execute(sql, params, many, context)
    with transaction.atomic():  # a statement by itself is a transaction by itself, in the scope's role
        _apply(wanted)
        return execute(sql, params, many, context)


def touches(sql: str) -> str | None:
    """The first table that a statement names and that the login itself cannot read."""
    found = _names().search(sql)
    return found[1] if found else None


@cache
def _names() -> re.Pattern[str]:
    tables = [apps.get_model(label)._meta.db_table for label in (*behind, *not_for_tenants)]
    return re.compile(r"\b(" + "|".join(sorted(tables, key=len, reverse=True)) + r")\b")


def watch(connection: Any, **_: Any) -> None:
    if guard not in connection.execute_wrappers:
        connection.execute_wrappers.append(guard)


connection_created.connect(watch, dispatch_uid="portal.core.isolation")


OBJECTION = """
SELECT rolname, rolsuper, rolbypassrls, EXISTS (
    SELECT 1 FROM pg_class WHERE relowner = r.oid AND relname = ANY (%s) AND relkind IN ('r', 'p')
), pg_has_role(current_user, %s, 'USAGE') FROM pg_roles r WHERE rolname = current_user
"""


def check_login() -> None:
    """Refuse to serve with a login that the second wall does not hold: a superuser's, an exempt one, the owner's.

    Asked once, before a process serves anybody, in a connection of its own; raises ImproperlyConfigured.
    """
    if not settings.ISOLATION_REQUIRED:
        return
    told = connection.settings_dict
    options = {name: value for name, value in told["OPTIONS"].items() if name != "pool"}
    tables = [apps.get_model(label)._meta.db_table for label in behind]
    with psycopg.connect(
        host=told["HOST"] or None, port=told["PORT"] or None, user=told["USER"] or None,
        password=told["PASSWORD"] or None, dbname=told["NAME"], **options,
    ) as session:  # fmt: skip
        found = session.execute(OBJECTION, [tables, role(Face.WORKER)]).fetchone()
    assert found is not None, "everybody who is signed in has a role"
    name, *objections = found
    reasons = ("is a superuser", "may bypass row-level security", "owns the tables", "inherits the roles it turns into")
    for reason, holds in zip(reasons, objections, strict=True):
        if holds:
            raise ImproperlyConfigured(
                f"The database login {name} {reason}, so nothing would keep tenants apart in the database. "
                "Give what `manage.py db_roles` prints to the administrator of the database, and run `manage.py migrate`."
            )
