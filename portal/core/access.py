"""May I? One answer, on the queryset, for lists, details, menus, choice fields, sockets and exports.

A model says along which paths people reach it (``scopes``); ``visible_to`` turns that into one WHERE, ``fetch``
into one row or the right refusal. This module is the only door to django-guardian: its rows exist on the anchors
alone (Authority, Tenant, Provider), in direct-foreign-key tables, as a projection of the membership rows. Both
must agree: guardian knows no end dates, so a membership that is live now is asked for as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Self, TypeVar

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone

from portal.core.bounds import Bound, bound_of
from portal.core.errors import Forbidden, NotFound
from portal.core.refusals import dealing_with
from portal.core.written import SOME_TIME, SOMEBODY, Written
from portal.models import User

Row = TypeVar("Row", bound=models.Model)
Visitor = User | AnonymousUser


class _Among(Func):
    template, arg_joiner, output_field = "(%(expressions)s))", " = ANY (", models.BooleanField()


def among(column: str, ids: models.QuerySet[Any]) -> Any:
    """Whether a column is among the ids, which are read once beforehand.

    As a sub-select PostgreSQL looks them up again for each row, behind the second wall with the whole list of tenants each
    time: for a member of 2,000 tenants that was a second a question. Only the first few of an order stay those.
    """
    return _Among(F(column), ArraySubquery(ids if ids.query.is_sliced else ids.order_by()))


@dataclass(frozen=True)
class Anchor:
    """An entity that carries guardian rows: where they are, and which memberships must be live for them to count."""

    permissions: type[models.Model]
    memberships: type[models.Model]
    field: str


_anchors: dict[str, Anchor] = {}


def register_anchor(
    label: str, *, permissions: type[models.Model], memberships: type[models.Model], field: str
) -> None:
    """Make ``label`` ("tenants.Tenant") an anchor; called from ``AppConfig.ready()``."""
    _anchors[label] = Anchor(permissions, memberships, field)


def anchor_ids(label: str, user: Visitor, codenames: Iterable[str]) -> models.QuerySet[Any]:
    """Ids of the anchors on which ``user`` holds one of ``codenames`` today, as a sub-select of one column."""
    anchor = _anchors[label]
    live = anchor.memberships._default_manager.filter(live_now(), user=user).values(f"{anchor.field}_id")
    rows = anchor.permissions._default_manager.filter(
        user=user, permission__codename__in=sorted(codenames), content_object_id__in=live
    )
    return _within_bound(rows, label, user).values("content_object_id").order_by()


def _within_bound(rows: models.QuerySet[Any], label: str, user: Visitor) -> models.QuerySet[Any]:
    """Grants on anchors of this kind, cut to the one that the person's token is bound to, if they act with a token."""
    bound = bound_of(user)
    if bound is None:
        return rows
    return rows.filter(content_object_id=bound.pk) if bound.anchor == label else rows.none()


@lru_cache(maxsize=256)
def _written(label: str, codenames: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """The SQL of ``anchor_ids`` and its parameters, with stand-ins for the person and the moment.

    Every list asks this several times, and building it anew each time took a fifth of the page.
    """
    anchor = _anchors[label]
    live = anchor.memberships._default_manager.filter(live_now(SOME_TIME), user_id=SOMEBODY)
    rows = anchor.permissions._default_manager.filter(
        among("content_object_id", live.values(f"{anchor.field}_id")),
        user_id=SOMEBODY, permission__codename__in=codenames,
    )  # fmt: skip
    sql, params = rows.values("content_object_id").order_by().query.sql_with_params()
    return sql, tuple(params)


def _anchors_of(label: str, user: Visitor, codenames: Iterable[str]) -> RawSQL:
    """``anchor_ids`` for use inside a WHERE."""
    return _said(*_written(label, tuple(sorted(codenames))), user)


def _said(sql: str, params: tuple[Any, ...], user: Visitor) -> RawSQL:
    """SQL that was written once, about this person at this moment."""
    known = {SOMEBODY: user.pk, SOME_TIME: SOME_TIME if user.pk == SOMEBODY else timezone.now()}
    values = (known.get(each, each) if isinstance(each, int | datetime) else each for each in params)
    return RawSQL(sql, tuple(values))  # noqa: S611  # ours, compiled by Django


@lru_cache(maxsize=256)
def _reached(model: type[models.Model], scope: AnyScope, verb: str) -> tuple[str, tuple[Any, ...]]:
    """The SQL of the keys that a path through many rows reaches, with the same stand-ins as ``_written``."""
    rows = scope.rows(User(pk=SOMEBODY, is_active=True), verb)
    sql, params = model._base_manager.filter(rows).order_by().values("pk").query.sql_with_params()
    if any(isinstance(each, datetime) and each != SOME_TIME for each in params):
        raise LookupError(f"a moment of its own entered what {scope} reaches, which is kept")
    return sql, tuple(params)


def live_now(now: datetime | None = None) -> Q:
    """Memberships in force at this moment: begun, and not ended."""
    now = now or timezone.now()
    return Q(valid_from__lte=now) & (Q(valid_until__isnull=True) | Q(valid_until__gt=now))


@dataclass(frozen=True, eq=False)
class Scope:
    """A path from a row to an anchor, and which guardian permission there answers which verb here.

    ``only`` narrows the rows that may be reached this way (an officer sees no draft that was never sent).
    """

    anchor: str
    path: str
    verbs: Mapping[str, str | tuple[str, ...]]
    only: Q = field(default_factory=Q)

    def rows(self, user: Visitor, verb: str) -> Q | None:
        wanted = self.verbs.get(verb)
        if wanted is None:
            return None
        codenames = (wanted,) if isinstance(wanted, str) else wanted
        name = f"{self.path}__in" if self.path else "pk__in"
        # what a token narrows is rare and written anew; the SQL that is kept knows nothing of bounds
        ids = _anchors_of if bound_of(user) is None else anchor_ids
        reached = Q(**{name: ids(self.anchor, user, codenames)})
        return reached & self.only if self.only else reached

    @property
    def many(self) -> bool:
        """Whether the path runs through rows of which there may be several (then results repeat)."""
        return "__" in self.path


@dataclass(frozen=True, eq=False)
class PersonScope:
    """Rows that name the person: their own notifications, the cases they fill in."""

    path: str
    verbs: frozenset[str]

    def __init__(self, path: str, verbs: Iterable[str]) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "verbs", frozenset(verbs))

    def rows(self, user: Visitor, verb: str) -> Q | None:
        return Q(**{self.path: user}) if verb in self.verbs else None

    @property
    def many(self) -> bool:
        return "__" in self.path


