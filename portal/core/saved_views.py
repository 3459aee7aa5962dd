"""Saved views of lists: a person's own, and those that colleagues shared with a place they belong to.

A view holds no rows and no rights: it is an address, and whoever opens it sees what they may see there.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.core.access import PersonScope, ScopedQuerySet
from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.registry import circles
from portal.core.written import Written
from portal.models import SavedView, User

MOST = 20
"""Saved views of one person for one list."""


class SavedViewQuerySet(ScopedQuerySet[SavedView]):
    """What somebody may change: their own. What stands above a list is ``views_of``."""

    scopes = (PersonScope("user", {"view"}),)


def saved_views() -> SavedViewQuerySet:
    return SavedViewQuerySet(SavedView)


def views_of(person: User, page: str) -> list[SavedView]:
    """The views above a list: one's own and the shared ones of one's places, by name. One query."""
    return [_view(row) for row in _above(page).rows(person)]


@cache
def _above(page: str) -> Written:
    """The question for the views above one list."""

    def build(person: User, now: datetime) -> QuerySet[Any]:
        rows = Q(user_id=person.pk)
        for members in circles:
            rows |= Q(circle__in=members(person, now).values("public_id"))
        return SavedView.objects.filter(rows, page=page).order_by("name", "pk").values_list(*COLUMNS, *OWNER)

    return Written(build)


def _view(row: tuple[Any, ...]) -> SavedView:
    *columns, full_name, email = row
    view = SavedView.from_db(None, COLUMNS, columns)
    view.user = User(pk=view.user_id, full_name=full_name, email=email)
    return view


COLUMNS = [field.attname for field in SavedView._meta.concrete_fields]
OWNER = ("user__full_name", "user__email")


def circles_of(person: User) -> list[tuple[UUID, str]]:
    """(public id, name) of the places with whose people one may share."""
    return [(row.public_id, str(row)) for members in circles for row in members(person, None).order_by("name")]


@transaction.atomic
def save_view(*, acting_user: User, page: str, name: str, query: str, circle: UUID | None = None) -> SavedView:
    """Keep a list as it is under a name; the same name again replaces what was kept."""
    if circle is not None and circle not in {key for key, _name in circles_of(acting_user)}:
        raise Refused(_("You do not belong to this place, so you cannot share with its people."), field="circle")
    mine = SavedView.objects.filter(user=acting_user, page=page)
    if mine.exclude(name=name.strip()).count() >= MOST:
        raise Conflict(
            _("You keep %(most)d views of this list already. Remove one that you do not need any more.")
            % {"most": MOST}
        )
    facts: dict[str, Any] = {"query": query, "circle": circle}
    row, _new = SavedView.objects.update_or_create(user=acting_user, page=page, name=name.strip(), defaults=facts)
    record(
        "view.saved", acting_user=acting_user, target=acting_user, after={"page": page, "shared": circle is not None}
    )
    return row


@transaction.atomic
def remove_view(*, acting_user: User, view: SavedView) -> None:
    """Away with a saved view; the list itself stays as it is."""
    record("view.removed", acting_user=acting_user, target=acting_user, before={"page": view.page})
    view.delete()
