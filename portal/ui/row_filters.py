"""A filter by rows of another table, named by their short names, several at once: clusters, kinds of GPUs, tenants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.functional import Promise
from django_filters.fields import ModelMultipleChoiceField
from drf_spectacular.utils import extend_schema_field

from portal.core.access import Visitor
from portal.core.written import Written
from portal.models import User, isolated

MOST_OPTIONS = 100


class RowsField(ModelMultipleChoiceField):  # type: ignore[misc]  # django-filter is untyped
    """``offered``: value and label of the rows that may be chosen, at most one more than are listed."""

    offered: Callable[[], list[tuple[str, str]]] | None = None


class RowFilter(django_filters.ModelMultipleChoiceFilter):  # type: ignore[misc]  # likewise
    """What is offered is asked with SQL that is written once; the rows themselves only for an address that names some.

    ``rows``: their model.
    """

    field_class = RowsField

    def __init__(self, rows: Any, path: str, label: str | Promise, read: tuple[str, ...], **how: Any) -> None:
        super().__init__(label=label, field_name=path, to_field_name="slug", widget=forms.CheckboxSelectMultiple, **how)
        self.rows, self.read = rows, read

    @property
    def field(self) -> Any:
        request = self.get_request()
        found = super().field
        found.offered = partial(offered, self.rows, request.user) if request else None
        return found

    def get_queryset(self, request: Any) -> Any:
        """The rows that the person may choose. Who writes the schema asks without anybody, and is offered nothing."""
        asked = any(each is self and name in self.parent.data for name, each in self.parent.filters.items())
        person = request.user if request and asked else AnonymousUser()
        return _named(self.rows._default_manager.visible_to(person), *self.read)


def by_slug(rows: Any, path: str, label: str | Promise, *, read: tuple[str, ...] = (), **how: Any) -> Any:
    """Rows by their short names; the schema is told that they are texts. ``read``: what else the filter asks of them.

    A path through many rows needs ``distinct=True``, without which one row would come several times.
    """
    how.setdefault("distinct", False)
    return extend_schema_field({"type": "array", "items": {"type": "string"}})(
        RowFilter(rows, path, label, read, **how)
    )


def offered(rows: Any, person: Visitor) -> list[tuple[str, str]]:
    """Short name and name of the first rows that the person may choose, by name."""
    if not isinstance(person, User) or not person.is_active:
        return []
    return [(slug, isolated(name)) for slug, name in _first(rows).rows(person)]


@cache
def _first(rows: Any) -> Written:
    def build(person: User, _now: datetime) -> models.QuerySet[Any]:
        named = _named(rows._default_manager.visible_to(person))
        first: models.QuerySet[Any] = named.values_list("slug", "name")[: MOST_OPTIONS + 1]
        return first

    return Written(build)


def _named(rows: Any, *more: str) -> Any:
    return rows.only("slug", "name", *more).order_by("name")