@dataclass(frozen=True)
class SiteScope:
    """Rows of the site itself, in the hands of platform admins; ``only`` narrows them."""

    verbs: frozenset[str]
    only: Q

    def __init__(self, verbs: Iterable[str], only: Q | None = None) -> None:
        object.__setattr__(self, "verbs", frozenset(verbs))
        object.__setattr__(self, "only", only or Q())

    many = False

    def rows(self, user: Visitor, verb: str) -> Q | None:
        if verb not in self.verbs:
            return None
        return self.only if getattr(user, "is_platform_admin", False) else Q(pk__in=[])


@dataclass(frozen=True)
class EveryoneScope:
    """Rows that any signed-in person may see: a catalogue, never anybody's data."""

    verbs: frozenset[str]

    def __init__(self, verbs: Iterable[str]) -> None:
        object.__setattr__(self, "verbs", frozenset(verbs))

    many = False

    def rows(self, user: Visitor, verb: str) -> Q | None:
        return Q() if verb in self.verbs else None


AnyScope = Scope | PersonScope | SiteScope | EveryoneScope


class ScopedQuerySet(models.QuerySet[Row]):
    """A queryset that knows who may see it. ``scopes`` is the whole law of its model."""

    scopes: tuple[AnyScope, ...] = ()

    def visible_to(self, user: Visitor, verb: str = "view", *, few: bool = False) -> Self:
        """The rows on which ``user`` may do ``verb``. Nobody, and the inactive, see none. Unknown verbs raise.

        ``few``: only the first few are wanted, so rows that are reached through many others are asked one by one, where
        else the database works out all of them beforehand. The answer is the same.
        """
        known = [scope for scope in self.scopes if verb in scope.verbs]
        if not known:
            raise LookupError(f"{self.model.__name__} has no scope that knows the verb {verb!r}")
        if not user.is_authenticated or not user.is_active:
            return self.none()
        single, several = Q(), []
        for scope in known:
            if scope.many and not few and bound_of(user) is None:
                single |= Q(pk__in=_said(*_reached(self.model, scope, verb), user))
                continue
            rows = scope.rows(user, verb)
            if rows is not None and (bound := bound_of(user)) and not isinstance(scope, Scope):
                rows = self._bound(scope, rows, bound)
            if rows is None:
                continue
            if scope.many:
                several.append(rows)
            elif not rows:
                return self.all()
            else:
                single |= rows
        # a path through many rows would repeat ours; asked for by key, each comes once and slices stay exact
        for rows in several:
            reached = self.model._base_manager.filter(rows).order_by().values("pk")
            single |= Q(pk=Subquery(reached.filter(pk=OuterRef("pk"))[:1])) if few else Q(pk__in=reached)
        return self.filter(single) if single else self.none()

    def _bound(self, scope: AnyScope, rows: Q, bound: Bound) -> Q | None:
        """What of rows that no anchor opens a token reaches: a person's own of the place it is bound to (their own row
        says which, or the row they belong to: a document's application), catalogues, and nothing of the site's.
        """
        if isinstance(scope, SiteScope):
            return None
        label = self.model._meta.label
        if label in _anchors:
            return rows & Q(pk=bound.pk) if label == bound.anchor else None
        if isinstance(scope, EveryoneScope):
            return rows
        column = f"{bound.field}_id"  # of a long work it is a plain number, which points nowhere
        if column in _columns(self.model):
            return rows & Q(**{column: bound.pk})
        owner, several, _rest = scope.path.partition("__")
        of_owner = _columns(self.model._meta.get_field(owner).related_model) if several else frozenset()
        return rows & Q(**{f"{owner}__{column}": bound.pk}) if column in of_owner else None


def _columns(model: Any) -> frozenset[str]:
    """The names of a table's own columns."""
    return frozenset(field.attname for field in model._meta.concrete_fields)


def fetch(queryset: ScopedQuerySet[Row], user: Visitor, verb: str = "view", **lookup: Any) -> Row:
    """The one row that ``lookup`` names, if ``user`` may do ``verb`` on it: fetching is checking.

    Raises NotFound when it is not theirs to see (or not there), Forbidden when they see it but may not do that.
    """
    row = queryset.visible_to(user).filter(**lookup).first()
    if row is None:
        unseen = NotFound()
        unseen.sought = (queryset.model, lookup)
        raise unseen
    dealing_with(row)
    if verb != "view" and not may(user, verb, row):
        raise Forbidden
    return row


def may(user: Visitor, verb: str, row: models.Model) -> bool:
    """Whether ``user`` may do ``verb`` on ``row``; one query."""
    manager: Any = type(row)._default_manager
    allowed: bool = manager.get_queryset().visible_to(user, verb).filter(pk=row.pk).exists()
    return allowed


def holds(user: Visitor, label: str, *codenames: str) -> bool:
    """Whether ``user`` holds one of ``codenames`` on any anchor of this kind; for menus."""
    if not user.is_authenticated or not user.is_active:
        return False
    return anchor_ids(label, user, codenames).exists()


def set_grants(anchor_row: models.Model, user: User, codenames: Iterable[str]) -> None:
    """Make the guardian rows of ``user`` on ``anchor_row`` exactly ``codenames``; the projection of memberships."""
    anchor = _anchors[anchor_row._meta.label]
    wanted = set(codenames)
    table = anchor.permissions._default_manager
    rows = table.filter(user=user, content_object_id=anchor_row.pk)
    held = dict(rows.values_list("permission__codename", "pk"))
    table.filter(pk__in=[pk for codename, pk in held.items() if codename not in wanted]).delete()
    missing = wanted - held.keys()
    if missing:
        app_label, model_name = anchor_row._meta.app_label, anchor_row._meta.model_name
        found = Permission.objects.filter(
            codename__in=missing, content_type__app_label=app_label, content_type__model=model_name
        )
        permissions = {p.codename: p for p in found}
        unknown = missing - permissions.keys()
        if unknown:
            raise LookupError(f"{anchor_row._meta.label} has no permissions {sorted(unknown)}")
        table.bulk_create(
            [
                anchor.permissions(user=user, permission=p, content_object_id=anchor_row.pk)
                for p in permissions.values()
            ],
            ignore_conflicts=True,
        )


def granted(label: str, user_ids: Iterable[int] | None = None) -> Iterable[tuple[int, int, str]]:
    """Every grant on anchors of this kind as (anchor id, user id, codename); for comparing with memberships."""
    rows = _anchors[label].permissions._default_manager.order_by()
    if user_ids is not None:
        rows = rows.filter(user__in=user_ids)
    return rows.values_list("content_object_id", "user_id", "permission__codename")


def rights_of(user: Visitor) -> dict[str, list[int]]:
    """Ids of the anchors on which the person holds a right today, by “Anchor:codename”; “site” for its administrators.

    For comparing what somebody may see now with what they might see then.
    """
    found: dict[str, list[int]] = {"site": [0]} if getattr(user, "is_platform_admin", False) else {}
    for label, anchor in _anchors.items():
        live = anchor.memberships._default_manager.filter(live_now(), user=user).values(f"{anchor.field}_id")
        rows = anchor.permissions._default_manager.filter(user=user, content_object_id__in=live)
        for pk, codename in rows.order_by().values_list("content_object_id", "permission__codename"):
            found.setdefault(f"{label}:{codename}", []).append(pk)
    return found


def anchors() -> dict[str, type[models.Model]]:
    """The anchor models by label; for rebuilding grants and for tests."""
    return {label: apps.get_model(label) for label in _anchors}


MEMO = "_powers"
"""Where a user object, which lives as long as one request, keeps what was asked for its menus."""


def powers(user: Visitor) -> frozenset[str]:
    """Every codename the person holds on any anchor today, in one query; for menus, never for decisions.

    Kept on the user object, which lives as long as one request.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    known: frozenset[str] | None = getattr(user, MEMO, None)
    if known is None:
        known = frozenset(codename for (codename,) in POWERS.rows(user)) if _anchors else frozenset()
        setattr(user, MEMO, known)
    return known


def _powers(user: User, now: datetime) -> models.QuerySet[Any]:
    parts = []
    for label, anchor in _anchors.items():
        live = anchor.memberships._default_manager.filter(live_now(now), user_id=user.pk).values(f"{anchor.field}_id")
        rows = anchor.permissions._default_manager.filter(among("content_object_id", live), user_id=user.pk)
        rows = _within_bound(rows, label, user)
        parts.append(rows.order_by().values_list("permission__codename", flat=True))
    return parts[0].union(*parts[1:])


POWERS = Written(_powers)
